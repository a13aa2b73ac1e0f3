import type { DuckDBConnection } from '@duckdb/node-api';

const INTERRUPTION_MS = 5;

/**
 * Ends the statement of a connection: now and every few milliseconds until the timer that it gives is cleared, since
 * DuckDB forgets an interruption that comes before the statement has begun.
 */
export function interruptRepeatedly(connection: DuckDBConnection): NodeJS.Timeout {
  connection.interrupt();
  return setInterval(() => connection.interrupt(), INTERRUPTION_MS);
}
