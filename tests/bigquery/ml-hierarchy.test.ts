import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlHarness, madeSeries, micros, records, rows, START_MS } from './support/ml-harness.js';

const DAY_MS = 86_400_000;
const SHOPS = [
  ['A', 1n, 'x'],
  ['A', 1n, 'y'],
  ['A', 2n, 'z'],
  ['B', 3n, 'x'],
] as const;

function sales(count = 60) {
  const columns: Record<'city' | 'zip' | 'shop' | 'ts' | 'value', unknown[]> = {
    ...{ city: [], zip: [], shop: [], ts: [], value: [] },
  };
  for (const [seed, [city, zip, shop]] of SHOPS.entries()) {
    const { timesMs, values } = madeSeries(count, { seed: seed + 1, level: 10 * (seed + 1) });
    for (const [at, value] of values.entries()) {
      columns.city.push(city);
      columns.zip.push(zip);
      columns.shop.push(shop);
      columns.ts.push(micros(timesMs[at]!));
      columns.value.push(value);
    }
  }
  return rows({
    ...{ city: ['STRING', columns.city], zip: ['INT64', columns.zip], shop: ['STRING', columns.shop] },
    ...{ ts: ['TIMESTAMP', columns.ts], value: ['FLOAT64', columns.value] },
  });
}

const IDS = { TIME_SERIES_ID_COL: ['shop', 'zip', 'city'], HORIZON: 10 };

