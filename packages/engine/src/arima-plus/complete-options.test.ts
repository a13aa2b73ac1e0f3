import { describe, expect, it } from 'vitest';
import { completeOptions } from './complete-options.js';
import type { ArimaPlusOptions } from './options.js';

/** As a caller without types would give them. */
const complete = (options: object) => completeOptions(options as ArimaPlusOptions);

describe('the options of ARIMA_PLUS', () => {
  it("have BigQuery's defaults", () => {
    expect(complete({ horizon: undefined })).toEqual({
      horizon: 1000,
      autoArima: true,
      autoArimaMinOrder: 0,
      autoArimaMaxOrder: 2,
      includeDrift: false,
      holidays: [],
      customHolidays: [],
      cleanSpikesAndDips: true,
      adjustStepChanges: true,
      minTimeSeriesLength: 20,
      decomposeTimeSeries: true,
      seasonalities: ['AUTO'],
      forecastMethod: 'arima',
      forecastLimitMethod: 'transform',
    });
  });

  const order = { p: 1, d: 1, q: 0 };
  it.each([
    [{ horizon: 10_001 }, /^HORIZON is a whole number from 1 to 10000, not 10001$/],
    [{ horizon: 0 }, /HORIZON/],
    [{ horizon: '5' }, /^HORIZON is a whole number from 1 to 10000, not "5"$/],
    [
      { frequency: 'FORTNIGHTLY' },
      /DATA_FREQUENCY is one of AUTO_FREQUENCY, PER_MINUTE, HOURLY.* not FORTNIGHTLY/,
    ],
    [{ autoArimaMaxOrder: 6 }, /AUTO_ARIMA_MAX_ORDER is a whole number from 1 to 5, not 6/],
    [{ autoArimaMinOrder: 3 }, /AUTO_ARIMA_MIN_ORDER must be below AUTO_ARIMA_MAX_ORDER \(2\), not 3/],
    [
      { autoArimaMinOrder: 3, autoArimaMaxOrder: 3 },
      /AUTO_ARIMA_MIN_ORDER must be below AUTO_ARIMA_MAX_ORDER \(3\), not 3/,
    ],
    [{ autoArimaMinOrder: 5, autoArimaMaxOrder: 5 }, /AUTO_ARIMA_MIN_ORDER is a whole number from 0 to 4/],
    [{ nonSeasonalOrder: order }, /NON_SEASONAL_ORDER goes only with AUTO_ARIMA = false/],
    [{ autoArima: false }, /NON_SEASONAL_ORDER: \(p, d, q\) with p and q from 0 to 5 and d from 0 to 2/],
    [
      { autoArima: false, nonSeasonalOrder: order, autoArimaMaxOrder: 3 },
      /AUTO_ARIMA_MAX_ORDER goes only with AUTO_ARIMA = true/,
    ],
    [{ autoArima: false, nonSeasonalOrder: { p: 6, d: 0, q: 0 } }, /p and q from 0 to 5 .* not \(6, 0, 0\)/],
    [{ includeDrift: true }, /INCLUDE_DRIFT goes only with AUTO_ARIMA = false/],
    [
      { autoArima: false, nonSeasonalOrder: { ...order, d: 2 }, includeDrift: true },
      /INCLUDE_DRIFT .* d = 1/,
    ],
    [{ timeSeriesLengthFraction: 1 }, /TIME_SERIES_LENGTH_FRACTION is a number above 0 and below 1, not 1/],
    [{ minTimeSeriesLength: 30 }, /MIN_TIME_SERIES_LENGTH goes only with TIME_SERIES_LENGTH_FRACTION/],
    [{ timeSeriesLengthFraction: 0.5, minTimeSeriesLength: 3 }, /MIN_TIME_SERIES_LENGTH .* from 4, not 3/],
    [{ maxTimeSeriesLength: 3 }, /MAX_TIME_SERIES_LENGTH is a whole number from 4, not 3/],
    [{ maxTimeSeriesLength: 30, timeSeriesLengthFraction: 0.5 }, /exclude each other/],
    [{ trendSmoothingWindowSize: -1 }, /TREND_SMOOTHING_WINDOW_SIZE is a whole number from 1, not -1/],
    [{ forecastLimitLowerBound: Number.NaN }, /FORECAST_LIMIT_LOWER_BOUND is a finite number/],
    [
      { forecastLimitMethod: 'clip' },
      /FORECAST_LIMIT_METHOD goes only with FORECAST_LIMIT_LOWER_BOUND or FORECAST_LIMIT_UPPER_BOUND/,
    ],
    [
      { forecastLimitLowerBound: 2, forecastLimitUpperBound: 1 },
      /FORECAST_LIMIT_LOWER_BOUND must be below FORECAST_LIMIT_UPPER_BOUND \(1\), not 2/,
    ],
    [
      { seasonalities: ['HOURLY'] },
      /SEASONALITIES is AUTO or NO_SEASONALITY alone, or some of DAILY.* not HOURLY/,
    ],
    [{ seasonalities: [] }, /SEASONALITIES/],
    [{ seasonalities: ['AUTO', 'DAILY'] }, /SEASONALITIES is AUTO or NO_SEASONALITY alone.* not AUTO, DAILY/],
    [{ cleanSpikesAndDips: 'yes' }, /CLEAN_SPIKES_AND_DIPS is true or false, not yes/],
    [{ horzion: 5 }, /unknown option horzion; there are .*horizon/],
  ])('refuse %j', (options, message) => {
    expect(() => complete(options)).toThrow(message);
    expect(() => complete(options)).toThrow(RangeError);
  });

  it('go together as BigQuery allows', () => {
    const options: ArimaPlusOptions = {
      frequency: 'PER_MINUTE',
      autoArima: false,
      nonSeasonalOrder: order,
      includeDrift: true,
      timeSeriesLengthFraction: 0.5,
      minTimeSeriesLength: 4,
      seasonalities: ['WEEKLY', 'DAILY'],
      forecastLimitLowerBound: 0,
    };
    expect(complete(options)).toMatchObject(options);
  });
});
