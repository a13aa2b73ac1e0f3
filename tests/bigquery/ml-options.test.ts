import { ARIMA_PLUS_OPTIONS, type ArimaPlusOptions, fitArimaPlus, forecastArimaPlus } from '@seismo/engine';
import { dateHolidaysCalendar } from '@seismo/server/adapters/calendar/date-holidays-calendar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MINUTE_MS,
  MlHarness,
  madeSeries,
  madeValues,
  micros,
  records,
  rows,
  START_MS,
} from './support/ml-harness.js';

const DAY_MS = 86_400_000;
const STEP_MS = 60 * MINUTE_MS;

/** Hours with a day's season and a lasting step, so that every option has something to change. */
const made = (() => {
  const { timesMs, values } = madeSeries(480, { stepMs: STEP_MS });
  return { timesMs, values: values.map((value, at) => value + (at > 300 ? 6 : 0)) };
})();
const input = rows({ ts: ['TIMESTAMP', made.timesMs.map(micros)], value: ['FLOAT64', made.values] });

/** As SQL gives it, and as the engine takes it. Each changes the forecast of `made`. */
const CASES: Record<string, { sql: Record<string, unknown>; engine: ArimaPlusOptions; same?: boolean }> = {
  HORIZON: { sql: { HORIZON: 24n }, engine: { horizon: 24 }, same: true },
  DATA_FREQUENCY: { sql: { DATA_FREQUENCY: 'DAILY' }, engine: { frequency: 'DAILY' } },
  SEASONALITIES: {
    sql: { SEASONALITIES: ['NO_SEASONALITY'] },
    engine: { seasonalities: ['NO_SEASONALITY'] },
  },
  CLEAN_SPIKES_AND_DIPS: { sql: { CLEAN_SPIKES_AND_DIPS: false }, engine: { cleanSpikesAndDips: false } },
  ADJUST_STEP_CHANGES: { sql: { ADJUST_STEP_CHANGES: false }, engine: { adjustStepChanges: false } },
  DECOMPOSE_TIME_SERIES: {
    ...{ sql: { DECOMPOSE_TIME_SERIES: false }, engine: { decomposeTimeSeries: false }, same: true },
  },
  AUTO_ARIMA: {
    sql: { AUTO_ARIMA: false, NON_SEASONAL_ORDER: [1, 1, 1] },
    engine: { autoArima: false, nonSeasonalOrder: { p: 1, d: 1, q: 1 } },
  },
  NON_SEASONAL_ORDER: {
    sql: { AUTO_ARIMA: false, NON_SEASONAL_ORDER: [2, 0, 1] },
    engine: { autoArima: false, nonSeasonalOrder: { p: 2, d: 0, q: 1 } },
  },
  INCLUDE_DRIFT: {
    sql: { AUTO_ARIMA: false, NON_SEASONAL_ORDER: [0, 1, 1], INCLUDE_DRIFT: true },
    engine: { autoArima: false, nonSeasonalOrder: { p: 0, d: 1, q: 1 }, includeDrift: true },
  },
  AUTO_ARIMA_MAX_ORDER: { sql: { AUTO_ARIMA_MAX_ORDER: 5 }, engine: { autoArimaMaxOrder: 5 } },
  AUTO_ARIMA_MIN_ORDER: {
    sql: { AUTO_ARIMA_MIN_ORDER: 3, AUTO_ARIMA_MAX_ORDER: 4 },
    engine: { autoArimaMinOrder: 3, autoArimaMaxOrder: 4 },
  },
  TIME_SERIES_LENGTH_FRACTION: {
    sql: { TIME_SERIES_LENGTH_FRACTION: 0.2 },
    engine: { timeSeriesLengthFraction: 0.2 },
  },
  MIN_TIME_SERIES_LENGTH: {
    sql: { MIN_TIME_SERIES_LENGTH: 100, TIME_SERIES_LENGTH_FRACTION: 0.1 },
    engine: { minTimeSeriesLength: 100, timeSeriesLengthFraction: 0.1 },
  },
  MAX_TIME_SERIES_LENGTH: { sql: { MAX_TIME_SERIES_LENGTH: 60 }, engine: { maxTimeSeriesLength: 60 } },
  TREND_SMOOTHING_WINDOW_SIZE: {
    ...{ sql: { TREND_SMOOTHING_WINDOW_SIZE: 9 }, engine: { trendSmoothingWindowSize: 9 }, same: true },
  },
  FORECAST_METHOD: { sql: { FORECAST_METHOD: 'combined' }, engine: { forecastMethod: 'combined' } },
  FORECAST_LIMIT_LOWER_BOUND: {
    ...{ sql: { FORECAST_LIMIT_LOWER_BOUND: 15.5 }, engine: { forecastLimitLowerBound: 15.5 } },
  },
  FORECAST_LIMIT_UPPER_BOUND: {
    ...{ sql: { FORECAST_LIMIT_UPPER_BOUND: 14.5 }, engine: { forecastLimitUpperBound: 14.5 } },
  },
  FORECAST_LIMIT_METHOD: {
    sql: { FORECAST_LIMIT_METHOD: 'CLIP', FORECAST_LIMIT_LOWER_BOUND: 15.5 },
    engine: { forecastLimitMethod: 'clip', forecastLimitLowerBound: 15.5 },
  },
};
/** Tested below, with data of their own. */
const APART = [
  'HOLIDAY_REGION',
  'HOLIDAY_DAYS_BEFORE',
  'HOLIDAY_DAYS_AFTER',
  'HIERARCHICAL_TIME_SERIES_COLS',
];
const COLUMNS = ['TIME_SERIES_TIMESTAMP_COL', 'TIME_SERIES_DATA_COL', 'TIME_SERIES_ID_COL'];

