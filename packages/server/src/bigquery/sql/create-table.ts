import { columnDefinition, columnSql, type DefinedColumn, plainColumn } from './column-definitions.js';
import { createTableFrom } from './create-table-from.js';
import { type Creation, creation } from './creation.js';
import { creationSql } from './creation-sql.js';
import { ddlPlan, optionsRecord, tableSql } from './ddl-plans.js';
import { alone, named } from './models.js';
import { clusteringOf, partitioningOf } from './partitioning.js';
import { type Plan, type QueryPlan, SqlError, type TableDefinition } from './plan.js';
import type { Scope } from './scope.js';
import {
  child,
  has,
  invalid,
  keyword,
  list,
  need,
  notSupported,
  only,
  positionOf,
  type SyntaxNode,
} from './syntax.js';
import { nameParts } from './table-names.js';
import { quoteName } from './types.js';

const UNSUPPORTED = [
  'external',
  'snapshot',
  'clone',
  'default_collate',
  'with_connection',
  'with_partition_columns',
];
const CLAUSES = [
  'or_replace',
  'temp',
  'what',
  'if_not_exists',
  'ident',
  'column_schema_group',
  'partitionby',
  'clusterby',
  'options',
  'as',
];

export function createTable(node: SyntaxNode, scope: Scope): Plan {
  for (const clause of UNSUPPORTED) {
    const found = child(node, clause);
    if (found !== undefined) throw notSupported(`CREATE TABLE with ${keyword(found)}`, found);
  }
  if (child(node, 'like_or_copy') !== undefined) return createTableFrom(node, scope);
  only(node, ...CLAUSES);
  const temporary = has(node, 'temp');
  const made = temporary ? temporaryTable(node, scope) : creation(node, scope, 'table');
  const as = child(node, 'as');
  const source = as === undefined ? undefined : sourceOf(need(as, 'stmt'), node, scope);
  const defined = definedColumns(node, source, scope);
  const columns = defined.map(({ column }) => column);
  const definition: TableDefinition = {
    columns,
    ...partitioningOf(child(node, 'partitionby'), columns),
    ...clusteringOf(child(node, 'clusterby'), columns),
    ...optionsRecord(child(node, 'options'), scope),
  };
  const name = temporary ? `temp.${quoteName(made.target.table)}` : tableSql(made.target);
  const columnSqls = defined.map(({ sql }) => sql);
  const sql = made.skipped ? [] : creationSql(name, columnSqls, source, node, made.replaces);
  const operation = source === undefined ? 'CREATE_TABLE' : 'CREATE_TABLE_AS_SELECT';
  const { target, skipped, replaces } = made;
  return ddlPlan(operation, target, scope, { sql, temporary, skipped, replaces, definition }, source);
}

function sourceOf(query: SyntaxNode, node: SyntaxNode, scope: Scope): QueryPlan {
  return has(node, 'column_schema_group') ? alone(query, scope) : named(query, scope, 'CREATE TABLE');
}

/** As they are declared, or as the query has them. */
function definedColumns(node: SyntaxNode, source: QueryPlan | undefined, scope: Scope): DefinedColumn[] {
  const declared = child(node, 'column_schema_group');
  if (declared === undefined && source === undefined) {
    throw invalid(node, 'CREATE TABLE needs columns or AS and a query');
  }
  const columns =
    declared === undefined
      ? source!.columns.map((column) => ({ column: plainColumn(column), sql: columnSql(column) }))
      : list(declared, 'declarations').map((one) => columnDefinition(one, scope));
  if (columns.length === 0) throw invalid(node, 'Table must have at least one column');
  const names = columns.map(({ column }) => column.name.toLowerCase());
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice >= 0) throw invalid(node, `Duplicate column name ${columns[twice]!.column.name}`);
  return columns;
}

/** Lives on the connection and ends with it. */
function temporaryTable(node: SyntaxNode, scope: Scope): Creation {
  const ident = need(node, 'ident');
  const parts = nameParts(ident).filter((part) => part.toUpperCase() !== '_SESSION');
  if (parts.length !== 1) throw invalid(ident, 'A temporary table takes no dataset');
  const exists = scope.translation.session.temporaryTables.has(parts[0]!);
  const target = { projectId: scope.translation.options.projectId, dataset: '', table: parts[0]! };
  if (/^seismo_(ml|information)_/.test(target.table))
    throw invalid(ident, `The name ${target.table} is reserved here`);
  if (exists && !has(node, 'or_replace') && !has(node, 'if_not_exists')) {
    throw new SqlError('duplicate', `Already Exists: Table ${target.table}`, positionOf(ident));
  }
  return { target, skipped: exists && has(node, 'if_not_exists'), replaces: exists };
}
