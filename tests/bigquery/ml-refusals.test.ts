import type { MlFunction } from '@seismo/server/bigquery/sql/plan';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS, MlHarness, madeRows, madeSeries, micros, rows, START_MS } from './support/ml-harness.js';

describe('calls that cannot be answered', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
    await harness.create('one', madeRows(60), { HORIZON: 20 });
    await harness.create('plain', madeRows(60), { DECOMPOSE_TIME_SERIES: false });
  });
  afterAll(() => harness.close());

  const later = rows({ ts: ['TIMESTAMP', [micros(START_MS + 60 * MINUTE_MS)]], value: ['FLOAT64', [1]] });
  const cases: [MlFunction, Record<string, unknown>, ReturnType<typeof rows> | undefined, string][] = [
    [
      'FORECAST',
      { horizon: 21 },
      undefined,
      'horizon must be from 1 to 20, the HORIZON of the model, not 21',
    ],
    ['FORECAST', { horizon: 0 }, undefined, 'horizon must be from 1 to 20'],
    ['FORECAST', { horizon: 1.5 }, undefined, 'horizon must be of type INT64, not 1.5'],
    ['FORECAST', { horizon: '3' }, undefined, "horizon must be of type INT64, not the STRING '3'"],
    ['FORECAST', { confidence_level: 1 }, undefined, 'confidence_level must be in the range [0, 1), not 1'],
    [
      'FORECAST',
      { confidence: 0.5 },
      undefined,
      'unknown argument confidence; supported: horizon, confidence_level.',
    ],
    ['FORECAST', {}, later, 'takes no input data'],
    ['EXPLAIN_FORECAST', { horizon: 1000 }, undefined, 'Invalid argument of ML.EXPLAIN_FORECAST: horizon'],
    ['EVALUATE', { perform_aggregation: 1 }, later, 'perform_aggregation must be of type BOOL, not 1'],
    ['EVALUATE', { horizon: 40 }, later, 'horizon must be from 1 to 20'],
    ['ARIMA_EVALUATE', { show_all_candidate_models: null }, undefined, 'must be of type BOOL, not NULL'],
    ['ARIMA_COEFFICIENTS', { horizon: 1 }, undefined, 'there are no arguments besides the model'],
    [
      'DETECT_ANOMALIES',
      { anomaly_prob_threshold: 1 },
      later,
      'anomaly_prob_threshold must be in the range [0, 1)',
    ],
    [
      'DETECT_ANOMALIES',
      { anomaly_prob_threshold: -0.1 },
      undefined,
      'must be in the range [0, 1), not -0.1',
    ],
    ['DETECT_ANOMALIES', { contamination: 0.1 }, later, 'unknown argument contamination'],
    ['DETECT_ANOMALIES', {}, later, 'needs STRUCT(… AS anomaly_prob_threshold) before the input data'],
    [
      'DETECT_ANOMALIES',
      { anomaly_prob_threshold: 0.9 },
      rows({ ts: ['TIMESTAMP', [1]], val: ['FLOAT64', [1]] }),
      'column value, the TIME_SERIES_DATA_COL of the model, is not in the input data',
    ],
    [
      'DETECT_ANOMALIES',
      { anomaly_prob_threshold: 0.9 },
      rows({ ts: ['INT64', [1]], value: ['FLOAT64', [1]] }),
      'column ts must be of type TIMESTAMP, DATE, DATETIME, not INT64. Use TIMESTAMP_SECONDS(ts).',
    ],
    [
      'EVALUATE',
      {},
      rows({ ts: ['TIMESTAMP', [1]], value: ['STRING', ['1']] }),
      'column value must be of type INT64, FLOAT64, NUMERIC, not STRING',
    ],
  ];

  it.each(cases)('ML.%s with %j says why', async (fn, settings, input, message) => {
    const failure = harness.call(fn, 'one', settings, input);
    await expect(failure).rejects.toMatchObject({
      reason: 'invalidQuery',
      message: expect.stringContaining(message),
    });
    const shape = {
      ...{ function: fn, settings, model: { projectId: 'test', dataset: 'ds', table: 'one' } },
      ...(input === undefined ? {} : { inputColumns: input.columns }),
    };
    expect(() => harness.ml.columns(shape)).toThrow(message);
  });

  it('of a model that is not there are not found', async () => {
    await expect(harness.call('FORECAST', 'two')).rejects.toMatchObject({
      reason: 'notFound',
      message: 'Not found: Model test:ds.two',
    });
  });

  it('about a history that was not kept name the option', async () => {
    for (const fn of ['DETECT_ANOMALIES', 'EXPLAIN_FORECAST'] as const) {
      await expect(harness.call(fn, 'plain')).rejects.toThrow('DECOMPOSE_TIME_SERIES = TRUE');
    }
    expect((await harness.call('FORECAST', 'plain')).rows.rowCount).toBe(3);
    const judged = await harness.call('DETECT_ANOMALIES', 'plain', { anomaly_prob_threshold: 0.9 }, later);
    expect(judged.notes).toEqual([]);
  });
});

