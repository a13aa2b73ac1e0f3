import { assignments } from './assignments.js';
import { coerced, cost } from './coercion.js';
import { expression, query } from './compile.js';
import { tableSql } from './ddl-plans.js';
import type { Expression, QueryColumn } from './expression.js';
import { queryPlan } from './finish.js';
import { fromItem } from './from.js';
import { mergeStatement } from './merge.js';
import { computedOnce, oneSourceRow } from './one-source-row.js';
import type { Plan } from './plan.js';
import { Scope } from './scope.js';
import {
  child,
  has,
  invalid,
  keyword,
  list,
  need,
  notSupported,
  only,
  type SyntaxNode,
  syntaxError,
} from './syntax.js';
import { type Target, targetItem, targetTable } from './targets.js';
import { BOOL, quoteName, type SqlType, typeName } from './types.js';
import { writtenSql } from './written-arrays.js';

export function dmlStatement(node: SyntaxNode, scope: Scope): Plan {
  switch (node.node_type) {
    case 'InsertStatement':
      return insert(node, scope);
    case 'UpdateStatement':
      return update(node, scope);
    case 'DeleteStatement':
      return remove(node, scope);
    case 'MergeStatement':
      return mergeStatement(node, scope);
    default:
      return truncateTable(node, scope);
  }
}

type Operation = 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE_TABLE';

function plan(
  operation: Operation,
  target: Target,
  sql: string,
  scope: Scope,
): Extract<Plan, { kind: 'dml' }> {
  const { relations, tables } = scope.translation;
  return { kind: 'dml', operation, target: target.name, sql, relations, tables: [...tables.values()] };
}

function insert(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'into', 'target_name', 'columns', 'input');
  const target = targetTable(need(node, 'target_name'), scope);
  const columns = insertColumns(child(node, 'columns'), target);
  const input = need(node, 'input');
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const into = `INSERT INTO ${tableSql(target.name)} (${names})`;
  if (input.node_type === 'KeywordWithExprs') {
    const rows = list(input, 'exprs').map((row) => rowValues(row, columns, scope));
    const values = rows.map((row) => `(${row.map((one) => one?.sql ?? 'DEFAULT').join(', ')})`).join(', ');
    const made = plan('INSERT', target, `${into} VALUES ${values}`, scope);
    if (rows.some((row) => row.includes(undefined))) return made;
    const result = columns.map(({ name, type }) => ({ name, sqlName: quoteName(name), type }));
    const source = queryPlan(
      wholeQuery(`SELECT * FROM (VALUES ${values}) AS v(${names})`, result),
      scope.translation,
      node,
    );
    return { ...made, source };
  }
  const found = query(input, new Scope(scope.translation));
  const selected = convertedQuery(found.columns, found.sql, columns, input, scope);
  const source = queryPlan(selected, scope.translation, node);
  return { ...plan('INSERT', target, `${into} ${selected.sql}`, scope), source };
}

function wholeQuery(sql: string, columns: readonly QueryColumn[]) {
  return { sql, columns, references: [], isValue: false };
}

interface Wanted {
  readonly name: string;
  readonly type: SqlType;
}

function insertColumns(node: SyntaxNode | undefined, target: Target): readonly Wanted[] {
  if (node === undefined) return target.columns;
  const nodes = node.node_type === 'GroupedExpr' ? [need(node, 'expr')] : list(node, 'exprs');
  const columns = nodes.map((one) => target.column(one));
  const twice = columns.findIndex((column, i) => columns.indexOf(column) !== i);
  if (twice >= 0)
    throw invalid(nodes[twice]!, `INSERT has columns with duplicate name: ${columns[twice]!.name}`);
  const missing = target.required.find((name) => !columns.some((column) => column.name === name));
  if (missing !== undefined) throw invalid(node, `Required column value for column ${missing} is missing`);
  return columns;
}

/** `undefined` stands for DEFAULT. */
function rowValues(row: SyntaxNode, columns: readonly Wanted[], scope: Scope): (Expression | undefined)[] {
  const nodes = row.node_type === 'GroupedExpr' ? [need(row, 'expr')] : list(row, 'exprs');
  if (nodes.length !== columns.length) {
    throw invalid(
      row,
      `Inserted row has wrong column count; Has ${nodes.length}, expected ${columns.length}`,
    );
  }
  return nodes.map((one, i) =>
    keyword(one) === 'DEFAULT' ? undefined : converted(expression(one, scope), columns[i]!, one),
  );
}

