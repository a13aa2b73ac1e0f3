import { type Series, seriesKey } from '../../model/series.js';
import type { SeriesRegistry } from '../../model/series-registry.js';
import type { Anomaly } from '../../model/verdict.js';
import type { AnomalyQuery, AnomalyReader } from '../../ports/sample-store.js';
import { type BigQueryStatements, numberOf, type Row } from './bigquery-statements.js';

interface BigQueryReaderOptions {
  readonly statements: Pick<BigQueryStatements, 'run' | 'time'>;
  /** Gets the series that are found and not known yet. */
  readonly registry: SeriesRegistry;
}

/** The last millisecond of the year 9999, where BigQuery's TIMESTAMP ends. */
const TIME_MS_MAX = 253_402_300_799_999;
/** The first one of the year 1. */
const TIME_MS_MIN = -62_135_596_800_000;

/** Stands for "every series" and "no condition": an empty array has no type of its own in a query. */
const NONE = [''];

/** Reads the table `anomalies` in one query for each page; what was not measured there is NaN here. */
export function createBigQueryAnomalyReader({ statements, registry }: BigQueryReaderOptions): AnomalyReader {
  return {
    async queryAnomalies(query) {
      const values = { ...labelConditions(query), ...rangeOf(query, statements), ...filtersOf(query) };
      const rows = await statements.run('read-anomalies', { values });
      return rows.map((row) => toAnomaly(row, registry));
    },
  };
}

function rangeOf(query: AnomalyQuery, statements: BigQueryReaderOptions['statements']) {
  const { fromMs = -TIME_MS_MAX, toMs = TIME_MS_MAX, after } = query;
  return {
    from_time: timeParameter(statements, Math.ceil(fromMs)),
    to_time: timeParameter(statements, Math.floor(toMs)),
    after_time: timeParameter(statements, after?.timeMs ?? TIME_MS_MAX),
    after_series: after?.series ?? '',
    after_detector: after?.detector ?? '',
  };
}

/** Times beyond what a TIMESTAMP can hold become its ends: no row lies there. */
function timeParameter(statements: Pick<BigQueryStatements, 'time'>, timeMs: number): unknown {
  return statements.time(Math.min(TIME_MS_MAX, Math.max(TIME_MS_MIN, timeMs)));
}

function filtersOf(query: AnomalyQuery) {
  const names = query.series?.names ?? [];
  return {
    names: names.length === 0 ? NONE : [...names],
    min_probability: query.minProbability ?? 0,
    alarms_only: query.alarmsOnly ?? false,
    detector: query.detector ?? '',
    rows_max: Math.max(0, Math.floor(query.limit)),
  };
}

/** Labels are looked for in the text of the key: JSON can be asked by a constant path only. */
function labelConditions({ series }: AnomalyQuery): { labels_with: string[]; labels_without: string[] } {
  const labels = series?.labels ?? [];
  const given = labels.filter(([, value]) => value !== '').map(([name, value]) => labelText(name, value));
  const absent = labels.filter(([, value]) => value === '').map(([name]) => name);
  return {
    labels_with: given.length === 0 ? NONE : given,
    labels_without: absent.length === 0 ? NONE : absent,
  };
}

/** `service="checkout"`, as it stands in the key of a series. */
function labelText(name: string, value: string): string {
  return seriesKey('', { [name]: value }).slice(1, -1);
}

function toAnomaly(row: Row, registry: SeriesRegistry): Anomaly {
  return {
    seriesId: registered(row, registry).id,
    timeMs: Number(row.time_ms),
    value: Number(row.value),
    expected: numberOf(row.expected),
    lower: numberOf(row.lower_bound),
    upper: numberOf(row.upper_bound),
    probability: numberOf(row.anomaly_probability),
    score: numberOf(row.score),
    alarm: row.alarm === true,
    detector: String(row.detector),
  };
}

/** The series of a row with `series`, `name` and `labels` as JSON text. */
function registered(row: Row, registry: SeriesRegistry): Series {
  const key = String(row.series);
  return registry.byKey(key) ?? registry.add(key, String(row.name), labelsOf(row.labels));
}

function labelsOf(text: unknown): Record<string, string> {
  if (typeof text !== 'string') return {};
  const labels: unknown = JSON.parse(text);
  return typeof labels === 'object' && labels !== null ? { ...(labels as Record<string, string>) } : {};
}
