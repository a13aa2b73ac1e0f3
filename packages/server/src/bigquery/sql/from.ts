import { coerced, cost } from './coercion.js';
import { expression, query } from './compile.js';
import { unnestArgument } from './constructors.js';
import { type ColumnReference, type Expression, isShort } from './expression.js';
import { derived, type FromItem, valueItem } from './from-items.js';
import { identifierName } from './literals.js';
import { mlSource } from './ml-calls.js';
import { pivot, unpivot } from './pivot.js';
import { pathNames, Scope, type Source, type SourceColumn } from './scope.js';
import {
  child,
  invalid,
  keyword,
  list,
  need,
  notSupported,
  only,
  type SyntaxNode,
  textOf,
} from './syntax.js';
import { sampledTable } from './table-sample.js';
import { tableSource } from './tables.js';
import { BOOL, typeName } from './types.js';

export function fromClause(
  node: SyntaxNode | undefined,
  scope: Scope,
): { sql: string; references: readonly ColumnReference[] } {
  if (node === undefined) return { sql: '', references: [] };
  const item = scope.plain('FROM clause', () => fromItem(need(node, 'expr'), scope));
  checkNames(item.sources, node);
  scope.sources = item.sources;
  scope.columns = item.columns;
  return { sql: ` FROM ${item.sql}`, references: item.references.filter(({ level }) => level !== scope) };
}

function checkNames(sources: readonly Source[], node: SyntaxNode): void {
  const names = sources.map(({ name }) => name.toLowerCase()).filter((name) => name !== '');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalid(node, `Duplicate table alias ${twice} in the same FROM clause`);
}

export function fromItem(node: SyntaxNode, scope: Scope): FromItem {
  const turned = child(node, 'pivot') ?? child(node, 'unpivot');
  if (turned !== undefined) {
    const { pivot: asColumns, unpivot: _rows, ...children } = node.children;
    const item = fromItem({ ...node, children }, scope);
    return asColumns === undefined ? unpivot(item, turned, scope) : pivot(item, turned, scope);
  }
  const sample = child(node, 'tablesample');
  if (sample !== undefined) return sampledTable(node, sample, scope);
  for (const clause of ['for_system_time_as_of', 'match_recognize']) {
    const found = child(node, clause);
    if (found !== undefined)
      throw notSupported(
        clause === 'for_system_time_as_of' ? 'FOR SYSTEM_TIME AS OF' : textOf(found).toUpperCase(),
        found,
      );
  }
  switch (node.node_type) {
    case 'JoinOperator':
      return join(node, scope);
    case 'GroupedExpr':
      only(node, 'expr');
      return fromItem(need(node, 'expr'), scope);
    case 'GroupedStatement':
      return subquery(node, scope);
    case 'CallingUnnest':
      return unnest(unnestArgument(node, scope), node, scope);
    case 'CallingTableFunction':
    case 'CallingFunction':
      return mlSource(node, scope);
    default:
      return arrayPath(node, scope) ?? tableSource(node, scope);
  }
}

function aliasOf(node: SyntaxNode): string {
  const alias = child(node, 'alias');
  return alias === undefined ? '' : identifierName(alias);
}

function subquery(node: SyntaxNode, scope: Scope): FromItem {
  const level = new Scope(scope.translation, scope.parent, scope.variables);
  for (const [name, table] of scope.commonTables) level.commonTables.set(name, table);
  const found = query(node, level);
  return derived(found, aliasOf(node), scope);
}

/** Each element a row; the place of each where WITH OFFSET asks for it. */
function unnest(array: Expression, node: SyntaxNode, scope: Scope): FromItem {
  if (array.type.kind !== 'ARRAY') throw invalid(node, `UNNEST needs an array, not ${typeName(array.type)}`);
  const alias = scope.nextAlias();
  const offsetNode = child(node, 'with_offset');
  const sql = `LATERAL (${offsetNode === undefined ? `SELECT unnest(${array.sql}) AS "v"` : elementsWithPlaces(array.sql)}) AS ${alias}`;
  const item = valueItem(sql, `${alias}."v"`, array.type.element, aliasOf(node), array.references);
  if (offsetNode === undefined) return { ...item, lateral: true };
  const offsetAlias = child(offsetNode, 'alias');
  const offset: SourceColumn = {
    name: offsetAlias === undefined ? 'offset' : identifierName(offsetAlias),
    type: { kind: 'INT64' },
    sql: `${alias}."o"`,
  };
  return { ...item, columns: [...item.columns, offset], lateral: true };
}

function elementsWithPlaces(array: string): string {
  if (isShort(array)) return `SELECT unnest(${array}) AS "v", unnest(range(len(${array}))) AS "o"`;
  return `SELECT unnest("l") AS "v", unnest(range(len("l"))) AS "o" FROM (SELECT ${array} AS "l")`;
}

