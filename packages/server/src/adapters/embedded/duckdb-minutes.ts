import type { DuckDBConnection } from '@duckdb/node-api';
import { VERDICT_STATES } from '@seismo/engine/streaming';
import { readColumns } from './duckdb-columns.js';
import { inTransaction, oneNumber, toWhole } from './duckdb-database.js';

/** Means of closed minutes beside what was forecast for them: what a round of judging reads. */

export const MINUTE_MS = 60_000;
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');
const NO_DATA = VERDICT_STATES.indexOf('no_data');
/** Rows are read and judged in stretches of time, so that catching up needs no more memory than keeping up. */
const FRESH_STRETCH_MS = 60 * MINUTE_MS;
const LATE_STRETCH_MS = 360 * MINUTE_MS;
/** How far back the minute before may lie that says whether an anomaly is the first one. */
const BEFORE_MS = 60 * MINUTE_MS;

/** A minute is NaN where it had no sample. */
export interface MinuteColumns {
  readonly seriesIds: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly expected: Float64Array;
  readonly deviations: Float64Array;
  /** Infinite where there are none, as {@link MinuteExpectation} says. */
  readonly lowerLimits: Float64Array;
  readonly upperLimits: Float64Array;
  /** What was said of this minute before; NaN and `unknown` where it was not judged yet. */
  readonly valuesBefore: Float64Array;
  readonly statesBefore: Uint8Array;
}

export interface Watermark {
  /** Every minute before this one is judged. */
  readonly closedMs: number;
  /** With the samples committed up to here. */
  readonly seq: number;
}

export async function readWatermark(connection: DuckDBConnection): Promise<Watermark> {
  const read = (name: string) =>
    oneNumber(connection, `SELECT value::DOUBLE FROM seismo_store.meta WHERE name = '${name}'`);
  return { closedMs: await read('minutes_closed_ms'), seq: await read('minutes_seq') };
}

/** One minute of each series. */
export interface NewestMinutes {
  readonly seriesIds: Uint32Array;
  readonly timesMs: Float64Array;
  readonly states: Uint8Array;
}

/** The newest minutes that were judged by then, within an hour. */
export async function readNewestMinutes(
  connection: DuckDBConnection,
  closedMs: number,
): Promise<NewestMinutes> {
  const [ids, times, states] = await readColumns(
    connection,
    `SELECT series_id, max(time_ms)::DOUBLE, arg_max(state, time_ms) FROM seismo_store.minutes
     WHERE ${within(closedMs - BEFORE_MS, closedMs)} GROUP BY series_id`,
    [],
    ['uint32', 'float64', 'uint8'],
  );
  return {
    seriesIds: ids as Uint32Array,
    timesMs: times as Float64Array,
    states: states as Uint8Array,
  };
}

/** What a round has to judge, stretch by stretch; `last` carries the watermark to note with it. */
export interface Stretch {
  readonly minutes: MinuteColumns;
  readonly late: boolean;
  readonly last?: Watermark;
}

/** Does a read on some connection; never inside a write, since a lost instance is opened anew between the two. */
export type Read = <Result>(work: (connection: DuckDBConnection) => Promise<Result>) => Promise<Result>;

/**
 * Minutes that came to hold other samples since the last round, then those that closed since. Each stretch is one
 * look at the store; a sample that comes while the round goes on is after the watermark and found by the next one.
 */
