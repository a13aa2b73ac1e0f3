import type { DuckDBConnection } from '@duckdb/node-api';
import { VERDICT_STATES } from '@seismo/engine/streaming';
import { MINUTE_DETECTOR } from '../../model/verdict.js';
import type { VerdictParts } from '../../ports/model-store.js';
import { readColumns } from './duckdb-columns.js';
import { inTransaction, rows, toInt64, toWhole } from './duckdb-database.js';
import { MINUTE_MS } from './duckdb-minutes.js';
import type { MinuteExpectation } from './minute-expectation.js';

/** What minutes were judged by, kept beyond the models that judged them. */

const NO_DATA = VERDICT_STATES.indexOf('no_data');

/** Judged minutes and what was expected of them. */
export interface ExpectedColumns {
  readonly timesMs: Float64Array;
  readonly expected: Float64Array;
}

export interface Explanation {
  readonly timeMs: number;
  readonly expected: number;
  readonly parts: VerdictParts;
}

/** The deviation is NaN where only the anomaly is kept. */
export interface VerdictRow extends MinuteExpectation {
  readonly timeMs: number;
  readonly value: number;
  /** Undefined where they are not kept. */
  readonly parts: VerdictParts | undefined;
}

/** Minutes of a series, judged since a time, that hold an anomaly of either detector and are not explained yet. */
export async function readUnexplained(
  connection: DuckDBConnection,
  seriesId: number,
  fromMs: number,
): Promise<ExpectedColumns> {
  const since = `series_id = ${seriesId >>> 0} AND time_ms >= ${toWhole(fromMs)}`;
  const [timesMs, expected] = await readColumns(
    connection,
    `SELECT time_ms::DOUBLE, expected FROM seismo_store.minutes m
       SEMI JOIN (SELECT time_ms // ${MINUTE_MS} * ${MINUTE_MS} AS time_ms FROM seismo_store.anomalies WHERE ${since})
         USING (time_ms)
       ANTI JOIN (SELECT time_ms FROM seismo_store.explanations WHERE ${since}) USING (time_ms)
     WHERE ${since} AND state <> ${NO_DATA} ORDER BY time_ms`,
    [],
    ['float64', 'float64'],
  );
  return { timesMs: timesMs as Float64Array, expected: expected as Float64Array };
}

/**
 * What was said of the minutes of a span, ascending. Where the retention has taken the minute itself, its anomaly
 * tells.
 */
export async function readVerdicts(
  connection: DuckDBConnection,
  seriesId: number,
  fromMs: number,
  toMs: number,
): Promise<VerdictRow[]> {
  const wanted = `series_id = ${seriesId >>> 0} AND time_ms BETWEEN ${toWhole(fromMs)} AND ${toWhole(toMs)}`;
  const found = await rows(
    connection,
    `WITH judged AS (
       SELECT time_ms, value, expected, deviation, lower_limit, upper_limit FROM seismo_store.minutes WHERE ${wanted} AND state <> ${NO_DATA}),
     said AS (
       FROM judged UNION ALL
       SELECT time_ms, value, expected, 'NaN'::DOUBLE, '-inf'::DOUBLE, 'inf'::DOUBLE FROM seismo_store.anomalies
         ANTI JOIN judged USING (time_ms) WHERE ${wanted} AND detector = '${MINUTE_DETECTOR}')
     SELECT time_ms::DOUBLE, value, s.expected, deviation, lower_limit, upper_limit, e.parts FROM said s
       LEFT JOIN (FROM seismo_store.explanations WHERE ${wanted}) e USING (time_ms) ORDER BY time_ms`,
  );
  return found.map(([timeMs, value, expected, deviation, lowerLimit, upperLimit, parts]) => ({
    timeMs: timeMs as number,
    value: value as number,
    expected: expected as number,
    deviation: deviation as number,
    lowerLimit: lowerLimit as number,
    upperLimit: upperLimit as number,
    parts: parts === null ? undefined : (JSON.parse(parts as string) as VerdictParts),
  }));
}

/** On the writing connection; one that is known stays as it is. */
export async function writeExplanations(
  connection: DuckDBConnection,
  seriesId: number,
  explanations: readonly Explanation[],
): Promise<void> {
  await inTransaction(connection, async () => {
    for (const { timeMs, expected, parts } of explanations) {
      await connection.run(
        `INSERT INTO seismo_store.explanations SELECT $1, $2, $3, $4 WHERE NOT EXISTS (
           FROM seismo_store.explanations WHERE series_id = $1 AND time_ms = $2)`,
        [seriesId, toInt64(timeMs), expected, JSON.stringify(parts)],
      );
    }
  });
}
