import { columnDefinition, defaultOf, descriptionOf } from './column-definitions.js';
import { ddlPlan, optionsRecord, tableSql } from './ddl-plans.js';
import { identifierName } from './literals.js';
import { type CatalogTable, type Column, type Plan, SqlError, type TableName } from './plan.js';
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
import { datasetName, described, fullName, nameParts, notFound, withoutColumns } from './table-names.js';
import { typeOf } from './type-syntax.js';
import { coercionCost, columnType, duckDbType, fieldOf, quoteName, toColumn, typeName } from './types.js';

interface Altered {
  readonly target: TableName;
  readonly table: CatalogTable;
}

function altered(node: SyntaxNode, scope: Scope, kind: 'table' | 'view'): Altered | undefined {
  const { options } = scope.translation;
  const ident = need(node, 'ident');
  const target = fullName(ident, options);
  const table = options.catalog.table(target.dataset, target.table);
  if (table === undefined) {
    if (has(node, 'if_exists')) return undefined;
    throw notFound('Table', target, options, ident);
  }
  if (table.kind !== kind)
    throw invalid(
      ident,
      `${described(target)} is not allowed for this operation because it is currently a ${table.kind.toUpperCase()}.`,
    );
  return { target, table };
}

export function alterTable(node: SyntaxNode, scope: Scope): Plan {
  only(
    node,
    'what',
    'if_exists',
    'ident',
    'set',
    'options',
    'add_columns',
    'rename',
    'to',
    'rename_columns',
    'drop_columns',
    'alter_column_stmt',
  );
  const found = altered(node, scope, 'table');
  if (found === undefined)
    return ddlPlan('ALTER_TABLE', fullName(need(node, 'ident'), scope.translation.options), scope, {
      skipped: true,
    });
  const { target } = found;
  if (has(node, 'options'))
    return ddlPlan('ALTER_TABLE', target, scope, {
      definition: optionsRecord(child(node, 'options'), scope),
    });
  if (found.table.columns.length === 0) throw withoutColumns(target, need(node, 'ident'));
  if (has(node, 'add_columns')) return addColumns(node, found, scope);
  if (has(node, 'drop_columns')) return dropColumns(node, found, scope);
  if (has(node, 'rename_columns')) return renameColumns(node, found, scope);
  if (has(node, 'to')) return rename(node, found, scope);
  const column = child(node, 'alter_column_stmt');
  if (column !== undefined) return alterColumn(column, found, scope);
  throw notSupported('ALTER TABLE of this kind', node);
}

function addColumns(node: SyntaxNode, { target, table }: Altered, scope: Scope): Plan {
  const columns = [...table.columns];
  const sql: string[] = [];
  for (const one of list(node, 'add_columns')) {
    const declaration = need(one, 'type_declaration');
    const added = columnDefinition(declaration, scope);
    if (added.column.mode === 'REQUIRED')
      throw invalid(
        declaration,
        `Cannot add required columns to an existing schema. Field ${added.column.name} is required`,
      );
    if (added.column.defaultValueExpression !== undefined)
      throw invalid(
        declaration,
        `Cannot add a column with a default value to an existing table: add ${added.column.name} without, then ALTER COLUMN ${added.column.name} SET DEFAULT`,
      );
    const there = fieldOf(columns, added.column.name) !== undefined;
    if (there && has(one, 'if_not_exists')) continue;
    if (there)
      throw new SqlError('duplicate', `Column already exists: ${added.column.name}`, positionOf(declaration));
    if (added.column.maxLength !== undefined) throw notSupported('ADD COLUMN with a length', declaration);
    columns.push(added.column);
    sql.push(`ALTER TABLE ${tableSql(target)} ADD COLUMN ${added.sql}`);
  }
  return ddlPlan('ALTER_TABLE', target, scope, { sql, definition: { columns } });
}

function columnAt(columns: readonly Column[], node: SyntaxNode): number {
  const name = identifierName(node);
  const place = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
  if (place < 0) throw invalid(node, `Column not found: ${name}`);
  return place;
}

function dropColumns(node: SyntaxNode, { target, table }: Altered, scope: Scope): Plan {
  const columns = [...table.columns];
  const sql: string[] = [];
  for (const one of list(node, 'drop_columns')) {
    const ident = need(one, 'ident');
    const there = fieldOf(columns, identifierName(ident)) !== undefined;
    if (!there && has(one, 'if_exists')) continue;
    const [dropped] = columns.splice(columnAt(columns, ident), 1);
    sql.push(`ALTER TABLE ${tableSql(target)} DROP COLUMN ${quoteName(dropped!.name)}`);
  }
  if (columns.length === 0) throw invalid(node, 'A table must have at least one column');
  return ddlPlan('ALTER_TABLE', target, scope, { sql, definition: { columns } });
}

