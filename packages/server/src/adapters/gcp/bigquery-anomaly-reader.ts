import { seriesKey } from '../../model/series.js';
import type { SeriesRegistry } from '../../model/series-registry.js';
import type { Anomaly } from '../../model/verdict.js';
import type { AnomalyQuery, AnomalyReader } from '../../ports/sample-store.js';
import type { BigQueryStatements, Row } from './bigquery-statements.js';
import { orNaN, registered, TIME_MS_MAX, timeParameter } from './reader-rows.js';

export interface BigQueryReaderOptions {
  readonly statements: Pick<BigQueryStatements, 'run' | 'time'>;
  /** Gets the series that are found and not known yet. */
  readonly registry: SeriesRegistry;
}

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

function filtersOf(query: AnomalyQuery) {
  const names = query.series?.names ?? [];
  return {
    names: names.length === 0 ? NONE : [...names],
    min_probability: query.minProbability ?? 0,
    alarms_only: query.alarmsOnly ?? false,
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
    expected: orNaN(row.expected),
    lower: orNaN(row.lower_bound),
    upper: orNaN(row.upper_bound),
    probability: orNaN(row.anomaly_probability),
    score: orNaN(row.score),
    alarm: row.alarm === true,
    detector: String(row.detector),
  };
}