describe('a model with HIERARCHICAL_TIME_SERIES_COLS', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
    await harness.create('flat', sales(), IDS);
    await harness.create('sums', sales(), { ...IDS, HIERARCHICAL_TIME_SERIES_COLS: ['ZIP', 'shop'] });
  });
  afterAll(() => harness.close());

  it('forecasts the series as a model without, and after them the sums, NULL in what they sum over', async () => {
    const flat = records((await harness.call('FORECAST', 'flat', { horizon: 2 })).rows);
    const all = records((await harness.call('FORECAST', 'sums', { horizon: 2 })).rows);
    expect(all.slice(0, 8)).toEqual(flat);
    expect(all.slice(8).map(({ shop, zip, city }) => [shop, zip, city])).toEqual(
      [
        [null, 1n, 'A'],
        [null, 2n, 'A'],
        [null, 3n, 'B'],
        [null, null, 'A'],
        [null, null, 'B'],
      ].flatMap((ids) => [ids, ids]),
    );
    const value = (wanted: Record<string, unknown>, step: number) =>
      all.filter((row) => Object.entries(wanted).every(([name, one]) => row[name] === one))[step]!
        .forecast_value as number;
    for (const step of [0, 1]) {
      const [x, y, z] = ['x', 'y', 'z'].map((shop) => value({ city: 'A', shop }, step));
      expect(value({ shop: null, zip: 1n }, step)).toBeCloseTo(x! + y!, 9);
      expect(value({ shop: null, zip: null, city: 'A' }, step)).toBeCloseTo(x! + y! + z!, 9);
    }
    for (const row of all) {
      const width = (row.prediction_interval_upper_bound as number) - (row.forecast_value as number);
      expect(width / (row.standard_error as number)).toBeCloseTo(1.959964, 5);
      expect(row.confidence_interval_upper_bound).toBe(row.prediction_interval_upper_bound);
    }
  });

  it('forecasts the same after a restart, and answers other calls for its series', async () => {
    const before = await harness.call('FORECAST', 'sums', { horizon: 3 });
    const orders = await harness.call('ARIMA_EVALUATE', 'sums');
    await harness.reopen();
    expect(await harness.call('FORECAST', 'sums', { horizon: 3 })).toEqual(before);
    expect(orders.rows.rowCount).toBe(4);
  });

  const ofA = { shop: null, zip: null, city: 'A' };
  const matching = (found: Record<string, unknown>[], wanted: Record<string, unknown>) =>
    found.filter((row) => Object.entries(wanted).every(([name, one]) => row[name] === one));

  it('explains the series as a model without, and after them the sums, part by part', async () => {
    const flat = records((await harness.call('EXPLAIN_FORECAST', 'flat', { horizon: 2 })).rows);
    const all = records((await harness.call('EXPLAIN_FORECAST', 'sums', { horizon: 2 })).rows);
    expect(all.slice(0, flat.length)).toEqual(flat);
    const sum = matching(all, ofA);
    expect(sum).toHaveLength(62);
    const members = matching(flat, { city: 'A' });
    for (const name of [
      'time_series_data',
      'time_series_adjusted_data',
      'trend',
      'step_changes',
      'residual',
    ]) {
      for (const [at, row] of sum.entries()) {
        const parts = matching(members, { time_series_timestamp: row.time_series_timestamp });
        const total = parts.reduce((total, part) => total + (part[name] as number), 0);
        if (name !== 'residual' || at < 60) expect(row[name]).toBeCloseTo(total, 9);
      }
    }
    const ahead = records((await harness.call('FORECAST', 'sums', { horizon: 2 })).rows);
    for (const [step, one] of matching(ahead, ofA).entries()) {
      expect(sum[60 + step]).toMatchObject({
        time_series_type: 'forecast',
        ...{ time_series_data: one.forecast_value, standard_error: one.standard_error },
        prediction_interval_lower_bound: one.prediction_interval_lower_bound,
        residual: null,
      });
    }
  });

  it('judges the history of the sums after that of the series', async () => {
    const flat = records((await harness.call('DETECT_ANOMALIES', 'flat')).rows);
    const all = records((await harness.call('DETECT_ANOMALIES', 'sums')).rows);
    expect(all.slice(0, flat.length)).toEqual(flat);
    expect(all).toHaveLength(60 * (4 + 5));
    const [first] = matching(all, ofA);
    const members = matching(flat, { city: 'A', ts: first!.ts });
    expect(first!.value).toBeCloseTo(
      members.reduce((sum, row) => sum + (row.value as number), 0),
      9,
    );
    expect(typeof first!.is_anomaly).toBe('boolean');
  });

  /** Rows after the history: of shop z of city A, of all of city A, and of a sum that there is not. */
  const later = () => {
    const { timesMs } = madeSeries(62);
    const times = [60, 61, 60, 61, 61].map((at) => micros(timesMs[at]!));
    return rows({
      city: ['STRING', ['A', 'A', 'A', 'A', 'C']],
      zip: ['INT64', [2n, 2n, null, null, null]],
      shop: ['STRING', ['z', 'z', null, null, null]],
      ts: ['TIMESTAMP', times],
      value: ['FLOAT64', [30, 31, 60, 600, 60]],
    });
  };

  it('judges rows of sums, which are NULL in the columns summed over, by the forecast of the sum', async () => {
    const judged = await harness.call('DETECT_ANOMALIES', 'sums', { anomaly_prob_threshold: 0.999 }, later());
    const found = records(judged.rows);
    const level = { confidence_level: 0.999, horizon: 2 };
    const ahead = matching(records((await harness.call('FORECAST', 'sums', level)).rows), ofA);
    for (const step of [0, 1]) {
      expect(found[2 + step]!.lower_bound).toBe(ahead[step]!.prediction_interval_lower_bound);
      expect(found[2 + step]!.upper_bound).toBe(ahead[step]!.prediction_interval_upper_bound);
    }
    expect(found[3]).toMatchObject({ ...ofA, is_anomaly: true });
    expect(found[4]).toMatchObject({ is_anomaly: null, lower_bound: null });
    expect(judged.notes.map(({ reason, rows }) => [reason, rows])).toEqual([['unknown_series', 1]]);
    const flat = await harness.call('DETECT_ANOMALIES', 'flat', { anomaly_prob_threshold: 0.999 }, later());
    expect(records(flat.rows).slice(0, 2)).toEqual(found.slice(0, 2));
    expect(records(flat.rows)[2]).toMatchObject({ is_anomaly: null });
  });

  it('evaluates rows of sums by the forecast of the sum', async () => {
    const ahead = matching(records((await harness.call('FORECAST', 'sums', { horizon: 2 })).rows), ofA);
    const errors = ahead.map(({ forecast_value }, at) =>
      Math.abs([60, 600][at]! - (forecast_value as number)),
    );
    const aggregated = records((await harness.call('EVALUATE', 'sums', {}, later())).rows);
    expect(aggregated.map(({ shop, zip, city }) => [shop, zip, city])).toEqual([
      ['z', 2n, 'A'],
      [null, null, 'A'],
    ]);
    expect(aggregated[1]!.mean_absolute_error).toBeCloseTo((errors[0]! + errors[1]!) / 2, 9);
    expect(aggregated[1]!.mean_absolute_scaled_error).toBeGreaterThan(0);
    const one = { perform_aggregation: false, horizon: 1 };
    const single = records((await harness.call('EVALUATE', 'sums', one, later())).rows);
    expect(matching(single, ofA)).toMatchObject([{ value: 60, forecasted_value: ahead[0]!.forecast_value }]);
  });

  it.each([
    [
      ['town'],
      'HIERARCHICAL_TIME_SERIES_COLS must be some of the columns of TIME_SERIES_ID_COL (they are shop, zip, city), not town',
    ],
    [[], 'HIERARCHICAL_TIME_SERIES_COLS is some of the columns of TIME_SERIES_ID_COL, not nothing'],
    [['zip', 'zip'], 'not zip, zip'],
  ])('is refused for the columns %j', async (columns, message) => {
    const failure = harness.create('wrong', sales(), { ...IDS, HIERARCHICAL_TIME_SERIES_COLS: columns });
    await expect(failure).rejects.toMatchObject({
      reason: 'invalidQuery',
      message: expect.stringContaining(message),
    });
  });
});