function renameColumns(node: SyntaxNode, { target, table }: Altered, scope: Scope): Plan {
  const columns = [...table.columns];
  const sql = list(node, 'rename_columns').map((one) => {
    const place = columnAt(columns, need(one, 'ident'));
    const name = identifierName(need(need(one, 'to'), 'expr'));
    const before = columns[place]!;
    columns[place] = { ...before, name };
    return `ALTER TABLE ${tableSql(target)} RENAME COLUMN ${quoteName(before.name)} TO ${quoteName(name)}`;
  });
  return ddlPlan('ALTER_TABLE', target, scope, { sql, definition: { columns } });
}

function rename(node: SyntaxNode, { target }: Altered, scope: Scope): Plan {
  const to = need(need(node, 'to'), 'expr');
  const [name, ...others] = nameParts(to);
  if (others.length > 0) throw invalid(to, 'RENAME TO takes a name without a dataset');
  if (scope.translation.options.catalog.table(target.dataset, name!) !== undefined) {
    throw new SqlError(
      'duplicate',
      `Already Exists: Table ${described({ ...target, table: name! })}`,
      positionOf(to),
    );
  }
  const sql = [`ALTER TABLE ${tableSql(target)} RENAME TO ${quoteName(name!)}`];
  return ddlPlan('ALTER_TABLE', target, scope, { sql, definition: { newName: name! } });
}

function alterColumn(node: SyntaxNode, { target, table }: Altered, scope: Scope): Plan {
  only(
    node,
    'what',
    'if_exists',
    'ident',
    'set',
    'options',
    'data_type',
    'type',
    'drop_not_null',
    'drop_default',
    'default',
  );
  const columns = [...table.columns];
  const place = columnAt(columns, need(node, 'ident'));
  const column = columns[place]!;
  const alter = `ALTER TABLE ${tableSql(target)} ALTER COLUMN ${quoteName(column.name)}`;
  const sql: string[] = [];
  const type = child(node, 'type');
  if (has(node, 'drop_not_null')) {
    const { mode: _mode, ...rest } = column;
    columns[place] = rest;
    if (column.mode === 'REQUIRED') sql.push(`${alter} DROP NOT NULL`);
  } else if (has(node, 'drop_default')) {
    const { defaultValueExpression: _default, ...rest } = column;
    columns[place] = rest;
    sql.push(`${alter} DROP DEFAULT`);
  } else if (has(node, 'default')) {
    const initial = defaultOf(node, columnType(column), scope)!;
    columns[place] = { ...column, defaultValueExpression: initial.text };
    sql.push(`${alter} SET DEFAULT ${initial.sql}`);
  } else if (type !== undefined) {
    const wanted = typeOf(type);
    if (coercionCost(columnType(column), wanted, false) === undefined) {
      throw invalid(
        type,
        `ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type (${typeName(columnType(column))}) is assignable to the new type (${typeName(wanted)})`,
      );
    }
    columns[place] = { ...column, ...toColumn(column.name, wanted) };
    sql.push(`${alter} SET DATA TYPE ${duckDbType(wanted)}`);
  } else {
    const description = descriptionOf(child(node, 'options'));
    if (description === undefined) throw notSupported('ALTER COLUMN of this kind', node);
    columns[place] = { ...column, description };
  }
  return ddlPlan('ALTER_TABLE', target, scope, { sql, definition: { columns } });
}

/** ALTER VIEW and ALTER SCHEMA change options only. */
export function alterView(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'what', 'if_exists', 'ident', 'set', 'options');
  const { options } = scope.translation;
  const definition = optionsRecord(child(node, 'options'), scope);
  if (keyword(need(node, 'what')) === 'SCHEMA') {
    const target = datasetName(need(node, 'ident'), options);
    const exists = options.catalog.dataset(target.dataset);
    if (!exists && !has(node, 'if_exists')) throw notFound('Dataset', target, options, need(node, 'ident'));
    return ddlPlan('ALTER_SCHEMA', target, scope, { skipped: !exists, definition });
  }
  const found = altered(node, scope, 'view');
  const target = found?.target ?? fullName(need(node, 'ident'), options);
  return ddlPlan('ALTER_VIEW', target, scope, { skipped: found === undefined, definition });
}
