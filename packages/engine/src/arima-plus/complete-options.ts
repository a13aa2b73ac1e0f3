import { checkCustomHolidays } from './custom-holidays.js';
import { ARIMA_PLUS_OPTIONS, type ArimaPlusOption } from './option-table.js';
import { type ArimaPlusOptions, type CompleteOptions, refuse } from './options.js';

const ENGINE_OPTIONS = new Map<string, ArimaPlusOption>(
  ARIMA_PLUS_OPTIONS.flatMap((option) => (option.key === undefined ? [] : [[option.key, option]])),
);
const DEFAULTS: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    [...ENGINE_OPTIONS].flatMap(([key, option]) =>
      option.default === undefined ? [] : [[key, option.default]],
    ),
  ),
  holidays: [],
  customHolidays: [],
};
/** Beside those of the table: what a holiday region and the query custom_holiday stand for. */
const HOLIDAYS = ['holidays', 'customHolidays'];

/**
 * Fills in the defaults.
 * @throws RangeError on an option that is unknown, out of its range or at odds with another; the message names it as
 *   BigQuery spells it, with its range
 */
export function completeOptions(options: ArimaPlusOptions): CompleteOptions {
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    const option = ENGINE_OPTIONS.get(key);
    if (option === undefined && !HOLIDAYS.includes(key)) {
      refuse(`unknown option ${key}; there are ${[...ENGINE_OPTIONS.keys(), ...HOLIDAYS].join(', ')}`);
    }
    if (value !== undefined) given[key] = option === undefined ? value : checkedValue(option, value);
  }
  const complete = { ...DEFAULTS, ...given } as CompleteOptions;
  checkSearch(complete, given);
  checkLengths(given);
  checkLimits(complete, given);
  checkCustomHolidays(complete.customHolidays, complete.holidays, complete.frequency);
  return complete;
}

/** @throws RangeError that names the option and its range */
export function checkedValue(option: ArimaPlusOption, value: unknown): unknown {
  const found = option.read(value);
  return found === undefined ? refuse(`${option.name} is ${option.range}, not ${shown(value)}`) : found.value;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map(shown).join(', ');
  // A text that reads like a number is wrong for being a text.
  if (
    typeof value === 'string' &&
    (value === '' || !Number.isNaN(Number(value)) || /^(true|false|null)$/i.test(value))
  )
    return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return `(${Object.values(value).map(shown).join(', ')})`;
}

function checkSearch(complete: CompleteOptions, given: ArimaPlusOptions): void {
  const { autoArima, autoArimaMinOrder: least, autoArimaMaxOrder: most, includeDrift } = complete;
  const { nonSeasonalOrder } = complete;
  if (autoArima) {
    if (nonSeasonalOrder) refuse('NON_SEASONAL_ORDER goes only with AUTO_ARIMA = false');
    if (given.includeDrift !== undefined) refuse('INCLUDE_DRIFT goes only with AUTO_ARIMA = false');
    const isBelow = given.autoArimaMaxOrder === undefined ? least <= most : least < most;
    if (!isBelow) refuse(`AUTO_ARIMA_MIN_ORDER must be below AUTO_ARIMA_MAX_ORDER (${most}), not ${least}`);
    return;
  }
  if (given.autoArimaMaxOrder !== undefined) refuse('AUTO_ARIMA_MAX_ORDER goes only with AUTO_ARIMA = true');
  if (given.autoArimaMinOrder !== undefined) refuse('AUTO_ARIMA_MIN_ORDER goes only with AUTO_ARIMA = true');
  if (!nonSeasonalOrder) {
    refuse(
      'AUTO_ARIMA = false needs NON_SEASONAL_ORDER: (p, d, q) with p and q from 0 to 5 and d from 0 to 2',
    );
  }
  const { d } = nonSeasonalOrder;
  if (includeDrift && d !== 1) refuse(`INCLUDE_DRIFT may be true only with d = 1, not d = ${d}`);
}

function checkLengths(given: ArimaPlusOptions): void {
  const { timeSeriesLengthFraction: fraction, minTimeSeriesLength, maxTimeSeriesLength } = given;
  if (maxTimeSeriesLength !== undefined && fraction !== undefined) {
    refuse('MAX_TIME_SERIES_LENGTH and TIME_SERIES_LENGTH_FRACTION exclude each other');
  }
  if (minTimeSeriesLength !== undefined && fraction === undefined) {
    refuse('MIN_TIME_SERIES_LENGTH goes only with TIME_SERIES_LENGTH_FRACTION');
  }
}

function checkLimits(
  { forecastLimitLowerBound, forecastLimitUpperBound }: CompleteOptions,
  given: ArimaPlusOptions,
): void {
  const [lower, upper] = [forecastLimitLowerBound, forecastLimitUpperBound];
  if (given.forecastLimitMethod !== undefined && lower === undefined && upper === undefined) {
    refuse('FORECAST_LIMIT_METHOD goes only with FORECAST_LIMIT_LOWER_BOUND or FORECAST_LIMIT_UPPER_BOUND');
  }
  if (lower === undefined || upper === undefined || lower < upper) return;
  refuse(`FORECAST_LIMIT_LOWER_BOUND must be below FORECAST_LIMIT_UPPER_BOUND (${upper}), not ${lower}`);
}
