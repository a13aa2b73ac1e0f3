import type { ArimaOrder } from '../arima/arima-model.js';
import { FREQUENCIES, type Frequency } from '../series/frequency.js';
import { SEASONALITIES, type Seasonality } from '../series/seasonal-periods.js';
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
  /** TREND_SMOOTHING_WINDOW_SIZE: values over which the trend of the history is averaged when explained. Default 0. */
  readonly trendSmoothingWindowSize?: number;
  /** DECOMPOSE_TIME_SERIES: keep the history with its parts, to explain and judge it. Default true. */
  readonly decomposeTimeSeries?: boolean;
  /** FORECAST_LIMIT_LOWER_BOUND: no forecast or bound lies below. Default none. */
  readonly forecastLimitLowerBound?: number;
  /** FORECAST_LIMIT_UPPER_BOUND: no forecast or bound lies above. Default none. */
  readonly forecastLimitUpperBound?: number;
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

type Defaulted =
  | 'horizon'
  | 'autoArima'
  | 'autoArimaMinOrder'
  | 'autoArimaMaxOrder'
  | 'includeDrift'
  | 'holidays'
  | 'cleanSpikesAndDips'
  | 'adjustStepChanges'
  | 'minTimeSeriesLength'
  | 'trendSmoothingWindowSize'
  | 'decomposeTimeSeries'
  | 'seasonalities'
  | 'forecastMethod';
/** Options with BigQuery's defaults in place. */
export type CompleteOptions = Required<Pick<ArimaPlusOptions, Defaulted>> & Omit<ArimaPlusOptions, Defaulted>;

const DEFAULTS: Required<Pick<ArimaPlusOptions, Defaulted>> = {
  horizon: 1000,
  autoArima: true,
  autoArimaMinOrder: 0,
  autoArimaMaxOrder: 2,
  includeDrift: false,
  holidays: [],
  cleanSpikesAndDips: true,
  adjustStepChanges: true,
  minTimeSeriesLength: 20,
  trendSmoothingWindowSize: 0,
  decomposeTimeSeries: true,
  seasonalities: ['AUTO'],
  forecastMethod: 'arima',
};
/** BigQuery's names, and one of our own. */
const NAMES: Readonly<Record<keyof ArimaPlusOptions, string>> = {
  frequency: 'DATA_FREQUENCY',
  horizon: 'HORIZON',
  autoArima: 'AUTO_ARIMA',
  autoArimaMinOrder: 'AUTO_ARIMA_MIN_ORDER',
  autoArimaMaxOrder: 'AUTO_ARIMA_MAX_ORDER',
  nonSeasonalOrder: 'NON_SEASONAL_ORDER',
  includeDrift: 'INCLUDE_DRIFT',
  holidays: 'HOLIDAY_REGION',
  cleanSpikesAndDips: 'CLEAN_SPIKES_AND_DIPS',
  adjustStepChanges: 'ADJUST_STEP_CHANGES',
  timeSeriesLengthFraction: 'TIME_SERIES_LENGTH_FRACTION',
  minTimeSeriesLength: 'MIN_TIME_SERIES_LENGTH',
  maxTimeSeriesLength: 'MAX_TIME_SERIES_LENGTH',
  trendSmoothingWindowSize: 'TREND_SMOOTHING_WINDOW_SIZE',
  decomposeTimeSeries: 'DECOMPOSE_TIME_SERIES',
  forecastLimitLowerBound: 'FORECAST_LIMIT_LOWER_BOUND',
  forecastLimitUpperBound: 'FORECAST_LIMIT_UPPER_BOUND',
  seasonalities: 'SEASONALITIES',
  forecastMethod: 'FORECAST_METHOD',
};
const FLAGS = [
  'autoArima',
  'includeDrift',
  'cleanSpikesAndDips',
  'adjustStepChanges',
  'decomposeTimeSeries',
] as const;

/**
 * Fills in the defaults.
 * @throws RangeError on an option that is unknown, out of its range or at odds with another; the message names it as
 *   BigQuery spells it, with its range
 */
export function completeOptions(options: ArimaPlusOptions): CompleteOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  for (const name of Object.keys(given)) {
    if (!(name in NAMES)) refuse(`unknown option ${name}; there are ${Object.keys(NAMES).join(', ')}`);
  }
  const complete: CompleteOptions = { ...DEFAULTS, ...(given as ArimaPlusOptions) };
  for (const name of FLAGS) {
    if (typeof complete[name] !== 'boolean') refuse(`${NAMES[name]} is true or false, not ${complete[name]}`);
  }
  checkSeries(complete);
  checkSearch(complete);
  checkLengths(complete, given);
  checkLimits(complete);
  return complete;
}

