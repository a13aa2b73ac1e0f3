import { fitArimaPlus, forecastArimaPlus } from '@seismo/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS, MlHarness, madeSeries, micros, records, rows, START_MS } from './support/ml-harness.js';

const COUNT = 80;
const HOSTS = ['a', 'b', null] as const;
const OPTIONS = { TIME_SERIES_ID_COL: ['host', 'port'], HORIZON: 10 };

/** Rows of all series mixed, as a table would have them. */
function mixedRows(count: number, from = 0) {
  const columns = {
    host: [] as unknown[],
    port: [] as unknown[],
    ts: [] as unknown[],
    value: [] as number[],
  };
  for (let at = from; at < from + count; at++) {
    for (const [seed, host] of HOSTS.entries()) {
      for (const port of [1n, 2n]) {
        const { timesMs, values } = seriesOf(seed, port);
        columns.host.push(host);
        columns.port.push(port);
        columns.ts.push(micros(timesMs[at]!));
        columns.value.push(values[at]!);
      }
    }
  }
  return rows({
    value: ['FLOAT64', columns.value],
    port: ['INT64', columns.port],
    host: ['STRING', columns.host],
    ts: ['TIMESTAMP', columns.ts],
  });
}

function seriesOf(seed: number, port: bigint) {
  return madeSeries(COUNT + 10, { seed: seed * 10 + Number(port), level: 10 * Number(port) });
}

describe('a model of many series', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
    await harness.create('many', mixedRows(COUNT), OPTIONS);
  });
  afterAll(() => harness.close());

  it('forecasts each as a model of that series alone, ids first, in their order and types', async () => {
    const { rows: found } = await harness.call('FORECAST', 'many', { horizon: 2 });
    expect(found.columns.slice(0, 3)).toEqual([
      { name: 'host', type: 'STRING' },
      { name: 'port', type: 'INT64' },
      { name: 'forecast_timestamp', type: 'TIMESTAMP' },
    ]);
    const expected = HOSTS.flatMap((host, seed) =>
      [1n, 2n].flatMap((port) => {
        const { timesMs, values } = seriesOf(seed, port);
        const own = [timesMs, values].map((list) => Float64Array.from(list.slice(0, COUNT)));
        const { model } = fitArimaPlus(own[0]!, own[1]!, { horizon: 10 });
        const ahead = forecastArimaPlus(model!, { horizon: 2 });
        return Array.from(ahead.values, (value, at) => [host, port, ahead.timesMs[at]! * 1000, value]);
      }),
    );
    const keys = ['host', 'port', 'forecast_timestamp', 'forecast_value'];
    expect(records(found).map((row) => keys.map((key) => row[key]))).toEqual(expected);
  });

  it('judges mixed rows in the order in which they came, also those of series that it does not know', async () => {
    const later = mixedRows(10, COUNT);
    const strange = rows({
      value: ['FLOAT64', [...(later.values[0] as number[]), 10, 10]],
      port: ['INT64', [...(later.values[1] as bigint[]), 3n, null]],
      host: ['STRING', [...(later.values[2] as string[]), 'a', 'a']],
      ts: ['TIMESTAMP', [...(later.values[3] as bigint[]), micros(START_MS), micros(START_MS)]],
    });
    const { rows: found, notes } = await harness.call(
      'DETECT_ANOMALIES',
      'many',
      { anomaly_prob_threshold: 0.95 },
      strange,
    );
    const judged = records(found);
    expect(judged).toHaveLength(later.rowCount + 2);
    expect(judged.slice(0, -2).every(({ is_anomaly }) => is_anomaly !== null)).toBe(true);
    expect(judged.slice(-2).map(({ host, port, is_anomaly }) => [host, port, is_anomaly])).toEqual([
      ['a', 3n, null],
      ['a', null, null],
    ]);
    expect(notes).toMatchObject([{ reason: 'unknown_series', rows: 2 }]);
    expect(notes[0]!.message).toContain('host, port');
    const alone = rows({
      value: ['FLOAT64', [later.values[0]![8]]],
      port: ['INT64', [2]],
      host: ['STRING', ['b']],
      ts: ['TIMESTAMP', [later.values[3]![9]]],
    });
    const one = await harness.call('DETECT_ANOMALIES', 'many', { anomaly_prob_threshold: 0.95 }, alone);
    expect(records(one.rows)[0]!.upper_bound).toBe(judged[9]!.upper_bound);
  });

  it('evaluates each series that data came of, and lists orders and coefficients of all', async () => {
    const evaluated = await harness.call('EVALUATE', 'many', {}, mixedRows(10, COUNT));
    expect(records(evaluated.rows).map(({ host, port }) => [host, port])).toEqual(
      HOSTS.flatMap((host) => [1n, 2n].map((port) => [host, port])),
    );
    const orders = await harness.call('ARIMA_EVALUATE', 'many');
    expect(orders.rows.rowCount).toBe(6);
    const all = await harness.call('ARIMA_EVALUATE', 'many', { show_all_candidate_models: true });
    expect(all.rows.rowCount).toBeGreaterThanOrEqual(6 * 6);
    const firsts = records(all.rows).filter(
      (row, at, list) => at === 0 || row.host !== list[at - 1]!.host || row.port !== list[at - 1]!.port,
    );
    expect(firsts).toEqual(records(orders.rows));
    expect((await harness.call('ARIMA_COEFFICIENTS', 'many')).rows.rowCount).toBe(6);
    const history = await harness.call('DETECT_ANOMALIES', 'many');
    expect(history.rows.rowCount).toBe(6 * COUNT);
    const explained = await harness.call('EXPLAIN_FORECAST', 'many', { horizon: 5 });
    expect(explained.rows.rowCount).toBe(6 * (COUNT + 5));
  });
});

