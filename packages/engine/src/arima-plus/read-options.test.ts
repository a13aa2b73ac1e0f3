import { describe, expect, it } from 'vitest';
import { ARIMA_PLUS_OPTIONS } from './option-table.js';
import { readArimaPlusOptions } from './read-options.js';

describe('the options of CREATE MODEL', () => {
  it('are read by their names, with the values that SQL gives', () => {
    const request = readArimaPlusOptions({
      time_series_timestamp_col: 'date',
      TIME_SERIES_DATA_COL: 'sold',
      TIME_SERIES_ID_COL: ['store', 'zip', 'city'],
      HIERARCHICAL_TIME_SERIES_COLS: ['zip', 'store'],
      HORIZON: 30n,
      data_frequency: 'daily',
      HOLIDAY_REGION: 'US',
      SEASONALITIES: ['weekly', 'YEARLY'],
      CLEAN_SPIKES_AND_DIPS: false,
      TIME_SERIES_LENGTH_FRACTION: 0.5,
      MIN_TIME_SERIES_LENGTH: 30,
    });
    expect(request).toEqual({
      timestampColumn: 'date',
      dataColumn: 'sold',
      idColumns: ['store', 'zip', 'city'],
      hierarchicalColumns: ['zip', 'store'],
      holidayRegions: ['US'],
      holidayDaysBefore: 1,
      holidayDaysAfter: 1,
      options: {
        horizon: 30,
        frequency: 'DAILY',
        seasonalities: ['WEEKLY', 'YEARLY'],
        cleanSpikesAndDips: false,
        timeSeriesLengthFraction: 0.5,
        minTimeSeriesLength: 30,
      },
    });
  });

  it('are none but defaults where none is given', () => {
    expect(readArimaPlusOptions({})).toMatchObject({ idColumns: [], holidayRegions: [], options: {} });
    expect(readArimaPlusOptions({ DATA_FREQUENCY: 'AUTO_FREQUENCY' }).options).toEqual({});
    expect(readArimaPlusOptions({ HOLIDAY_REGION: ['US', 'GB'] }).holidayRegions).toEqual(['US', 'GB']);
    const order = { AUTO_ARIMA: false, NON_SEASONAL_ORDER: [1, 1, 0], INCLUDE_DRIFT: true };
    expect(readArimaPlusOptions(order).options.nonSeasonalOrder).toEqual({ p: 1, d: 1, q: 0 });
  });

  it.each([
    [{ HORIZN: 3 }, /^HORIZN is no option; there are .*HORIZON/],
    [{ HORIZON: '3' }, /^HORIZON is a whole number from 1 to 10000, not "3"$/],
    [{ HORIZON: 2.5 }, /HORIZON is a whole number/],
    [{ AUTO_ARIMA: 'TRUE' }, /AUTO_ARIMA is true or false, not "TRUE"/],
    [{ TIME_SERIES_ID_COL: [] }, /TIME_SERIES_ID_COL is the name of a column, or several, not nothing/],
    [{ TIME_SERIES_DATA_COL: ['a'] }, /TIME_SERIES_DATA_COL is the name of a column, not a/],
    [{ NON_SEASONAL_ORDER: [1, 1] }, /NON_SEASONAL_ORDER is \(p, d, q\)/],
    [
      { FORECAST_LIMIT_UPPER_BOUND: Number.POSITIVE_INFINITY },
      /FORECAST_LIMIT_UPPER_BOUND is a finite number/,
    ],
    [{ HIERARCHICAL_TIME_SERIES_COLS: ['a'] }, /HIERARCHICAL_TIME_SERIES_COLS must be some/],
    [{ HOLIDAY_DAYS_BEFORE: 2 }, /HOLIDAY_DAYS_BEFORE goes only with HOLIDAY_REGION/],
    [
      { TIME_SERIES_ID_COL: 'a', AUTO_ARIMA: false, NON_SEASONAL_ORDER: [1, 0, 0] },
      /AUTO_ARIMA must be true with TIME_SERIES_ID_COL/,
    ],
  ])('refuse %o, naming the option and its range', (given, message) => {
    expect(() => readArimaPlusOptions(given)).toThrow(message);
    expect(() => readArimaPlusOptions(given)).toThrow(RangeError);
  });

  it('take their own defaults', () => {
    for (const option of ARIMA_PLUS_OPTIONS) {
      if (option.default === undefined) continue;
      expect(option.read(option.default), option.name).toEqual({ value: option.default });
    }
    expect(new Set(ARIMA_PLUS_OPTIONS.map(({ name }) => name)).size).toBe(ARIMA_PLUS_OPTIONS.length);
  });
});
