import type { Query } from './expression.js';
import { invalid, type SyntaxNode } from './syntax.js';
import { quoteText } from './types.js';

/** BigQuery's; what the recursion begins with is the first. */
const ITERATIONS_MAX = 500;
/** No column of a user can be called that. */
const ITERATION = '"iteration;"';

/**
 * The definition of a common table that reads itself: each of its rows has the number of its iteration besides, so that
 * a recursion without end fails as BigQuery's does, also where a LIMIT takes its first rows only. `sqlName` and `columns` are quoted; `found` is the whole of it.
 */
export function recursion(
  name: string,
  sqlName: string,
  columns: readonly string[],
  found: Query,
  node: SyntaxNode,
): string {
  const { prefix = '', operator = '', sqls = [] } = found.operation ?? {};
  const [step, ...starts] = [...sqls].reverse();
  if (step === undefined || !operator.startsWith('UNION') || starts.some((one) => one.includes(sqlName))) {
    throw invalid(
      node,
      `Recursive reference to ${name} is only possible behind the last UNION ALL or UNION DISTINCT of its query: start UNION ALL step`,
    );
  }
  const own = columns.join(', ');
  const message = `A recursive CTE has reached the maximum number of iterations: ${ITERATIONS_MAX}.`;
  const next = `CASE WHEN n.i >= ${ITERATIONS_MAX} THEN bq_fail(${quoteText(message)}) ELSE n.i + 1 END`;
  const first = `FROM (${[...starts].reverse().join(` ${operator.replace(' DISTINCT', '')} `)})`;
  const further = `FROM (${step}) AS r(${own}), (SELECT max(${ITERATION}) AS i FROM ${sqlName}) AS n`;
  const header = `${sqlName}(${own}, ${ITERATION})`;
  if (operator === 'UNION ALL')
    return `${header} AS MATERIALIZED (${prefix}SELECT *, 1::BIGINT ${first} UNION ALL SELECT r.*, ${next} ${further})`;
  // With the number no row repeats another: what was found before is left out here.
  const same = columns.map((column) => `k.${column} IS NOT DISTINCT FROM r.${column}`).join(' AND ');
  const isNew = `NOT EXISTS (SELECT 1 FROM recurring.${sqlName} AS k WHERE ${same})`;
  return `${header} USING KEY (${own}) AS MATERIALIZED (${prefix}SELECT DISTINCT *, 1::BIGINT ${first} UNION SELECT DISTINCT r.*, ${next} ${further} WHERE ${isNew})`;
}
