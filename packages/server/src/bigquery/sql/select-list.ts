import { fieldSql, structSql } from './coercion.js';
import { expression, listed } from './compile.js';
import { composed, type Expression, type QueryColumn } from './expression.js';
import { identifierName } from './literals.js';
import { columnReference, type Scope, type SourceColumn } from './scope.js';
import { child, has, invalid, list, need, only, type SyntaxNode, textOf } from './syntax.js';
import { fieldOf, quoteName, type SqlType, typeName } from './types.js';

export interface SelectItem {
  /** Empty where nothing names it. */
  readonly name: string;
  readonly value: Expression;
  readonly node: SyntaxNode;
}

/** The SELECT list, stars written out. */
export function selectItems(nodes: readonly SyntaxNode[], scope: Scope, at: SyntaxNode): SelectItem[] {
  const items = nodes.flatMap((node): SelectItem[] => {
    if (node.node_type === 'Asterisk') return star(node, node, { columns: scope.columns }, scope);
    if (node.node_type === 'DotOperator' && need(node, 'right').node_type === 'Asterisk') {
      return star(need(node, 'right'), node, starColumns(need(node, 'left'), scope), scope);
    }
    const value = listed(node, scope);
    const alias = child(node, 'alias');
    const direction = child(node, 'order') ?? list(node, 'null_order')[0];
    if (direction !== undefined)
      throw invalid(direction, `Syntax error: Unexpected keyword ${textOf(direction)}`);
    return [{ name: alias === undefined ? (value.name ?? '') : identifierName(alias), value, node }];
  });
  if (items.length === 0)
    throw invalid(
      at,
      nodes.length === 0 ? 'Syntax error: SELECT list is empty' : 'SELECT * must have a FROM clause',
    );
  return items;
}

/** `t.*`, `struct.*`. */
function starColumns(
  node: SyntaxNode,
  scope: Scope,
): { readonly columns: readonly SourceColumn[]; readonly of?: Expression } {
  if (node.node_type === 'Identifier') {
    const name = identifierName(node).toLowerCase();
    for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
      const source = level.sources.find((one) => one.name.toLowerCase() === name);
      if (source !== undefined && source.value === undefined) return { columns: source.columns };
    }
  }
  const value = expression(node, scope);
  if (value.type.kind !== 'STRUCT') {
    throw invalid(node, `Dot-star is not supported for type ${typeName(value.type)}`);
  }
  const columns = value.type.fields.map(({ name, type }, i) => ({
    name,
    type,
    sql: fieldSql(value.sql, value.type, i),
  }));
  return { columns, of: value };
}

function star(
  node: SyntaxNode,
  whole: SyntaxNode,
  { columns: all, of }: ReturnType<typeof starColumns>,
  scope: Scope,
): SelectItem[] {
  only(node, 'except', 'replace');
  const columns = all.filter(({ hidden }) => hidden !== true);
  if (has(whole, 'alias')) throw invalid(need(whole, 'alias'), 'Syntax error: Unexpected alias of *');
  if (columns.length === 0) throw invalid(whole, 'SELECT * must have a FROM clause');
  const dropped = exceptNames(child(node, 'except'), columns);
  const replaced = replacements(child(node, 'replace'), columns, scope);
  // Fields of a value read what the value reads.
  const read = (column: SourceColumn) =>
    of === undefined ? columnReference(column, whole, scope) : composed(column.sql, column.type, of);
  return columns
    .filter(({ name }) => !dropped.has(name.toLowerCase()))
    .map((column) => ({
      name: column.name,
      value: replaced.get(column.name.toLowerCase()) ?? read(column),
      node: whole,
    }));
}

function exceptNames(node: SyntaxNode | undefined, columns: readonly SourceColumn[]): Set<string> {
  const names = new Set<string>();
  if (node === undefined) return names;
  const group = need(node, 'group');
  for (const one of group.node_type === 'GroupedExpr' ? [need(group, 'expr')] : list(group, 'exprs')) {
    const name = identifierName(one);
    if (fieldOf(columns, name) === undefined) {
      throw invalid(one, `Column ${name} in SELECT * EXCEPT list does not exist`);
    }
    names.add(name.toLowerCase());
  }
  return names;
}

function replacements(
  node: SyntaxNode | undefined,
  columns: readonly SourceColumn[],
  scope: Scope,
): Map<string, Expression> {
  const found = new Map<string, Expression>();
  if (node === undefined) return found;
  for (const one of list(need(node, 'group'), 'exprs')) {
    const alias = child(one, 'alias');
    if (alias === undefined) throw invalid(one, 'Syntax error: Expected keyword AS');
    const name = identifierName(alias);
    if (fieldOf(columns, name) === undefined) {
      throw invalid(alias, `Column ${name} in SELECT * REPLACE list does not exist`);
    }
    found.set(name.toLowerCase(), listed(one, scope));
  }
  return found;
}

/** The columns of the result, each under a name of its own; `AS STRUCT` makes one of them all. */
export function outputColumns(
  items: readonly SelectItem[],
  shape: string,
  node: SyntaxNode,
): { sql: string; columns: QueryColumn[]; isValue: boolean } {
  if (shape === 'AS STRUCT') {
    const type: SqlType = {
      kind: 'STRUCT',
      fields: items.map(({ name, value }) => ({ name, type: value.type })),
    };
    const names = items.map(({ name }) => name.toLowerCase()).filter((name) => name !== '');
    if (new Set(names).size < names.length)
      throw invalid(node, 'A STRUCT with two fields of one name is not supported here');
    const sql = structSql(
      items.map(({ value }) => value),
      type,
    );
    return { sql: `${sql} AS "$struct"`, columns: [{ name: '', sqlName: '"$struct"', type }], isValue: true };
  }
  if (shape === 'AS VALUE' && items.length !== 1)
    throw invalid(node, 'SELECT AS VALUE query must have exactly one column');
  if (shape !== '' && shape !== 'AS VALUE') throw invalid(node, `SELECT ${shape} is not supported here`);
  const names = sqlNames(items.map(({ name }) => name));
  const columns = items.map(({ name, value }, i) => ({
    name,
    sqlName: quoteName(names[i]!),
    type: value.type,
    value,
  }));
  return {
    sql: columns.map(({ value, sqlName }) => `${value.sql} AS ${sqlName}`).join(', '),
    columns: columns.map(({ value, ...column }) =>
      value.literal?.value === null || value.coercible ? { ...column, value } : column,
    ),
    isValue: shape === 'AS VALUE',
  };
}

/** DuckDB's names are equal whatever the case, and each must be there once. */
export function sqlNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, i) => {
    let unique = name === '' ? `$${i + 1}` : name;
    while (taken.has(unique.toLowerCase())) unique = `${name}$${i + 1}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** Translates something to look at it, and puts back what that counted. */
export function rehearse<Result>(scope: Scope, work: () => Result): Result {
  const { counters, relations } = scope.translation;
  const before = { ...counters };
  const { length } = relations;
  const { sawAggregate, sawAnalytic } = scope;
  try {
    return work();
  } finally {
    Object.assign(counters, before);
    relations.length = length;
    scope.sawAggregate = sawAggregate;
    scope.sawAnalytic = sawAnalytic;
  }
}
