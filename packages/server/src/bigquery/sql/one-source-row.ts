import type { Target } from './targets.js';
import { quoteText } from './types.js';

/**
 * BigQuery refuses to change one row by several: DuckDB would take any of them. A condition that is true, or fails
 * with BigQuery's message, as part of the statement that changes the rows. `item` is the target under its alias.
 */
export function oneSourceRow(target: Target, item: string, source: string, condition: string): string {
  const message = 'UPDATE/MERGE must match at most one source row for each target row';
  const alias = target.alias();
  // A column of this name hides what DuckDB tells rows apart by.
  const isHidden = target.columns.some(({ name }) => name.toLowerCase() === 'rowid');
  const [rows, row] = isHidden
    ? [`(SELECT *, row_number() OVER () AS "rowid;" FROM ${item}) AS ${alias}`, '"rowid;"']
    : [item, 'rowid'];
  const most = `SELECT max(n) FROM (SELECT count(*) AS n FROM ${rows} JOIN ${source} ON ${condition} GROUP BY ${alias}.${row})`;
  return `(CASE WHEN (${most}) > 1 THEN bq_fail(${quoteText(message)}) ELSE 0 END = 0)`;
}

/**
 * The query of a source, `(…) AS alias`, which the statement and the check above both read: computed before, once, so that
 * both see the same rows. `before` stands before the statement, `sql` instead of the source.
 */
export function computedOnce(source: string): { before: string; sql: string } {
  const alias = source.slice(source.lastIndexOf(' ') + 1);
  return { before: `WITH ${alias} AS MATERIALIZED (SELECT * FROM ${source}) `, sql: alias };
}
