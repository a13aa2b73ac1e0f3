import { assignments } from './assignments.js';
import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { fromItem } from './from.js';
import type { FromItem } from './from-items.js';
import { computedOnce, oneSourceRow } from './one-source-row.js';
import type { Plan } from './plan.js';
import { Scope } from './scope.js';
import {
  child,
  has,
  invalid,
  keyword,
  keywords,
  list,
  need,
  notSupported,
  only,
  type SyntaxNode,
} from './syntax.js';
import { type Target, targetItem, targetTable } from './targets.js';
import { BOOL, quoteName, typeName } from './types.js';
import { writtenSql } from './written-arrays.js';

interface Sides {
  readonly target: Target;
  readonly targetItem: FromItem;
  readonly source: FromItem;
}

export function mergeStatement(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'into', 'table_name', 'using', 'on', 'whens');
  const target = targetTable(need(node, 'table_name'), scope);
  const item = targetItem(target, need(node, 'table_name'), scope);
  const sourceNode = need(need(node, 'using'), 'expr');
  if (sourceNode.node_type === 'JoinOperator')
    throw notSupported('A join as the source of MERGE', sourceNode);
  const found = fromItem(asTable(sourceNode), new Scope(scope.translation));
  const source = { ...found, sql: found.sql.replace(/^LATERAL /, '') };
  const sides = { target, targetItem: item, source };
  const on = condition(need(need(node, 'on'), 'expr'), level(scope, item, source), 'MERGE ON');
  const whens = list(node, 'whens').map((one) => when(one, sides, scope));
  const changing = whens.filter(({ kind }) => kind === 'MATCHED');
  const conditions = changing.map(({ condition: one }) => one);
  const using =
    changing.length === 0 ? { before: '', sql: source.sql } : checkedSource(sides, on, conditions);
  const sql = `${using.before}MERGE INTO ${item.sql} USING ${using.sql} ON ${on} ${whens.map((one) => one.sql).join(' ')}`;
  const { relations, tables } = scope.translation;
  const hidesAction = target.columns.some(({ name }) => name.toLowerCase() === 'merge_action');
  return {
    kind: 'dml',
    operation: 'MERGE',
    target: target.name,
    sql,
    ...(hidesAction ? {} : { actionsSql: `${sql} RETURNING merge_action` }),
    relations,
    tables: [...tables.values()],
  };
}

/** The parser takes UNNEST of a MERGE for any other function. */
function asTable(node: SyntaxNode): SyntaxNode {
  const func = node.node_type === 'CallingFunction' ? child(node, 'func') : undefined;
  return func !== undefined && keyword(func) === 'UNNEST' ? { ...node, node_type: 'CallingUnnest' } : node;
}

function level(scope: Scope, ...items: readonly FromItem[]): Scope {
  const found = new Scope(scope.translation);
  found.sources = items.flatMap(({ sources }) => sources);
  found.columns = items.flatMap(({ columns }) => columns);
  return found;
}

function condition(node: SyntaxNode, scope: Scope, what: string): string {
  const value = scope.plain(`${what} clause`, () => expression(node, scope));
  if (cost(value, BOOL) === undefined)
    throw invalid(node, `${what} clause should return type BOOL, but returns ${typeName(value.type)}`);
  return coerced(value, BOOL, node).sql;
}

/**
 * The source, which fails where one row of the target would be changed by two of its rows.
 */
function checkedSource(
  { target, targetItem: item, source }: Sides,
  on: string,
  conditions: readonly (string | undefined)[],
): { before: string; sql: string } {
  const alias = source.sql.slice(source.sql.lastIndexOf(' ') + 1);
  const read = source.sql.startsWith('(') ? computedOnce(source.sql) : { before: '', sql: source.sql };
  const some = conditions.includes(undefined) ? '' : ` AND (${conditions.join(' OR ')})`;
  const check = oneSourceRow(target, item.sql, read.sql, `${on}${some}`);
  return {
    before: read.before,
    sql: `(SELECT ${alias}.* FROM ${read.sql} WHERE ${check}) AS ${alias}`,
  };
}