/** `FROM t, t.items`: a path that begins with a table of the same FROM is an array of it. */
function arrayPath(node: SyntaxNode, scope: Scope): FromItem | undefined {
  const names = pathNames(node);
  const first = names?.[0];
  if (first === undefined || names!.length < 2 || textOf(first).includes('.')) return undefined;
  const wanted = identifierName(first).toLowerCase();
  let level: Scope | undefined = scope;
  while (level !== undefined && !level.sources.some(({ name }) => name.toLowerCase() === wanted))
    level = level.parent;
  if (level === undefined) return undefined;
  const { as: _as, alias: _alias, with_offset: _offset, ...children } = node.children;
  return unnest(expression({ ...node, children }, scope), node, scope);
}

function join(node: SyntaxNode, scope: Scope): FromItem {
  only(node, 'join_type', 'outer', 'left', 'right', 'on', 'using');
  const kind = joinKind(node);
  const outer = { sources: scope.sources, columns: scope.columns };
  const left = fromItem(need(node, 'left'), scope);
  scope.sources = [...outer.sources, ...left.sources];
  scope.columns = [...outer.columns, ...left.columns];
  const right = fromItem(need(node, 'right'), scope);
  scope.sources = [...outer.sources, ...left.sources, ...right.sources];
  scope.columns = [...outer.columns, ...left.columns, ...right.columns];
  try {
    return joined(kind, left, right, node, scope);
  } finally {
    scope.sources = outer.sources;
    scope.columns = outer.columns;
  }
}

function joinKind(node: SyntaxNode): string {
  const type = child(node, 'join_type');
  const kind = textOf(node) === ',' ? 'CROSS' : type === undefined ? 'INNER' : keyword(type);
  if (!['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS'].includes(kind)) throw notSupported(`${kind} JOIN`, node);
  return kind;
}

function joined(kind: string, left: FromItem, right: FromItem, node: SyntaxNode, scope: Scope): FromItem {
  const sources = [...left.sources, ...right.sources];
  const references = [...left.references, ...right.references];
  const using = child(node, 'using');
  const on = child(node, 'on');
  const sql = (condition: string) =>
    condition === ''
      ? `${left.sql} CROSS JOIN ${bracketed(right, node)}`
      : `${left.sql} ${kind} JOIN ${bracketed(right, node)} ON ${condition}`;
  if (using !== undefined) {
    const merged = usingColumns(kind, left, right, using);
    return { sql: sql(merged.condition), sources, columns: merged.columns, references };
  }
  const columns = [...left.columns, ...right.columns];
  if (on === undefined) {
    if (kind !== 'CROSS' && right.lateral !== true)
      throw invalid(node, `Syntax error: Expected keyword ON or keyword USING after ${kind} JOIN`);
    return { sql: sql(kind === 'CROSS' || kind === 'INNER' ? '' : 'true'), sources, columns, references };
  }
  if (kind === 'CROSS') throw invalid(on, 'Syntax error: CROSS JOIN has no ON clause');
  const inner = need(on, 'expr');
  const condition = scope.plain('JOIN ON clause', () => expression(inner, scope));
  if (cost(condition, BOOL) === undefined)
    throw invalid(inner, `JOIN ON clause should return type BOOL, but returns ${typeName(condition.type)}`);
  return {
    sql: sql(coerced(condition, BOOL, inner).sql),
    sources,
    columns,
    references: [...references, ...condition.references],
  };
}

/** A join on the right stands in brackets of its own. */
function bracketed(item: FromItem, node: SyntaxNode): string {
  return need(node, 'right').node_type === 'GroupedExpr' ? `(${item.sql})` : item.sql;
}

function usingColumns(
  kind: string,
  left: FromItem,
  right: FromItem,
  using: SyntaxNode,
): { condition: string; columns: SourceColumn[] } {
  const merged: SourceColumn[] = [];
  const conditions: string[] = [];
  for (const one of list(using, 'args')) {
    const name = identifierName(one);
    const [a, b] = [left, right].map((side, i) => {
      const found = side.columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
      if (found.length === 1) return found[0]!;
      throw invalid(
        one,
        found.length > 1
          ? `Column ${name} in USING clause is ambiguous`
          : `Column ${name} in USING clause not found on ${i === 0 ? 'left' : 'right'} side of join`,
      );
    }) as [SourceColumn, SourceColumn];
    conditions.push(`${a.sql} = ${b.sql}`);
    const sql = kind === 'FULL' ? `coalesce(${a.sql}, ${b.sql})` : kind === 'RIGHT' ? b.sql : a.sql;
    merged.push({ name: a.name, type: a.type, sql });
  }
  const names = new Set(merged.map(({ name }) => name.toLowerCase()));
  const others = [...left.columns, ...right.columns].filter(({ name }) => !names.has(name.toLowerCase()));
  return { condition: `(${conditions.join(' AND ')})`, columns: [...merged, ...others] };
}