it('sums over columns of STRING and INT64, and refuses others as BigQuery does', async () => {
  const harness = await new MlHarness().open();
  try {
    const { timesMs, values } = madeSeries(60);
    const input = rows({
      ...{ open: ['BOOL', values.map(() => true)], ts: ['TIMESTAMP', timesMs.map(micros)] },
      ...{ value: ['FLOAT64', [...values]] },
    });
    const ids = { TIME_SERIES_ID_COL: ['open'] };
    const failure = harness.create('wrong', input, { ...ids, HIERARCHICAL_TIME_SERIES_COLS: ['open'] });
    await expect(failure).rejects.toMatchObject({
      reason: 'invalidQuery',
      message: expect.stringContaining(
        'HIERARCHICAL_TIME_SERIES_COLS: column open must be of type STRING, INT64, not BOOL.',
      ),
    });
    await harness.create('flat', input, ids);
  } finally {
    await harness.close();
  }
});

describe('the query custom_holiday', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
  });
  afterAll(() => harness.close());

  /** Days of two years with fairs, the last of which lies ahead. */
  const COUNT = 740;
  const fairs = [25, 131, 210, 333, 402, 517, 590, 671, 760].map((at) => START_MS / DAY_MS + at);
  const daily = () => {
    const { timesMs, values } = madeSeries(COUNT, { stepMs: DAY_MS });
    const withFairs = values.map((value, at) => value + (fairs.includes(START_MS / DAY_MS + at) ? 50 : 0));
    return rows({ ts: ['TIMESTAMP', timesMs.map(micros)], value: ['FLOAT64', withFairs] });
  };
  const create = (name: string, customHolidays: ReturnType<typeof rows>) =>
    harness.ml.create({
      target: { projectId: 'test', dataset: 'ds', table: name },
      orReplace: false,
      options: {
        MODEL_TYPE: 'ARIMA_PLUS',
        TIME_SERIES_TIMESTAMP_COL: 'ts',
        TIME_SERIES_DATA_COL: 'value',
        HORIZON: 60,
        CLEAN_SPIKES_AND_DIPS: false,
      },
      input: daily(),
      customHolidays,
    });
  const holidays = (days: readonly (number | null)[], before: unknown = 1n) =>
    rows({
      ...{ REGION: ['STRING', days.map(() => 'here')], holiday_name: ['STRING', days.map(() => 'fair')] },
      ...{ primary_date: ['DATE', days], preholiday_days: ['INT64', days.map(() => before)] },
    });

  it('is learned from and forecast by', async () => {
    await create('fairs', holidays(fairs));
    const { rows: found } = await harness.call('EXPLAIN_FORECAST', 'fairs', { horizon: 60 });
    const ahead = records(found).filter((row) => row.time_series_type === 'forecast');
    const effects = ahead.map((row) => row.holiday_effect as number);
    const next = fairs.at(-1)! - START_MS / DAY_MS - COUNT;
    expect(effects[next]! - 50).toBeLessThan(5);
    expect(effects[next]! - 50).toBeGreaterThan(-5);
    expect(effects.filter((effect) => effect !== 0).length).toBeLessThanOrEqual(3);
  });
});
