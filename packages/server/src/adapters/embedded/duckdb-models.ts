import type { DuckDBConnection } from '@duckdb/node-api';
import { readColumns } from './duckdb-columns.js';
import { oneNumber, rows, toWhole } from './duckdb-database.js';
import { meansOf, readNewestMinutes, type Watermark, within } from './duckdb-minutes.js';

/** What is stored of models, and what they are trained on. Times are NaN where there is none. */
export interface ModelRow {
  readonly seriesId: number;
  /** JSON. */
  readonly options: string;
  /** Why the last training gave no model; empty when it did. */
  readonly error: string;
  /** When the last training began. */
  readonly triedMs: number;
  /** When that of the present model began. */
  readonly trainedMs: number;
  readonly historyFromMs: number;
  readonly historyToMs: number;
  readonly horizonEndMs: number;
  readonly seconds: number;
  /** JSON: order, seasons, steps. */
  readonly facts: string;
}

/** A column each, in the order of the table. */
export const MODEL_COLUMNS = [
  'series_id',
  'options',
  'error',
  'tried_ms',
  'trained_ms',
  'history_from_ms',
  'history_to_ms',
  'horizon_end_ms',
  'seconds',
  'facts',
] as const;

export interface ForecastColumns {
  readonly timesMs: Float64Array;
  readonly expected: Float64Array;
  readonly deviations: Float64Array;
  /** The same in each row; infinite where there are none, as MinuteExpectation says. */
  readonly lowerLimit: number;
  readonly upperLimit: number;
}

export interface MeanColumns {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** How much there is of each series since a time. */
export interface SurveyColumns {
  readonly seriesIds: Uint32Array;
  readonly firstMs: Float64Array;
  readonly lastMs: Float64Array;
  /** Samples of the series; repeats that are not compacted yet count. */
  readonly counts: Float64Array;
}

/** What a span of judged minutes holds; NaN values are minutes without data. */
export interface JudgedColumns extends MeanColumns {
  readonly expected: Float64Array;
  readonly deviations: Float64Array;
  readonly states: Uint8Array;
}

/** All models, and the newest minutes that were judged by them. */
export async function readKept(connection: DuckDBConnection, { closedMs }: Watermark) {
  return { models: await readModels(connection), newest: await readNewestMinutes(connection, closedMs) };
}

async function readModels(connection: DuckDBConnection): Promise<ModelRow[]> {
  const time = (column: string) => `coalesce(${column}, 'NaN'::DOUBLE)::DOUBLE`;
  const found = await rows(
    connection,
    `SELECT series_id, options, error, ${time('tried_ms')}, ${time('trained_ms')}, ${time('history_from_ms')},
       ${time('history_to_ms')}, ${time('horizon_end_ms')}, ${time('seconds')}, facts FROM seismo_store.models
     ORDER BY series_id`,
  );
  return found.map((row) => ({
    seriesId: row[0] as number,
    options: row[1] as string,
    error: row[2] as string,
    triedMs: row[3] as number,
    trainedMs: row[4] as number,
    historyFromMs: row[5] as number,
    historyToMs: row[6] as number,
    horizonEndMs: row[7] as number,
    seconds: row[8] as number,
    facts: row[9] as string,
  }));
}

/** The means of one series' minutes, ascending; minutes without a sample are left out. */
export async function readMeans(
  connection: DuckDBConnection,
  seriesId: number,
  fromMs: number,
  untilMs: number,
): Promise<MeanColumns> {
  const [timesMs, values] = await readColumns(
    connection,
    `WITH ${meansOf(`series_id = ${seriesId} AND ${within(fromMs, untilMs)}`)}
     SELECT time_ms::DOUBLE, value FROM means ORDER BY time_ms`,
    [],
    ['float64', 'float64'],
  );
  return { timesMs: timesMs as Float64Array, values: values as Float64Array };
}

export async function surveySeries(connection: DuckDBConnection, fromMs: number): Promise<SurveyColumns> {
  const since = `time_ms >= ${toWhole(fromMs)}`;
  const [seriesIds, firstMs, lastMs, counts] = await readColumns(
    connection,
    `SELECT series_id, min(time_ms)::DOUBLE, max(time_ms)::DOUBLE, count(*)::DOUBLE FROM (
       SELECT series_id, time_ms FROM seismo_store.samples_cold WHERE ${since}
       UNION ALL SELECT series_id, time_ms FROM seismo_store.samples_hot WHERE ${since})
     GROUP BY series_id`,
    [],
    ['uint32', 'float64', 'float64', 'float64'],
  );
  return {
    seriesIds: seriesIds as Uint32Array,
    firstMs: firstMs as Float64Array,
    lastMs: lastMs as Float64Array,
    counts: counts as Float64Array,
  };
}

export async function readForecast(
  connection: DuckDBConnection,
  seriesId: number,
  fromMs: number,
  minutes: number,
): Promise<ForecastColumns> {
  const [timesMs, expected, deviations, lowerLimits, upperLimits] = await readColumns(
    connection,
    `SELECT time_ms::DOUBLE, expected, deviation, lower_limit, upper_limit FROM seismo_store.forecasts
     WHERE series_id = ${seriesId} AND time_ms >= ${toWhole(fromMs)}
     ORDER BY time_ms LIMIT ${toWhole(minutes)}`,
    [],
    ['float64', 'float64', 'float64', 'float64', 'float64'],
  );
  return {
    timesMs: timesMs as Float64Array,
    expected: expected as Float64Array,
    deviations: deviations as Float64Array,
    lowerLimit: lowerLimits![0] ?? Number.NEGATIVE_INFINITY,
    upperLimit: upperLimits![0] ?? Number.POSITIVE_INFINITY,
  };
}

export async function readJudged(
  connection: DuckDBConnection,
  seriesId: number,
  fromMs: number,
  toMs: number,
): Promise<JudgedColumns> {
  const columns = await readColumns(
    connection,
    `SELECT time_ms::DOUBLE, value, expected, deviation, state FROM seismo_store.minutes
     WHERE series_id = ${seriesId} AND time_ms BETWEEN ${toWhole(fromMs)} AND ${toWhole(toMs)} ORDER BY time_ms`,
    [],
    ['float64', 'float64', 'float64', 'float64', 'uint8'],
  );
  const [timesMs, values, expected, deviations, states] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Uint8Array,
  ];
  return { timesMs, values, expected, deviations, states };
}

/** The newest commit there is: what a first round begins after. */
export function newestSeq(connection: DuckDBConnection): Promise<number> {
  return oneNumber(
    connection,
    `SELECT greatest((SELECT coalesce(max(seq), 0) FROM seismo_store.samples_hot),
       (SELECT value FROM seismo_store.meta WHERE name = 'compacted_seq'))::DOUBLE`,
  );
}

/** Time of the newest sample of a series; 0 where there is none. */
export function lastSampleMs(connection: DuckDBConnection, seriesId: number): Promise<number> {
  const newest = (table: string) =>
    `(SELECT coalesce(max(time_ms), 0) FROM seismo_store.${table} WHERE series_id = ${seriesId})`;
  return oneNumber(
    connection,
    `SELECT greatest(${newest('samples_hot')}, ${newest('samples_cold')})::DOUBLE`,
  );
}