interface When {
  readonly kind: 'MATCHED' | 'NOT MATCHED' | 'NOT MATCHED BY SOURCE';
  readonly condition: string | undefined;
  readonly sql: string;
}

function when(node: SyntaxNode, sides: Sides, scope: Scope): When {
  only(node, 'not', 'matched', 'by_target_or_source', 'and', 'then');
  const bySource = keywords(list(node, 'by_target_or_source')) === 'BY SOURCE';
  const kind = !has(node, 'not') ? 'MATCHED' : bySource ? 'NOT MATCHED BY SOURCE' : 'NOT MATCHED';
  const { targetItem: item, source } = sides;
  const seen =
    kind === 'MATCHED'
      ? level(scope, item, source)
      : kind === 'NOT MATCHED'
        ? level(scope, source)
        : level(scope, item);
  const and = child(node, 'and');
  const extra = and === undefined ? undefined : condition(need(and, 'expr'), seen, 'MERGE WHEN');
  const action = actionSql(need(need(node, 'then'), 'stmt'), kind, sides, seen);
  return {
    kind,
    condition: extra,
    sql: `WHEN ${kind}${extra === undefined ? '' : ` AND ${extra}`} THEN ${action}`,
  };
}

function actionSql(node: SyntaxNode, kind: When['kind'], sides: Sides, scope: Scope): string {
  const action = keyword(node);
  if (action === 'INSERT') {
    if (kind !== 'NOT MATCHED')
      throw invalid(node, 'INSERT is allowed only where nothing of the target matches');
    return insertSql(node, sides, scope);
  }
  if (kind === 'NOT MATCHED')
    throw invalid(node, `${action} is not allowed where nothing of the target matches`);
  if (action === 'DELETE') return 'DELETE';
  if (action !== 'UPDATE') throw notSupported(`MERGE with ${action}`, node);
  only(node, 'set');
  return `UPDATE SET ${assignments(list(need(node, 'set'), 'exprs'), sides.target, scope)}`;
}

function insertSql(node: SyntaxNode, { target, source }: Sides, scope: Scope): string {
  only(node, 'columns', 'input');
  const input = need(node, 'input');
  const named = child(node, 'columns');
  const nodes =
    named === undefined
      ? undefined
      : named.node_type === 'GroupedExpr'
        ? [need(named, 'expr')]
        : list(named, 'exprs');
  const columns = nodes === undefined ? target.columns : nodes.map((one) => target.column(one));
  const row = keyword(input) === 'ROW' ? undefined : rowNodes(list(input, 'exprs')[0] ?? input);
  if ((row?.length ?? source.columns.length) !== columns.length) {
    throw invalid(
      input,
      `Inserted row has wrong column count; Has ${row?.length ?? source.columns.length}, expected ${columns.length}`,
    );
  }
  const values = columns.map((column, i) => {
    const one = row?.[i];
    if (one !== undefined && keyword(one) === 'DEFAULT') return 'DEFAULT';
    const value =
      one === undefined
        ? { ...source.columns[i]!, coercible: false, references: [] }
        : expression(one, scope);
    if (cost(value, column.type) === undefined) {
      throw invalid(
        one ?? input,
        `Value has type ${typeName(value.type)} which cannot be inserted into column ${column.name}, which has type ${typeName(column.type)}`,
      );
    }
    return writtenSql(coerced(value, column.type, one ?? input).sql, column.name, column.type);
  });
  return `INSERT (${columns.map(({ name }) => quoteName(name)).join(', ')}) VALUES (${values.join(', ')})`;
}

function rowNodes(node: SyntaxNode): readonly SyntaxNode[] {
  return node.node_type === 'GroupedExpr' ? [need(node, 'expr')] : list(node, 'exprs');
}
