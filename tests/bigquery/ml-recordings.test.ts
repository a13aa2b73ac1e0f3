import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectArimaPlusAnomalies, fitArimaPlus, loadArimaPlus } from '@seismo/engine';
import { ModelPool } from '@seismo/server/adapters/embedded/model-pool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from '../support/recordings.js';
import { MINUTE_MS, MlHarness, madeSeries, micros, records, rows } from './support/ml-harness.js';

describe.each(['ec2_request_latency_system_failure.csv', 'ec2_cpu_utilization_825cc2.csv'])(
  'the recording %s',
  (file) => {
    const recording = readRecording(file);
    const learned = recording.slice(0, Math.floor(recording.length * 0.9));
    const later = recording.slice(learned.length);
    const inputOf = (part: typeof recording) =>
      rows({
        ts: ['TIMESTAMP', part.map(({ timeMs }) => micros(timeMs))],
        value: ['FLOAT64', part.map(({ value }) => value)],
      });
    const columnsOf = (part: typeof recording) => ({
      timesMs: Float64Array.from(part, ({ timeMs }) => timeMs),
      values: Float64Array.from(part, ({ value }) => value),
    });
    let harness: MlHarness;
    beforeAll(async () => {
      harness = await new MlHarness().open();
      await harness.create('recorded', inputOf(learned), { HORIZON: 500 });
    });
    afterAll(() => harness.close());

    it('is judged as the engine judges it, in its history and after it, row by row', async () => {
      const { timesMs, values } = columnsOf(learned);
      const model = fitArimaPlus(timesMs, values, { horizon: 500 }).model!;
      for (const data of [undefined, columnsOf(later)]) {
        const input = data === undefined ? undefined : inputOf(later);
        const found = await harness.call(
          'DETECT_ANOMALIES',
          'recorded',
          { anomaly_prob_threshold: 0.999 },
          input,
        );
        const expected = detectArimaPlusAnomalies(model, { anomalyProbThreshold: 0.999 }, data);
        expect(found.rows.rowCount).toBe(expected.timesMs.length);
        const nullable = (one: number) => (Number.isNaN(one) ? null : one);
        expect(
          records(found.rows).map((row) => [
            Number(row.ts),
            row.is_anomaly,
            row.lower_bound,
            row.upper_bound,
            row.anomaly_probability,
          ]),
        ).toEqual(
          Array.from(expected.timesMs, (timeMs, at) => [
            timeMs * 1000,
            expected.isAnomaly[at]! < 0 ? null : expected.isAnomaly[at] === 1,
            nullable(expected.lower[at]!),
            nullable(expected.upper[at]!),
            nullable(expected.probability[at]!),
          ]),
        );
        const judged = expected.isAnomaly.filter((one) => one >= 0).length;
        expect(judged).toBeGreaterThan(0.5 * Math.min(500, expected.isAnomaly.length));
        expect(found.notes.reduce((sum, { rows: count }) => sum + count, 0)).toBe(
          data === undefined ? 0 : expected.isAnomaly.length - judged,
        );
      }
    });
  },
);

describe("a model of minutes and the running server's own", () => {
  let harness: MlHarness;
  let folder: string;
  const pool = new ModelPool(1);
  beforeAll(async () => {
    harness = await new MlHarness().open();
    folder = await mkdtemp(join(tmpdir(), 'seismo-own-model-'));
  });
  afterAll(async () => {
    await pool.close();
    await harness.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('forecast and judge the same rows alike', async () => {
    const { timesMs, values } = madeSeries(900);
    const kept = timesMs.map((_, at) => at).filter((at) => at % 17 !== 3);
    const means = {
      timesMs: Float64Array.from(kept, (at) => timesMs[at]!),
      values: Float64Array.from(kept, (at) => values[at]!),
    };
    const input = rows({
      ts: ['TIMESTAMP', kept.map((at) => micros(timesMs[at]!))],
      value: ['FLOAT64', kept.map((at) => values[at]!)],
    });
    await harness.create('minutes', input, { DATA_FREQUENCY: 'PER_MINUTE', HORIZON: 120 });
    const path = join(folder, 'own.model');
    const { forecast } = await pool.run('train', {
      file: path,
      data: means,
      options: { horizon: 120 },
    });
    const ahead = records((await harness.call('FORECAST', 'minutes', { horizon: 120 })).rows);
    expect(ahead.map((row) => [row.forecast_timestamp, row.forecast_value, row.standard_error])).toEqual(
      Array.from(forecast.timesMs, (timeMs, at) => [
        timeMs * 1000,
        forecast.expected[at],
        forecast.deviations[at],
      ]),
    );
    const own = loadArimaPlus(await readFile(path));
    const rowsAhead = {
      timesMs: Float64Array.from({ length: 30 }, (_, at) => timesMs.at(-1)! + (at + 1) * MINUTE_MS),
      values: Float64Array.from({ length: 30 }, (_, at) => 9 + at / 5),
    };
    const judged = detectArimaPlusAnomalies(own, { anomalyProbThreshold: 0.9 }, rowsAhead);
    const { rows: found } = await harness.call(
      'DETECT_ANOMALIES',
      'minutes',
      { anomaly_prob_threshold: 0.9 },
      rows({
        ts: ['TIMESTAMP', Array.from(rowsAhead.timesMs, micros)],
        value: ['FLOAT64', rowsAhead.values],
      }),
    );
    expect(records(found).map(({ anomaly_probability }) => anomaly_probability)).toEqual([
      ...judged.probability,
    ]);
  });
});