export async function* readUnjudged(read: Read, from: Watermark, closedMs: number): AsyncIterable<Stretch> {
  const { seq, touchedFromMs } = await read((connection) =>
    inTransaction(connection, () => readTouched(connection, from)),
  );
  for (let atMs = touchedFromMs; atMs < from.closedMs; atMs += LATE_STRETCH_MS) {
    const untilMs = Math.min(from.closedMs, atMs + LATE_STRETCH_MS);
    const due = `SELECT m.series_id, m.time_ms, m.expected, m.deviation, m.lower_limit, m.upper_limit,
        m.value AS before, m.state
      FROM seismo_store.minutes m SEMI JOIN (
        SELECT series_id, time_ms // ${MINUTE_MS} * ${MINUTE_MS} AS time_ms FROM seismo_store.samples_hot
        WHERE seq > ${from.seq} AND seq <= ${seq} AND ${within(atMs, untilMs)}) USING (series_id, time_ms)
      WHERE ${within(atMs, untilMs, 'm.time_ms')}`;
    const minutes = await read((connection) => readMinutes(connection, due, atMs, untilMs));
    if (minutes.timesMs.length > 0) yield { minutes, late: true };
  }
  const forecastEndMs = await read((connection) =>
    oneNumber(connection, 'SELECT coalesce(max(time_ms), 0)::DOUBLE FROM seismo_store.forecasts'),
  );
  for (let atMs = from.closedMs; ; atMs += FRESH_STRETCH_MS) {
    // Past all forecasts nothing can be judged, however long the server was down.
    const untilMs = atMs > forecastEndMs ? closedMs : Math.min(closedMs, atMs + FRESH_STRETCH_MS);
    const due = `SELECT series_id, time_ms, expected, deviation, lower_limit, upper_limit, 'NaN'::DOUBLE AS before,
        3::UTINYINT AS state
      FROM seismo_store.forecasts WHERE ${within(atMs, untilMs)}`;
    const minutes = await read((connection) => readMinutes(connection, due, atMs, untilMs));
    // Late samples of this round are done with: until its last stretch is noted, they are looked for again.
    const last = { closedMs: untilMs, seq: untilMs === closedMs ? seq : from.seq };
    yield { minutes, late: false, last };
    if (untilMs === closedMs) return;
  }
}

/** The newest commit, and the earliest time of those after the watermark. */
async function readTouched(connection: DuckDBConnection, from: Watermark) {
  const [seqs, times] = await readColumns(
    connection,
    `SELECT greatest(coalesce(max(seq), 0), (SELECT value FROM seismo_store.meta WHERE name = 'compacted_seq'))::DOUBLE,
       coalesce(min(time_ms) FILTER (time_ms < ${from.closedMs}), ${from.closedMs})::DOUBLE
     FROM seismo_store.samples_hot WHERE seq > ${from.seq}`,
    [],
    ['float64', 'float64'],
  );
  // Further back than anything judged there is nothing to judge again.
  const judgedFromMs = await oneNumber(
    connection,
    'SELECT coalesce(min(time_ms), 9e15)::DOUBLE FROM seismo_store.minutes',
  );
  const firstMs = Math.floor(times![0]! / MINUTE_MS) * MINUTE_MS;
  return { seq: Math.max(from.seq, seqs![0]!), touchedFromMs: Math.max(firstMs, judgedFromMs) };
}

/** `due` gives series, minute, forecast and what was said before; the means are added here. */
async function readMinutes(
  connection: DuckDBConnection,
  due: string,
  fromMs: number,
  untilMs: number,
): Promise<MinuteColumns> {
  const wanted = `${within(fromMs, untilMs)} AND series_id IN (SELECT series_id FROM due)`;
  const columns = await readColumns(
    connection,
    `WITH due AS MATERIALIZED (${due}), ${meansOf(wanted)}
     SELECT d.series_id, d.time_ms::DOUBLE, coalesce(m.value, 'NaN'::DOUBLE), d.expected, d.deviation,
       d.lower_limit, d.upper_limit, d.before, d.state
     FROM due d LEFT JOIN means m USING (series_id, time_ms) ORDER BY d.series_id, d.time_ms`,
    [],
    ['uint32', ...Array.from({ length: 7 }, () => 'float64' as const), 'uint8'],
  );
  const [seriesIds, ...others] = columns;
  const statesBefore = others.pop();
  const [timesMs, values, expected, deviations, lowerLimits, upperLimits, valuesBefore] =
    others as Float64Array[];
  return {
    seriesIds: seriesIds as Uint32Array,
    timesMs: timesMs!,
    values: values!,
    expected: expected!,
    deviations: deviations!,
    lowerLimits: lowerLimits!,
    upperLimits: upperLimits!,
    valuesBefore: valuesBefore!,
    statesBefore: statesBefore as Uint8Array,
  };
}