function converted(value: Expression, { name, type }: Wanted, node: SyntaxNode): Expression {
  if (cost(value, type) === undefined) {
    throw invalid(
      node,
      `Value has type ${typeName(value.type)} which cannot be inserted into column ${name}, which has type ${typeName(type)}`,
    );
  }
  const { sql, ...rest } = coerced(value, type, node);
  return { ...rest, sql: writtenSql(sql, name, type) };
}

function convertedQuery(
  given: readonly QueryColumn[],
  sql: string,
  columns: readonly Wanted[],
  node: SyntaxNode,
  scope: Scope,
) {
  if (given.length !== columns.length) {
    throw invalid(
      node,
      `Inserted row has wrong column count; Has ${given.length}, expected ${columns.length}`,
    );
  }
  const alias = scope.nextAlias();
  const values = given.map((column, i) => {
    const own = `${alias}.${column.sqlName}`;
    const value: Expression =
      column.value?.literal?.value === null
        ? column.value
        : { sql: own, type: column.type, coercible: false, references: [] };
    return `${converted(value, columns[i]!, node).sql} AS ${quoteName(columns[i]!.name)}`;
  });
  const result = columns.map(({ name, type }) => ({ name, sqlName: quoteName(name), type }));
  return wholeQuery(`SELECT ${values.join(', ')} FROM (${sql}) AS ${alias}`, result);
}

function condition(node: SyntaxNode, scope: Scope, statement: string): string {
  const where = child(node, 'where');
  if (where === undefined) throw syntaxError(node, `${statement} must have a WHERE clause`);
  const inner = need(where, 'expr');
  const value = scope.plain('WHERE clause', () => expression(inner, scope));
  if (cost(value, BOOL) === undefined)
    throw invalid(inner, `WHERE clause should return type BOOL, but returns ${typeName(value.type)}`);
  return coerced(value, BOOL, inner).sql;
}

function update(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'table_name', 'set', 'from', 'where');
  const target = targetTable(need(node, 'table_name'), scope);
  const item = targetItem(target, need(node, 'table_name'), scope);
  scope.sources = item.sources;
  scope.columns = item.columns;
  const fromNode = child(node, 'from');
  const from =
    fromNode === undefined
      ? undefined
      : scope.plain('FROM clause', () => fromItem(need(fromNode, 'expr'), scope));
  if (from !== undefined) {
    scope.sources = [...item.sources, ...from.sources];
    scope.columns = [...item.columns, ...from.columns];
  }
  const where = condition(node, scope, 'UPDATE');
  const sets = assignments(list(need(node, 'set'), 'exprs'), target, scope);
  if (from === undefined)
    return plan('UPDATE', target, `UPDATE ${item.sql} SET ${sets} WHERE ${where}`, scope);
  const isQuery = need(fromNode!, 'expr').node_type === 'GroupedStatement' && from.references.length === 0;
  const source = isQuery ? computedOnce(from.sql) : { before: '', sql: from.sql };
  const check = oneSourceRow(target, item.sql, source.sql, where);
  const sql = `${source.before}UPDATE ${item.sql} SET ${sets} FROM ${source.sql} WHERE ${where} AND ${check}`;
  return plan('UPDATE', target, sql, scope);
}

function remove(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'from', 'table_name', 'where');
  const target = targetTable(need(node, 'table_name'), scope);
  const item = targetItem(target, need(node, 'table_name'), scope);
  scope.sources = item.sources;
  scope.columns = item.columns;
  return plan('DELETE', target, `DELETE FROM ${item.sql} WHERE ${condition(node, scope, 'DELETE')}`, scope);
}

function truncateTable(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'table', 'table_name');
  if (!has(node, 'table_name')) throw notSupported('TRUNCATE of this kind', node);
  const target = targetTable(need(node, 'table_name'), scope);
  return plan('TRUNCATE_TABLE', target, `DELETE FROM ${tableSql(target.name)}`, scope);
}
