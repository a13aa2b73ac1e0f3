import { columnSql, defaultOf } from './column-definitions.js';
import { creation } from './creation.js';
import { creationSql } from './creation-sql.js';
import { ddlPlan, optionsRecord, tableSql } from './ddl-plans.js';
import { alone } from './models.js';
import { parseStatements } from './parser.js';
import { clusteringOf, partitioningOf } from './partitioning.js';
import type { CatalogTable, Column, Plan, TableName } from './plan.js';
import type { Scope } from './scope.js';
import { child, has, invalid, keyword, list, need, notSupported, only, type SyntaxNode } from './syntax.js';
import { described, fullName, nameParts, notFound } from './table-names.js';
import { columnType } from './types.js';

const CLAUSES = [
  'or_replace',
  'temp',
  'what',
  'if_not_exists',
  'ident',
  'like_or_copy',
  'source_table',
  'options',
];

/** `CREATE TABLE t LIKE s` takes all that is kept of another table but its rows, `COPY s` its rows too. */
export function createTableFrom(node: SyntaxNode, scope: Scope): Plan {
  const how = keyword(need(node, 'like_or_copy'));
  for (const clause of [
    'temp',
    'as',
    'column_schema_group',
    ...(how === 'COPY' ? ['partitionby', 'clusterby'] : []),
  ])
    if (has(node, clause)) throw notSupported(`CREATE TABLE ${how} ${OTHERS[clause]}`, node);
  only(node, ...CLAUSES, 'partitionby', 'clusterby');
  const ident = need(node, 'source_table');
  const { table, name } = sourceTable(ident, how, scope);
  const made = creation(node, scope, 'table');
  const { columns } = table;
  const rows = how === 'COPY' ? rowsOf(name, scope) : undefined;
  const definition = {
    columns,
    like: name,
    ...partitioningOf(child(node, 'partitionby'), columns),
    ...clusteringOf(child(node, 'clusterby'), columns),
    ...optionsRecord(child(node, 'options'), scope),
  };
  const columnSqls = columns.map((column) => `${columnSql(column)}${defaultSql(column, scope)}`);
  const { target, skipped, replaces } = made;
  const sql = skipped ? [] : creationSql(tableSql(target), columnSqls, rows, node, replaces);
  return ddlPlan('CREATE_TABLE', target, scope, { sql, skipped, replaces, definition }, rows);
}

const OTHERS: Readonly<Record<string, string>> = {
  temp: 'of a temporary table',
  as: 'with a query',
  column_schema_group: 'with columns',
  partitionby: 'with PARTITION BY',
  clusterby: 'with CLUSTER BY',
};

function sourceTable(ident: SyntaxNode, how: string, scope: Scope): { table: CatalogTable; name: TableName } {
  const { options, session } = scope.translation;
  const parts = nameParts(ident);
  if (parts.length === 1 && session.temporaryTables.has(parts[0]!))
    throw notSupported(`CREATE TABLE ${how} of a temporary table`, ident);
  const name = fullName(ident, options);
  const table = options.catalog.table(name.dataset, name.table);
  if (table === undefined) throw notFound('Table', name, options, ident);
  if (table.kind === 'view')
    throw invalid(ident, `${described(name)} is a view: CREATE TABLE ${how} needs a table`);
  if (table.columns.length === 0) throw invalid(ident, `${described(name)} has no columns`);
  return { table, name };
}

function rowsOf({ dataset, table }: TableName, scope: Scope) {
  const [statement] = parseStatements(`SELECT * FROM \`${dataset}\`.\`${table}\``);
  return alone(statement!, scope);
}

/** The default value of a column, compiled anew from its text. */
function defaultSql(column: Column, scope: Scope): string {
  if (column.defaultValueExpression === undefined) return '';
  const [statement] = parseStatements(`CREATE TABLE t (c STRING DEFAULT ${column.defaultValueExpression})`);
  const [declaration] = list(need(statement!, 'column_schema_group'), 'declarations');
  const initial = defaultOf(need(declaration!, 'type'), columnType(column), scope);
  return initial === undefined ? '' : ` DEFAULT ${initial.sql}`;
}
