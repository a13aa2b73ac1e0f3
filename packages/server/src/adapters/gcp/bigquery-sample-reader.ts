import { VERDICT_STATES } from '@seismo/engine';
import type { SampleColumns, SampleReader } from '../../ports/sample-store.js';
import type { BigQueryReaderOptions } from './bigquery-anomaly-reader.js';
import type { Row } from './bigquery-statements.js';
import { orNaN, registered, timeParameter } from './reader-rows.js';

const UNKNOWN = VERDICT_STATES.indexOf('unknown');
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');

/**
 * Reads the table `samples`. No verdicts are kept beside anomalies, so every other sample is `unknown`. All series
 * at once read the whole table: `maximumBytesBilled` keeps that from becoming expensive unseen.
 */
export function createBigQuerySampleReader({ statements, registry }: BigQueryReaderOptions): SampleReader {
  return {
    async readSeries() {
      const rows = await statements.run('read-series');
      return rows.map((row) => registered(row, registry)).sort((a, b) => a.id - b.id);
    },

    async querySamples({ seriesId, fromMs, toMs, points }) {
      const series = registry.byId(seriesId);
      if (series === undefined) return columnsOf([]);
      const values = {
        series: series.key,
        from_time: timeParameter(statements, Math.ceil(fromMs)),
        to_time: timeParameter(statements, Math.floor(toMs)),
        points: Math.max(0, Math.floor(points)),
      };
      return columnsOf(await statements.run('read-samples', { values }));
    },

    async readLatest() {
      const rows = await statements.run('read-latest');
      return rows
        .map((row) => ({
          seriesId: registered(row, registry).id,
          timeMs: Number(row.time_ms),
          value: Number(row.value),
        }))
        .sort((a, b) => a.seriesId - b.seriesId);
    },
  };
}

function columnsOf(rows: readonly Row[]): SampleColumns {
  const total = Number(rows[0]?.total ?? 0);
  const numbers = (name: string) => Float64Array.from(rows, (row) => orNaN(row[name]));
  return {
    timesMs: numbers('time_ms'),
    values: numbers('value'),
    states: Uint8Array.from(rows, (row) => (row.anomalous === true ? ANOMALOUS : UNKNOWN)),
    expected: numbers('expected'),
    lower: numbers('lower_bound'),
    upper: numbers('upper_bound'),
    probability: numbers('anomaly_probability'),
    alarms: Uint8Array.from(rows, (row) => (row.alarm === true ? 1 : 0)),
    total,
    downsampled: rows.length < total,
  };
}