describe('options of CREATE MODEL', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
    await harness.create('plain', input);
  });
  afterAll(() => harness.close());

  const forecastOf = async (name: string, horizon = 24) =>
    records((await harness.call('FORECAST', name, { horizon })).rows).map(
      ({ forecast_value, standard_error }) => [forecast_value, standard_error],
    );

  it('are all tested', () => {
    const tested = [...Object.keys(CASES), ...APART, ...COLUMNS];
    expect(tested.sort()).toEqual(ARIMA_PLUS_OPTIONS.map(({ name }) => name).sort());
  });

  it.each(Object.entries(CASES))(
    '%s does what it does in the engine',
    async (name, { sql, engine, same = false }) => {
      await harness.create(name, input, sql);
      const [timesMs, values] = [made.timesMs, made.values].map((list) => Float64Array.from(list));
      const { model } = fitArimaPlus(timesMs!, values!, engine);
      const expected = forecastArimaPlus(model!, { horizon: 24 });
      const found = await forecastOf(name);
      expect(found).toEqual(Array.from(expected.values, (value, at) => [value, expected.standardErrors[at]]));
      const plain = await forecastOf('plain');
      if (same) expect(found).toEqual(plain);
      else expect(found).not.toEqual(plain);
    },
  );

  it('FORECAST_LIMIT bounds are never reached, by forecast, interval or verdict, and parts add up', async () => {
    const limits = { FORECAST_LIMIT_LOWER_BOUND: 15.5, FORECAST_LIMIT_UPPER_BOUND: 60 };
    await harness.create('limited', input, { ...limits, FORECAST_LIMIT_METHOD: 'TRANSFORM' });
    await harness.create('by_default', input, limits);
    await harness.create('clipped', input, { ...limits, FORECAST_LIMIT_METHOD: 'clip' });
    const forecast = records((await harness.call('FORECAST', 'limited', { horizon: 24 })).rows);
    expect(forecast).toEqual(records((await harness.call('FORECAST', 'by_default', { horizon: 24 })).rows));
    const within = (value: unknown) => (value as number) > 15.5 && (value as number) < 60;
    for (const row of forecast) {
      const { forecast_value: value, standard_error: error, confidence_level: level } = row;
      const [lower, upper] = [row.prediction_interval_lower_bound, row.prediction_interval_upper_bound];
      expect([value, lower, upper].every(within)).toBe(true);
      expect(level).toBe(0.95);
      expect((upper as number) - (lower as number)).toBeCloseTo(2 * 1.959963984540054 * (error as number), 9);
    }
    const judged = records((await harness.call('DETECT_ANOMALIES', 'limited', {})).rows);
    const known = judged.filter(({ is_anomaly }) => is_anomaly !== null);
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThan(judged.length);
    for (const { value, lower_bound, upper_bound } of known) {
      expect([value, lower_bound, upper_bound].every(within)).toBe(true);
    }
    for (const row of records((await harness.call('EXPLAIN_FORECAST', 'limited', { horizon: 24 })).rows)) {
      const seasons = ['yearly', 'quarterly', 'monthly', 'weekly', 'daily'].map(
        (name) => row[`seasonal_period_${name}`],
      );
      const others = [row.trend, row.holiday_effect, row.spikes_and_dips, row.step_changes, row.residual];
      const sum = [...seasons, ...others].reduce<number>((total, part) => total + ((part as number) ?? 0), 0);
      expect(Math.abs(sum - (row.time_series_data as number))).toBeLessThan(1e-9);
    }
    const [clipped] = records((await harness.call('ARIMA_EVALUATE', 'clipped')).rows);
    const [limited] = records((await harness.call('ARIMA_EVALUATE', 'limited')).rows);
    // Those of the logarithm have other units.
    expect(limited!.variance).not.toBeCloseTo(clipped!.variance as number, 3);
  });

  it('may be written in any case, with names of columns in another', async () => {
    const { header } = await harness.ml.create({
      target: { projectId: 'test', dataset: 'ds', table: 'cases' },
      orReplace: false,
      options: { MODEL_TYPE: 'arima_plus', TIME_SERIES_TIMESTAMP_COL: 'TS', TIME_SERIES_DATA_COL: 'Value' },
      input,
    });
    expect([header.timestampColumn.name, header.dataColumn.name]).toEqual(['ts', 'value']);
  });

  it('HOLIDAY_REGION, HOLIDAY_DAYS_BEFORE and HOLIDAY_DAYS_AFTER learn the holidays of a calendar', async () => {
    const count = 3 * 365;
    const start = Date.UTC(2021, 0, 1);
    const timesMs = Array.from({ length: count }, (_, at) => start + at * DAY_MS);
    const values = madeValues(count, { stepMs: DAY_MS }).map((value, at) => {
      const { month, day } = monthDay(timesMs[at]!);
      return value + (month === 12 && (day === 24 || day === 25) ? 30 : 0);
    });
    const days = rows({ ts: ['DATE', timesMs.map((timeMs) => timeMs / DAY_MS)], value: ['FLOAT64', values] });
    const options = {
      HOLIDAY_REGION: ['US', 'GB'],
      HOLIDAY_DAYS_BEFORE: 2,
      HOLIDAY_DAYS_AFTER: 0,
      HORIZON: 365,
    };
    await harness.create('holidays', days, options);
    const [order] = records((await harness.call('EVALUATE', 'holidays')).rows);
    expect(order!.has_holiday_effect).toBe(true);
    const holidays = await dateHolidaysCalendar.windows({
      regions: ['US', 'GB'],
      fromMs: start,
      toMs: start + (count + 365) * DAY_MS,
      daysBefore: 2,
      daysAfter: 0,
    });
    const { model } = fitArimaPlus(Float64Array.from(timesMs), Float64Array.from(values), {
      holidays,
      horizon: 365,
    });
    const expected = forecastArimaPlus(model!, { horizon: 365 });
    expect((await forecastOf('holidays', 365)).map(([value]) => value)).toEqual([...expected.values]);
    expect(expected.values.at(-7)! - expected.values.at(-9)!).toBeGreaterThan(15);
  });

  it('the query custom_holiday adds holidays of its own', async () => {
    const count = 3 * 365;
    const start = Date.UTC(2021, 0, 1);
    const timesMs = Array.from({ length: count }, (_, at) => start + at * DAY_MS);
    const isFair = (timeMs: number) => monthDay(timeMs).month === 5 && monthDay(timeMs).day === 17;
    const values = madeValues(count, { stepMs: DAY_MS }).map(
      (value, at) => value + (isFair(timesMs[at]!) ? 30 : 0),
    );
    const days = rows({ ts: ['DATE', timesMs.map((timeMs) => timeMs / DAY_MS)], value: ['FLOAT64', values] });
    const fairs = [2021, 2022, 2023, 2024].map((year) => Date.UTC(year, 4, 17) / DAY_MS);
    const create = (table: string, customHolidays: ReturnType<typeof rows>) =>
      harness.ml.create({
        target: { projectId: 'test', dataset: 'ds', table },
        orReplace: false,
        options: {
          ...{ MODEL_TYPE: 'ARIMA_PLUS', TIME_SERIES_TIMESTAMP_COL: 'ts', TIME_SERIES_DATA_COL: 'value' },
          HORIZON: 200,
        },
        input: days,
        customHolidays,
      });
    await create(
      'fairs',
      rows({
        region: ['STRING', fairs.map(() => 'US')],
        holiday_name: ['STRING', fairs.map(() => 'TownFair')],
        primary_date: ['DATE', fairs],
        preholiday_days: ['INT64', fairs.map(() => 1n)],
      }),
    );
    const ahead = await harness.call('EXPLAIN_FORECAST', 'fairs', { horizon: 200 });
    const effects = records(ahead.rows).filter(({ time_series_type }) => time_series_type === 'forecast');
    const fair = effects.find(({ time_series_timestamp }) => isFair(Number(time_series_timestamp) / 1000));
    expect(fair!.holiday_effect).toBeGreaterThan(20);

    const wrong = rows({
      region: ['STRING', ['US']],
      holiday_name: ['STRING', ['x']],
      primary_date: ['STRING', ['']],
    });
    await expect(create('w', wrong)).rejects.toThrow(
      'custom_holiday has a column primary_date of type STRING, not DATE.',
    );
    const lacking = rows({ region: ['STRING', ['US']], primary_date: ['DATE', [1]] });
    await expect(create('w', lacking)).rejects.toThrow(
      'custom_holiday needs a column holiday_name of type STRING.',
    );
    const long = rows({
      region: ['STRING', ['US']],
      holiday_name: ['STRING', ['Fair']],
      primary_date: ['DATE', [19_000]],
      preholiday_days: ['INT64', [40n]],
    });
    await expect(create('w', long)).rejects.toMatchObject({ reason: 'invalidQuery' });
  });

  it('HIERARCHICAL_TIME_SERIES_COLS adds forecasts of sums, with NULL in the columns summed over', async () => {
    const shops = [
      ['north', 'a', 1],
      ['north', 'b', 2],
      ['south', 'c', 3],
    ] as const;
    const all = shops.flatMap(([region, shop, seed]) =>
      madeValues(100, { seed }).map((value, at) => ({
        region,
        shop,
        value,
        timeMs: START_MS + at * MINUTE_MS,
      })),
    );
    const sales = rows({
      region: ['STRING', all.map((one) => one.region)],
      shop: ['STRING', all.map((one) => one.shop)],
      ts: ['TIMESTAMP', all.map((one) => micros(one.timeMs))],
      value: ['FLOAT64', all.map((one) => one.value)],
    });
    await harness.create('sums', sales, {
      TIME_SERIES_ID_COL: ['region', 'shop'],
      HIERARCHICAL_TIME_SERIES_COLS: ['region', 'shop'],
    });
    const found = records((await harness.call('FORECAST', 'sums', { horizon: 2 })).rows);
    const values = new Map(
      found.map((row) => [
        `${row.region} ${row.shop} ${row.forecast_timestamp}`,
        row.forecast_value as number,
      ]),
    );
    expect(found.map(({ region, shop }) => [region, shop])).toEqual(
      [
        ...[
          ['north', 'a'],
          ['north', 'b'],
          ['south', 'c'],
        ],
        ...[
          ['north', null],
          ['south', null],
          [null, null],
        ],
      ].flatMap((ids) => [ids, ids]),
    );
    for (let step = 0; step < 2; step++) {
      const at = (START_MS + (100 + step) * MINUTE_MS) * 1000;
      const [a, b, c] = ['north a', 'north b', 'south c'].map((name) => values.get(`${name} ${at}`)!);
      expect(values.get(`north null ${at}`)).toBeCloseTo(a! + b!, 10);
      expect(values.get(`null null ${at}`)).toBeCloseTo(a! + b! + c!, 10);
    }
    await harness.reopen();
    expect(records((await harness.call('FORECAST', 'sums', { horizon: 2 })).rows)).toEqual(found);
    const judged = await harness.call('DETECT_ANOMALIES', 'sums');
    expect(judged.rows.rowCount).toBe(600);
  });
});

function monthDay(timeMs: number): { month: number; day: number } {
  const date = new Date(timeMs);
  return { month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