describe('CREATE MODEL that cannot be done', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
  });
  afterAll(() => harness.close());

  it('says which column is missing or of which type, with a hint where seconds are meant', async () => {
    const seconds = rows({ ts: ['INT64', [1n, 2n]], value: ['FLOAT64', [1, 2]] });
    await expect(harness.create('m', seconds)).rejects.toMatchObject({
      reason: 'invalidQuery',
      message:
        'TIME_SERIES_TIMESTAMP_COL: column ts must be of type TIMESTAMP, DATE, DATETIME, not INT64. Use TIMESTAMP_SECONDS(ts) AS ts in the query.',
    });
    await expect(harness.create('m', madeRows(5), { TIME_SERIES_DATA_COL: 'latency' })).rejects.toThrow(
      'TIME_SERIES_DATA_COL: column latency is not in the training data, whose columns are ts, value.',
    );
    const texts = rows({ ts: ['TIMESTAMP', [1, 2]], value: ['STRING', ['1', '2']] });
    await expect(harness.create('m', texts)).rejects.toThrow(
      'must be of type INT64, FLOAT64, NUMERIC, not STRING',
    );
    const floats = rows({ ts: ['TIMESTAMP', [1]], value: ['FLOAT64', [1]], id: ['FLOAT64', [1]] });
    await expect(harness.create('m', floats, { TIME_SERIES_ID_COL: 'id' })).rejects.toThrow(
      'TIME_SERIES_ID_COL: column id',
    );
  });

  it.each([
    [{ HORIZON: 10_001 }, 'HORIZON'],
    [{ HORIZON: 0 }, 'HORIZON'],
    [{ HORIZON: 'x' }, 'HORIZON'],
    [{ HORIZONS: 5 }, 'HORIZONS'],
    [{ MODEL_TYPE: 'LINEAR_REG' }, 'LINEAR_REG'],
    [{ MODEL_TYPE: 5 }, 'MODEL_TYPE'],
    [{ AUTO_ARIMA_MAX_ORDER: 6 }, 'AUTO_ARIMA_MAX_ORDER'],
    [{ AUTO_ARIMA: 'yes' }, 'AUTO_ARIMA'],
    [{ AUTO_ARIMA: false }, 'NON_SEASONAL_ORDER'],
    [{ NON_SEASONAL_ORDER: [1, 1, 1] }, 'NON_SEASONAL_ORDER'],
    [{ AUTO_ARIMA: false, NON_SEASONAL_ORDER: [6, 0, 0] }, 'NON_SEASONAL_ORDER'],
    [{ AUTO_ARIMA: false, NON_SEASONAL_ORDER: [1, 1, 1], TIME_SERIES_ID_COL: 'value' }, 'TIME_SERIES_ID_COL'],
    [{ DATA_FREQUENCY: 'SECONDLY' }, 'DATA_FREQUENCY'],
    [{ SEASONALITIES: ['HOURLY'] }, 'SEASONALITIES'],
    [{ TIME_SERIES_LENGTH_FRACTION: 1 }, 'TIME_SERIES_LENGTH_FRACTION'],
    [{ FORECAST_LIMIT_LOWER_BOUND: 5, FORECAST_LIMIT_UPPER_BOUND: 4 }, 'FORECAST_LIMIT_LOWER_BOUND'],
    [{ HOLIDAY_REGION: 'ATLANTIS' }, 'HOLIDAY_REGION'],
    [{ TIME_SERIES_TIMESTAMP_COL: undefined }, 'TIME_SERIES_TIMESTAMP_COL'],
  ])('names the option of %j', async (options, name) => {
    const failure = harness.create('m', madeRows(30), options);
    await expect(failure).rejects.toMatchObject({
      reason: 'invalidQuery',
      message: expect.stringContaining(name),
    });
    expect(harness.ml.has('ds', 'm')).toBe(false);
  });

  it('says so where there is one already, unless it may be replaced', async () => {
    await harness.create('there', madeRows(30));
    const again = harness.create('there', madeRows(40));
    await expect(again).rejects.toMatchObject({
      reason: 'duplicate',
      message: 'Already Exists: Model test:ds.there',
    });
    const { header } = await harness.create('there', madeRows(40), {}, true);
    expect(header.rows).toBe(40);
  });

  it('stops at once when it is cancelled, and leaves nothing', async () => {
    const cancel = new AbortController();
    const { timesMs, values } = madeSeries(20_000);
    const training = harness.ml.create({
      target: { projectId: 'test', dataset: 'ds', table: 'cancelled' },
      orReplace: false,
      options: { MODEL_TYPE: 'ARIMA_PLUS', TIME_SERIES_TIMESTAMP_COL: 'ts', TIME_SERIES_DATA_COL: 'value' },
      input: rows({ ts: ['TIMESTAMP', timesMs.map(micros)], value: ['FLOAT64', values] }),
      signal: cancel.signal,
    });
    setTimeout(() => cancel.abort(new Error('The job was cancelled.')), 20);
    await expect(training).rejects.toThrow('The job was cancelled.');
    expect(harness.ml.has('ds', 'cancelled')).toBe(false);
    expect((await harness.create('next', madeRows(30))).header.series).toBe(1);
  });
});
