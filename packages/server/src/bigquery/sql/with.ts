import { query } from './compile.js';
import type { Query } from './expression.js';
import { identifierName } from './literals.js';
import { recursion } from './recursion.js';
import { type CommonTable, Scope } from './scope.js';
import { rehearse } from './select-list.js';
import { has, invalid, list, need, only, type SyntaxNode } from './syntax.js';
import { quoteName } from './types.js';

/** `WITH …` as DuckDB takes it, ready to stand before the query; its tables are known to the scope afterwards. */
export function withClause(node: SyntaxNode | undefined, scope: Scope): string {
  if (node === undefined) return '';
  only(node, 'recursive', 'queries');
  const recursive = has(node, 'recursive');
  const parts = list(node, 'queries').map((one) => {
    only(one, 'as', 'stmt');
    const name = identifierName(one);
    if (scope.commonTables.has(name.toLowerCase()))
      throw invalid(one, `Duplicate alias ${name} for WITH subquery`);
    return commonTable(name, need(one, 'stmt'), scope, recursive);
  });
  return `WITH ${recursive ? 'RECURSIVE ' : ''}${parts.join(', ')} `;
}

function commonTable(name: string, node: SyntaxNode, scope: Scope, recursive: boolean): string {
  const sqlName = `c${++scope.translation.counters.aliases}_${name.replace(/\W/g, '_').slice(0, 30)}`;
  const start = recursive ? startOf(node) : undefined;
  if (start !== undefined) {
    // What it begins with says its columns, under which the rest of it reads what was found so far.
    const first = rehearse(scope, () => query(start, inner(scope)));
    register(name, sqlName, first, scope, '', recursive);
  }
  const found = query(node, inner(scope));
  const columns = found.columns.map((column) => column.sqlName);
  const definition =
    recursive && found.sql.includes(quoteName(sqlName))
      ? recursion(name, quoteName(sqlName), columns, found, node)
      : `${quoteName(sqlName)}(${columns.join(', ')}) AS (${found.sql})`;
  register(name, sqlName, found, scope, definition, recursive);
  return definition;
}

function inner(scope: Scope): Scope {
  const level = new Scope(scope.translation, scope.parent, scope.variables);
  for (const [name, table] of scope.commonTables) level.commonTables.set(name, table);
  return level;
}

function register(
  name: string,
  sqlName: string,
  found: Query,
  scope: Scope,
  definition: string,
  recursive: boolean,
): void {
  const columns = found.columns.map((column) => ({
    name: column.name,
    type: column.type,
    sql: column.sqlName,
  }));
  scope.commonTables.set(name.toLowerCase(), { sqlName: quoteName(sqlName), columns, definition, recursive });
}

/** The WITH of every common table that a scope sees, for a query that is to run outside of it. */
export function surroundingTables(scope: Scope): { prefix: string; tables: Map<string, CommonTable> } {
  const tables = new Map<string, CommonTable>();
  const levels: Scope[] = [];
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) levels.unshift(level);
  for (const level of levels) for (const [name, table] of level.commonTables) tables.set(name, table);
  const definitions = [...new Set([...tables.values()].map(({ definition }) => definition))].filter(
    (one) => one !== '',
  );
  const recursive = [...tables.values()].some((table) => table.recursive);
  return {
    prefix: definitions.length === 0 ? '' : `WITH ${recursive ? 'RECURSIVE ' : ''}${definitions.join(', ')} `,
    tables,
  };
}

/** The part before UNION ALL, where there is one. */
function startOf(node: SyntaxNode): SyntaxNode | undefined {
  if (node.node_type === 'GroupedStatement') return startOf(need(node, 'stmt'));
  return node.node_type === 'SetOperator' ? need(node, 'left') : undefined;
}