/** The mean of each minute over the samples that `wanted` takes, hot over cold, the last write of each time. */
export function meansOf(wanted: string): string {
  return `hot AS MATERIALIZED (
      SELECT series_id, time_ms, arg_max(value, rowid) AS value FROM seismo_store.samples_hot
      WHERE ${wanted} GROUP BY series_id, time_ms),
    means AS (
      SELECT series_id, time_ms // ${MINUTE_MS} * ${MINUTE_MS} AS time_ms, favg(value) AS value FROM (
        SELECT series_id, time_ms, value FROM (FROM seismo_store.samples_cold WHERE ${wanted})
          ANTI JOIN hot USING (series_id, time_ms)
        UNION ALL FROM hot)
      GROUP BY ALL)`;
}

export function within(fromMs: number, untilMs: number, column = 'time_ms'): string {
  return `${column} >= ${toWhole(fromMs)} AND ${column} < ${toWhole(untilMs)}`;
}

/** Minutes as they stand, by their keys. */
export interface MinutesAround {
  /** Whether they are above what was expected. */
  readonly anomalous: Map<string, boolean>;
  readonly withoutData: Set<string>;
}

/** What is said so far of the minutes of these series from an hour before `fromMs` up to `untilMs`. */
export async function readAround(
  connection: DuckDBConnection,
  seriesIds: Uint32Array,
  fromMs: number,
  untilMs: number,
): Promise<MinutesAround> {
  const [ids, times, states, above] = await readColumns(
    connection,
    `SELECT series_id, time_ms::DOUBLE, state, (value > expected)::UTINYINT FROM seismo_store.minutes
     WHERE ${within(fromMs - BEFORE_MS, untilMs)} AND state IN (${ANOMALOUS}, ${NO_DATA})
       AND series_id IN (${[...new Set(seriesIds)].join()})`,
    [],
    ['uint32', 'float64', 'uint8', 'uint8'],
  );
  const keys = Array.from(ids!, (id, row) => minuteKey(id, times![row]!));
  return {
    anomalous: new Map(
      keys.flatMap((key, row) => (states![row] === ANOMALOUS ? [[key, above![row] === 1] as const] : [])),
    ),
    withoutData: new Set(keys.filter((_, row) => states![row] === NO_DATA)),
  };
}

/**
 * An excursion that is under way: it began above what was expected or below, and goes on over minutes without data
 * only where the next one with data is off to the same side. Nobody saw what lay between.
 */
export interface Excursion {
  readonly isAbove: boolean;
  /** Since its last minute there were minutes without data. */
  isInterrupted: boolean;
}

/** Excursions of the series whose last minute with data before this time was anomalous. */
export async function readExcursions(
  connection: DuckDBConnection,
  timeMs: number,
): Promise<Map<number, Excursion>> {
  const withData = `FILTER (state <> ${NO_DATA})`;
  const [ids, above, interrupted] = await readColumns(
    connection,
    `SELECT series_id, arg_max(value > expected, time_ms) ${withData}::UTINYINT,
       (max(time_ms) > max(time_ms) ${withData})::UTINYINT
     FROM seismo_store.minutes WHERE ${within(timeMs - BEFORE_MS, timeMs)}
     GROUP BY series_id HAVING arg_max(state, time_ms) ${withData} = ${ANOMALOUS}`,
    [],
    ['uint32', 'uint8', 'uint8'],
  );
  return new Map(
    Array.from(ids!, (id, row) => [
      id,
      { isAbove: above![row] === 1, isInterrupted: interrupted![row] === 1 },
    ]),
  );
}

export function minuteKey(seriesId: number, timeMs: number): string {
  return `${seriesId} ${timeMs}`;
}
