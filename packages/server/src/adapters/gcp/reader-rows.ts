import type { Series } from '../../model/series.js';
import type { SeriesRegistry } from '../../model/series-registry.js';
import type { BigQueryStatements, Row } from './bigquery-statements.js';

/** The last millisecond of the year 9999, where BigQuery's TIMESTAMP ends. */
export const TIME_MS_MAX = 253_402_300_799_999;
/** The first one of the year 1. */
const TIME_MS_MIN = -62_135_596_800_000;

/** Times beyond what a TIMESTAMP can hold become its ends: no row lies there. */
export function timeParameter(statements: Pick<BigQueryStatements, 'time'>, timeMs: number): unknown {
  return statements.time(Math.min(TIME_MS_MAX, Math.max(TIME_MS_MIN, timeMs)));
}

/** The series of a row with `series`, `name` and `labels` as JSON text. */
export function registered(row: Row, registry: SeriesRegistry): Series {
  const key = String(row.series);
  return registry.byKey(key) ?? registry.add(key, String(row.name), labelsOf(row.labels));
}

function labelsOf(text: unknown): Record<string, string> {
  if (typeof text !== 'string') return {};
  const labels: unknown = JSON.parse(text);
  return typeof labels === 'object' && labels !== null ? { ...(labels as Record<string, string>) } : {};
}

export function orNaN(value: unknown): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}