describe('ids of a model', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
  });
  afterAll(() => harness.close());

  it.each([
    ['STRING', ['', 'null', null, '1']],
    ['INT64', [1n, 9_007_199_254_740_993n, 9_007_199_254_740_992n, null]],
    ['BOOL', [true, false, null]],
    ['DATE', [20_000, 20_001]],
    ['TIMESTAMP', [1_700_000_000_000_001n, 1_700_000_000_000_002n]],
    ['NUMERIC', ['1.5', '12345678901234567890.5']],
  ] as const)('of type %s are told apart and come back as they were', async (type, ids) => {
    const table = (values: readonly unknown[], from: number, count: number) => {
      const all = values.flatMap((id, number) =>
        Array.from({ length: count }, (_, at) => ({
          id,
          at: from + at,
          value: ((from + at) % 7) + 10 * number,
        })),
      );
      return rows({
        id: [type, all.map(({ id }) => id)],
        ts: ['TIMESTAMP', all.map(({ at }) => micros(START_MS + at * MINUTE_MS))],
        value: ['FLOAT64', all.map(({ value }) => value)],
      });
    };
    await harness.create(`by_${type}`, table(ids, 0, 30), { TIME_SERIES_ID_COL: ['id'] });
    await harness.reopen();
    const { rows: found } = await harness.call('FORECAST', `by_${type}`, { horizon: 1 });
    const expected = ids.map((id) => (type === 'DATE' || type === 'TIMESTAMP' ? Number(id) : id));
    expect(records(found).map(({ id }) => (typeof expected[0] === 'number' ? Number(id) : id))).toEqual(
      expected,
    );
    const forecasts = records(found).map(({ forecast_value }) => Math.round((forecast_value as number) / 10));
    expect(forecasts).toEqual(ids.map((_, number) => number));
    const judged = await harness.call(
      'DETECT_ANOMALIES',
      `by_${type}`,
      { anomaly_prob_threshold: 0.9 },
      table([...ids].reverse(), 30, 2),
    );
    expect(judged.notes).toEqual([]);
    expect(records(judged.rows).map(({ id }) => id)).toEqual([...ids].reverse().flatMap((id) => [id, id]));
  });

  it('may be of one series alone, which lists its orders as one of many does', async () => {
    const one = rows({
      id: ['STRING', Array(40).fill('a')],
      ts: ['TIMESTAMP', Array.from({ length: 40 }, (_, at) => micros(START_MS + at * MINUTE_MS))],
      value: ['FLOAT64', Array.from({ length: 40 }, (_, at) => at % 5)],
    });
    await harness.create('alone', one, { TIME_SERIES_ID_COL: 'id' });
    expect((await harness.call('ARIMA_EVALUATE', 'alone')).rows.rowCount).toBe(1);
  });
});