function checkSeries(options: CompleteOptions): void {
  const { frequency, horizon, seasonalities, trendSmoothingWindowSize, forecastMethod } = options;
  if (frequency !== undefined && !FREQUENCIES.includes(frequency)) {
    refuse(`DATA_FREQUENCY is AUTO_FREQUENCY or one of ${FREQUENCIES.join(', ')}, not ${frequency}`);
  }
  whole('HORIZON', horizon, 1, 10_000);
  whole('TREND_SMOOTHING_WINDOW_SIZE', trendSmoothingWindowSize, 0);
  const known: readonly string[] = ['AUTO', 'NO_SEASONALITY', ...SEASONALITIES];
  const wrong = seasonalities.find((one) => !known.includes(one));
  if (wrong !== undefined || seasonalities.length === 0) {
    refuse(`SEASONALITIES holds some of ${known.join(', ')}, not ${wrong ?? 'nothing'}`);
  }
  if (!FORECAST_METHODS.includes(forecastMethod)) {
    refuse(`FORECAST_METHOD is ${FORECAST_METHODS.join(' or ')}, not ${forecastMethod}`);
  }
  const alone = seasonalities.find((one) => one === 'AUTO' || one === 'NO_SEASONALITY');
  if (alone !== undefined && seasonalities.length > 1) refuse(`SEASONALITIES holds ${alone} alone`);
}

function checkSearch(options: CompleteOptions): void {
  const { autoArima, autoArimaMinOrder, autoArimaMaxOrder, nonSeasonalOrder, includeDrift } = options;
  whole('AUTO_ARIMA_MAX_ORDER', autoArimaMaxOrder, 1, 5);
  whole('AUTO_ARIMA_MIN_ORDER', autoArimaMinOrder, 0, autoArimaMaxOrder);
  if (autoArima) {
    if (nonSeasonalOrder) refuse('NON_SEASONAL_ORDER is given only where AUTO_ARIMA is false');
    if (includeDrift) refuse('INCLUDE_DRIFT is given only where AUTO_ARIMA is false');
    return;
  }
  if (!nonSeasonalOrder) {
    refuse('NON_SEASONAL_ORDER (p and q from 0 to 5, d from 0 to 2) is asked for where AUTO_ARIMA is false');
  }
  const { p, d, q } = nonSeasonalOrder;
  const within = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most;
  if (!within(p, 5) || !within(d, 2) || !within(q, 5)) {
    refuse(`NON_SEASONAL_ORDER has p and q from 0 to 5 and d from 0 to 2, not (${p}, ${d}, ${q})`);
  }
  if (includeDrift && d !== 1) refuse(`INCLUDE_DRIFT is true only with d = 1, not d = ${d}`);
}

function checkLengths(options: CompleteOptions, given: ArimaPlusOptions): void {
  const { timeSeriesLengthFraction: fraction, minTimeSeriesLength, maxTimeSeriesLength } = options;
  if (fraction !== undefined && !(fraction > 0 && fraction < 1)) {
    refuse(`TIME_SERIES_LENGTH_FRACTION is above 0 and below 1, not ${fraction}`);
  }
  whole('MIN_TIME_SERIES_LENGTH', minTimeSeriesLength, 4);
  if (given.minTimeSeriesLength !== undefined && fraction === undefined) {
    refuse('MIN_TIME_SERIES_LENGTH is given only with TIME_SERIES_LENGTH_FRACTION');
  }
  if (maxTimeSeriesLength === undefined) return;
  whole('MAX_TIME_SERIES_LENGTH', maxTimeSeriesLength, 4);
  if (fraction !== undefined) {
    refuse('MAX_TIME_SERIES_LENGTH and TIME_SERIES_LENGTH_FRACTION exclude each other');
  }
}

function checkLimits({
  forecastLimitLowerBound: lower,
  forecastLimitUpperBound: upper,
}: CompleteOptions): void {
  for (const [name, value] of Object.entries({
    FORECAST_LIMIT_LOWER_BOUND: lower,
    FORECAST_LIMIT_UPPER_BOUND: upper,
  })) {
    if (value !== undefined && !Number.isFinite(value)) refuse(`${name} is a finite number, not ${value}`);
  }
  if (lower !== undefined && upper !== undefined && !(lower < upper)) {
    refuse(
      `FORECAST_LIMIT_LOWER_BOUND (${lower}) lies below FORECAST_LIMIT_UPPER_BOUND, and that is ${upper}`,
    );
  }
}

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

function refuse(message: string): never {
  throw new RangeError(message);
}
