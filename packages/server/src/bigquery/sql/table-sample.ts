import { expression } from './compile.js';
import type { FromItem } from './from-items.js';
import type { Scope } from './scope.js';
import { invalid, keyword, need, notSupported, only, type SyntaxNode } from './syntax.js';
import { fullName, nameParts } from './table-names.js';
import { tableSource } from './tables.js';

/** Rows that are taken or left together: those of one of DuckDB's row groups. */
const BLOCK_ROWS = 122_880;

/**
 * `table TABLESAMPLE SYSTEM (10 PERCENT)`: each block of rows is taken with that probability, and one of them in any
 * case, so that a small table is read whole, as in BigQuery.
 */
export function sampledTable(node: SyntaxNode, clause: SyntaxNode, scope: Scope): FromItem {
  const { tablesample: _clause, ...children } = node.children;
  const table = { ...node, children };
  if (!isTable(table, scope))
    throw invalid(clause, 'TABLESAMPLE SYSTEM can only be applied directly to tables');
  const percent = percentOf(clause, scope);
  const { sql, ...item } = tableSource(table, scope);
  const end = sql.lastIndexOf(' AS ');
  const [relation, alias] = [sql.slice(0, end), sql.slice(end)];
  const blocks = `(SELECT bq_sample_blocks((n + ${BLOCK_ROWS - 1}) // ${BLOCK_ROWS}, ${percent}) FROM (SELECT count(*) AS n FROM ${relation}))`;
  const numbered = `SELECT *, (row_number() OVER () - 1) // ${BLOCK_ROWS} AS "block;" FROM ${relation}`;
  return {
    ...item,
    sql: `(SELECT * EXCLUDE ("block;") FROM (${numbered}) WHERE list_contains(${blocks}, "block;"))${alias}`,
  };
}

const NAMES = ['Identifier', 'DotOperator', 'MultiTokenIdentifier'];

function isTable(node: SyntaxNode, scope: Scope): boolean {
  if (!NAMES.includes(node.node_type)) return false;
  const parts = nameParts(node);
  const { options, session } = scope.translation;
  if (parts.length === 1) {
    if (scope.commonTable(parts[0]!) !== undefined) return false;
    if (session.temporaryTables.has(parts[0]!)) return true;
  }
  const { dataset, table } = fullName(node, options);
  return options.catalog.table(dataset, table)?.kind !== 'view';
}

function percentOf(clause: SyntaxNode, scope: Scope): number {
  only(clause, 'system', 'group');
  const [method, group] = [keyword(need(clause, 'system')), need(clause, 'group')];
  only(group, 'expr', 'percent');
  const unit = keyword(need(group, 'percent'));
  if (method !== 'SYSTEM' || unit !== 'PERCENT')
    throw notSupported(`TABLESAMPLE ${method} (… ${unit})`, clause);
  const value = expression(need(group, 'expr'), scope).literal?.value;
  const percent = typeof value === 'bigint' ? Number(value) : value;
  if (typeof percent === 'number' && percent >= 0 && percent <= 100) return percent;
  throw invalid(group, 'TABLESAMPLE percentage value must be a literal or query parameter between 0 and 100');
}