describe('series that cannot be modelled', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
  });
  afterAll(() => harness.close());

  const table = (lengths: Record<string, number>, value = (at: number) => at % 7) => {
    const entries = Object.entries(lengths).flatMap(([id, length]) =>
      Array.from({ length }, (_, at) => ({ id, at })),
    );
    return rows({
      id: ['STRING', entries.map(({ id }) => id)],
      ts: ['TIMESTAMP', entries.map(({ at }) => micros(START_MS + at * MINUTE_MS))],
      value: ['FLOAT64', entries.map(({ at }) => value(at))],
    });
  };
  const OF_ID = { TIME_SERIES_ID_COL: 'id' };

  it('are left out, with their reason in ML.ARIMA_EVALUATE and in a warning', async () => {
    const { header, warnings } = await harness.create('some', table({ long: 40, short: 2, other: 1 }), OF_ID);
    expect(header).toMatchObject({ series: 3, failedSeries: 2, rows: 43 });
    expect(warnings).toHaveLength(2);
    const orders = records((await harness.call('ARIMA_EVALUATE', 'some')).rows);
    expect(orders.map(({ id, error_message }) => [id, error_message])).toEqual([
      ['long', ''],
      ['short', 'The time series has 2 points; at least 3 are needed.'],
      ['other', 'The time series has 1 point; at least 3 are needed.'],
    ]);
    expect(records((await harness.call('EVALUATE', 'some')).rows).map(({ id }) => id)).toEqual(['long']);
    expect(orders[1]).toMatchObject({
      non_seasonal_p: null,
      AIC: null,
      has_drift: null,
      seasonal_periods: null,
    });
    const forecast = records((await harness.call('FORECAST', 'some', { horizon: 1 })).rows);
    expect(forecast.map(({ id }) => id)).toEqual(['long']);
    const judged = await harness.call(
      'DETECT_ANOMALIES',
      'some',
      { anomaly_prob_threshold: 0.9 },
      rows({ id: ['STRING', ['short']], ts: ['TIMESTAMP', [micros(START_MS)]], value: ['FLOAT64', [1]] }),
    );
    expect(judged.notes).toMatchObject([{ reason: 'unknown_series', rows: 1 }]);
  });

  it('fail the statement where there is no other, and nothing is stored', async () => {
    const failure = harness.create('none', table({ a: 2, b: 1 }), OF_ID);
    await expect(failure).rejects.toMatchObject({ reason: 'invalidQuery' });
    await expect(failure).rejects.toThrow('The time series has 2 points; at least 3 are needed.');
    expect(harness.ml.has('ds', 'none')).toBe(false);
    await expect(harness.create('none', table({}), OF_ID)).rejects.toThrow('no rows');
  });

  it('say that they are constant, and still judge any move', async () => {
    await harness.create(
      'flat',
      table({ a: 30 }, () => 5),
      OF_ID,
    );
    const [row] = records(
      (await harness.call('ARIMA_EVALUATE', 'flat', { show_all_candidate_models: false })).rows,
    );
    expect(row!.error_message).toBe('The time series is constant: all values are 5.');
    const later = rows({
      id: ['STRING', ['a', 'a']],
      ts: ['TIMESTAMP', [30, 31].map((at) => micros(START_MS + at * MINUTE_MS))],
      value: ['FLOAT64', [5, 6]],
    });
    const { rows: found } = await harness.call(
      'DETECT_ANOMALIES',
      'flat',
      { anomaly_prob_threshold: 0.99 },
      later,
    );
    expect(records(found).map(({ is_anomaly }) => is_anomaly)).toEqual([false, true]);
  });
});
