import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Anomaly } from '../../model/verdict.js';
import type { AnomalyQuery, SeriesFilter } from '../../ports/sample-store.js';
import { rows, toInt64 } from './duckdb-database.js';

/** Texts are compared byte by byte in UTF-8, which is the order of code points. */
export async function queryAnomalies(connection: DuckDBConnection, query: AnomalyQuery): Promise<Anomaly[]> {
  const { where, values } = anomalyFilter(query);
  const found = await rows(
    connection,
    `SELECT a.series_id, a.time_ms::DOUBLE, a.value, a.expected, a.lower, a.upper, a.probability, a.score, a.alarm,
       a.detector
     FROM seismo_store.anomalies a JOIN seismo_store.series s ON s.id = a.series_id
     ${where} ORDER BY a.time_ms DESC, s.key, a.detector LIMIT ${Math.max(0, Math.floor(query.limit))}`,
    values,
  );
  return found.map(toAnomaly);
}

function anomalyFilter(query: AnomalyQuery): { where: string; values: DuckDBValue[] } {
  const conditions: string[] = [];
  const values: DuckDBValue[] = [];
  const place = (value: DuckDBValue): string => `$${values.push(value)}`;
  if (query.series !== undefined) conditions.push(...seriesConditions(query.series, place));
  if (query.fromMs !== undefined) conditions.push(`a.time_ms >= ${place(toInt64(Math.ceil(query.fromMs)))}`);
  if (query.toMs !== undefined) conditions.push(`a.time_ms <= ${place(toInt64(Math.floor(query.toMs)))}`);
  if (query.minProbability !== undefined) conditions.push(`a.probability >= ${place(query.minProbability)}`);
  if (query.alarmsOnly === true) conditions.push('a.alarm = 1');
  if (query.after !== undefined) {
    const time = place(toInt64(query.after.timeMs));
    const series = place(query.after.series);
    const detector = place(query.after.detector);
    conditions.push(
      `(a.time_ms < ${time} OR (a.time_ms = ${time} AND (s.key > ${series}
        OR (s.key = ${series} AND a.detector > ${detector}))))`,
    );
  }
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

function seriesConditions(filter: SeriesFilter, place: (value: DuckDBValue) => string): string[] {
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

function toAnomaly(row: DuckDBValue[]): Anomaly {
  const [seriesId, timeMs, value, expected, lower, upper, probability, score, alarm, detector] = row as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    string,
  ];
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
  };
}
