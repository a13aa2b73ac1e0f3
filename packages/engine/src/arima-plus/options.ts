import type { ArimaOrder } from '../arima/arima-model.js';
import type { Frequency } from '../series/frequency.js';
import type { Seasonality } from '../series/seasonal-periods.js';
import type { CustomHoliday } from './custom-holidays.js';
import type { HolidayWindow } from './holidays.js';

/**
 * What BigQuery's CREATE MODEL takes for ARIMA_PLUS, in camelCase, with its defaults and ranges. Frequencies and
 * seasonalities are spelled as there.
 */
export interface ArimaPlusOptions {
  /** DATA_FREQUENCY. Default: what the times are mostly apart (AUTO_FREQUENCY). */
  readonly frequency?: Frequency;
  /** HORIZON: how far ahead may be asked for, 1 to 10,000 values. Default 1,000. */
  readonly horizon?: number;
  /** AUTO_ARIMA: search for the order. Default true. */
  readonly autoArima?: boolean;
  /** AUTO_ARIMA_MIN_ORDER: least p + q of the search, 0 to its most. Default 0. */
  readonly autoArimaMinOrder?: number;
  /** AUTO_ARIMA_MAX_ORDER: most p + q of the search, 1 to 5. Default 2. */
  readonly autoArimaMaxOrder?: number;
  /** NON_SEASONAL_ORDER: p and q 0 to 5, d 0 to 2. Asked for without AUTO_ARIMA, and only then. */
  readonly nonSeasonalOrder?: ArimaOrder;
  /** INCLUDE_DRIFT: only without AUTO_ARIMA and with d = 1. Default false. */
  readonly includeDrift?: boolean;
  /** The windows that a HOLIDAY_REGION stands for, past and to come. Default none. */
  readonly holidays?: readonly HolidayWindow[];
  /** What BigQuery's query custom_holiday gives: added to those, or in the place of one of the same name. Default none. */
  readonly customHolidays?: readonly CustomHoliday[];
  /** CLEAN_SPIKES_AND_DIPS. Default true. */
  readonly cleanSpikesAndDips?: boolean;
  /** ADJUST_STEP_CHANGES. Default true. */
  readonly adjustStepChanges?: boolean;
  /** TIME_SERIES_LENGTH_FRACTION: share of the series, its end, that the trend is fitted to, above 0 and below 1. */
  readonly timeSeriesLengthFraction?: number;
  /** MIN_TIME_SERIES_LENGTH: least values that the fraction leaves, a whole number from 4. Default 20. */
  readonly minTimeSeriesLength?: number;
  /** MAX_TIME_SERIES_LENGTH: most values, of the end, that the trend is fitted to; from 4. Not with a fraction. */
  readonly maxTimeSeriesLength?: number;
  /** TREND_SMOOTHING_WINDOW_SIZE: values over which the trend of the history is averaged when explained. Default none. */
  readonly trendSmoothingWindowSize?: number;
  /** DECOMPOSE_TIME_SERIES: keep the history with its parts, to explain and judge it. Default true. */
  readonly decomposeTimeSeries?: boolean;
  /** FORECAST_LIMIT_LOWER_BOUND: no forecast or bound lies below. Default none. */
  readonly forecastLimitLowerBound?: number;
  /** FORECAST_LIMIT_UPPER_BOUND: no forecast or bound lies above. Default none. */
  readonly forecastLimitUpperBound?: number;
  /**
   * Of our own, FORECAST_LIMIT_METHOD: with 'transform' a series with limits is modelled as its logarithm or logit, as
   * BigQuery does; with 'clip' as it is, and what lies beyond a limit is cut off. Default 'transform'.
   */
  readonly forecastLimitMethod?: ForecastLimitMethod;
  /** SEASONALITIES: the seasons to look for. Default ['AUTO']: all. */
  readonly seasonalities?: readonly ('AUTO' | 'NO_SEASONALITY' | Seasonality)[];
  /**
   * Of our own, FORECAST_METHOD: 'arima' forecasts as BigQuery does; 'combined' with several other methods besides, each
   * weighed by how well it did on the end of the history: more accurate, some four times the cost. Default 'arima'.
   */
  readonly forecastMethod?: ForecastMethod;
}

export const FORECAST_METHODS = ['arima', 'combined'] as const;
export type ForecastMethod = (typeof FORECAST_METHODS)[number];

export const FORECAST_LIMIT_METHODS = ['transform', 'clip'] as const;
export type ForecastLimitMethod = (typeof FORECAST_LIMIT_METHODS)[number];

/** Those that have a default. */
type Defaulted =
  | 'horizon'
  | 'autoArima'
  | 'autoArimaMinOrder'
  | 'autoArimaMaxOrder'
  | 'includeDrift'
  | 'holidays'
  | 'customHolidays'
  | 'cleanSpikesAndDips'
  | 'adjustStepChanges'
  | 'minTimeSeriesLength'
  | 'decomposeTimeSeries'
  | 'seasonalities'
  | 'forecastMethod'
  | 'forecastLimitMethod';
/** Options with BigQuery's defaults in place. */
export type CompleteOptions = Required<Pick<ArimaPlusOptions, Defaulted>> & Omit<ArimaPlusOptions, Defaulted>;

/** @throws RangeError unless it is a whole number within the range */
export function whole(name: string, value: number, least: number, most = Number.POSITIVE_INFINITY): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.POSITIVE_INFINITY ? `from ${least}` : `from ${least} to ${most}`;
  refuse(`${name} is a whole number ${range}, not ${value}`);
}

/** @throws RangeError unless it is at least 0 and below 1 */
export function share(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) refuse(`${name} is at least 0 and below 1, not ${value}`);
}

export function refuse(message: string): never {
  throw new RangeError(message);
}
