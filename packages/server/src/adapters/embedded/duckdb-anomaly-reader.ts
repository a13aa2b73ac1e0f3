import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { type Anomaly, componentOf, MINUTE_DETECTOR } from '../../model/verdict.js';
import type { AnomalyPosition, AnomalyQuery, SeriesFilter } from '../../ports/sample-store.js';
import { rows, toInt64, toWhole } from './duckdb-database.js';

/**
 * Texts are compared byte by byte in UTF-8, which is the order of code points. Keys are looked up only for rows that
 * can be on the page: for all of a million rows that would take fifty times as long.
 */
export async function queryAnomalies(connection: DuckDBConnection, query: AnomalyQuery): Promise<Anomaly[]> {
  const values: DuckDBValue[] = [];
  const place = (value: DuckDBValue): string => `$${values.push(value)}`;
  const limit = Math.max(0, Math.floor(query.limit));
  const wanted = wantedRows(query, place);
  const { after } = query;
  const afterMs = after === undefined ? undefined : place(toInt64(after.timeMs));
  const newestFirst = `SELECT time_ms FROM (${wanted}) ${afterMs === undefined ? '' : `WHERE time_ms < ${afterMs}`}
    ORDER BY time_ms DESC LIMIT ${limit}`;
  const found = await rows(
    connection,
    `SELECT a.series_id, a.time_ms::DOUBLE, a.value, a.expected, a.lower, a.upper, a.probability, a.score, a.alarm,
       a.detector, a.review, a.component
     FROM (${wanted}) a JOIN seismo_store.series s ON s.id = a.series_id
     WHERE a.time_ms >= coalesce((SELECT min(time_ms) FROM (${newestFirst})), ${afterMs ?? 0})
       ${after === undefined ? '' : `AND ${comesAfter(after, afterMs!, place)}`}
     ORDER BY a.time_ms DESC, s.key, a.detector LIMIT ${limit}`,
    values,
  );
  return found.map(toAnomaly);
}

/** What is stored of these minutes as anomalies of minutes. */
export async function readFound(
  connection: DuckDBConnection,
  seriesIds: Uint32Array,
  fromMs: number,
  toMs: number,
): Promise<Anomaly[]> {
  const found = await rows(
    connection,
    `SELECT series_id, time_ms::DOUBLE, value, expected, lower, upper, probability, score, alarm, detector, review,
       component
     FROM seismo_store.anomalies WHERE detector = '${MINUTE_DETECTOR}'
       AND time_ms BETWEEN ${toWhole(fromMs)} AND ${toWhole(toMs)}
       AND series_id IN (${[...new Set(seriesIds)].join()})`,
  );
  return found.map(toAnomaly);
}

type Place = (value: DuckDBValue) => string;

function comesAfter({ series, detector }: AnomalyPosition, timeMs: string, place: Place): string {
  const key = place(series);
  return `(a.time_ms < ${timeMs} OR s.key > ${key} OR (s.key = ${key} AND a.detector > ${place(detector)}))
    AND a.time_ms <= ${timeMs}`;
}

function wantedRows(query: AnomalyQuery, place: Place): string {
  const conditions: string[] = [];
  if (query.series !== undefined) {
    const ofSeries = seriesConditions(query.series, place);
    if (ofSeries.length > 0) {
      conditions.push(
        `series_id IN (SELECT s.id FROM seismo_store.series s WHERE ${ofSeries.join(' AND ')})`,
      );
    }
  }
  if (query.fromMs !== undefined) conditions.push(`time_ms >= ${place(toInt64(Math.ceil(query.fromMs)))}`);
  if (query.toMs !== undefined) conditions.push(`time_ms <= ${place(toInt64(Math.floor(query.toMs)))}`);
  if (query.minProbability !== undefined) conditions.push(`probability >= ${place(query.minProbability)}`);
  if (query.alarmsOnly === true) conditions.push('alarm = 1');
  if (query.detector !== undefined) conditions.push(`detector = ${place(query.detector)}`);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return `SELECT * FROM seismo_store.anomalies ${where}`;
}

function seriesConditions(filter: SeriesFilter, place: Place): string[] {
  const conditions: string[] = [];
  if (filter.names.length > 0) {
    const names = filter.names.map(place).join(', ');
    conditions.push(`(s.key IN (${names}) OR s.name IN (${names}))`);
  }
  for (const [name, value] of filter.labels) {
    const label = `json_transform(s.labels, '"MAP(VARCHAR, VARCHAR)"')[${place(name)}::VARCHAR]`;
    conditions.push(`coalesce(${label}, '') = ${place(value)}`);
  }
  return conditions;
}

type AnomalyNumbers = [number, number, number, number, number, number, number, number, number];

function toAnomaly(row: DuckDBValue[]): Anomaly {
  const [seriesId, timeMs, value, expected, lower, upper, probability, score, alarm] = row as AnomalyNumbers;
  const [detector, review, code] = row.slice(9) as [string, number, number];
  const component = componentOf(code);
  return {
    seriesId,
    timeMs,
    value,
    expected,
    lower,
    upper,
    probability,
    score,
    alarm: alarm === 1,
    detector,
    ...(component === null ? {} : { component }),
    ...(review === 0 ? {} : { review: review === 1 ? 'confirmed' : 'withdrawn' }),
  };
}
