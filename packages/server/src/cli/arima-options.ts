import { FORECAST_METHODS, FREQUENCIES, SEASONALITIES } from '@seismo/engine';
import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { InvalidValue, oneOf, truth, wholeNumber } from './setting-values.js';

/** One option of ARIMA_PLUS on the command line; docs/arima-plus.md lists them, a test compares the two. */
export interface ArimaOption {
  readonly flag: string;
  /** As in BigQuery's CREATE MODEL; absent where BigQuery has no such option. */
  readonly bigQuery?: string;
  /** What the engine calls it; absent where the value does not go to the engine as it is. */
  readonly key?: string;
  readonly placeholder: string;
  readonly range: string;
  readonly defaultText: string;
  readonly description: string;
  readonly read: (text: string) => unknown;
}

export const HORIZON_MAX = 10_000;

/** All but HORIZON, which the commands read apart: for some it is that of the model, for others of the answer. */
export const ARIMA_OPTIONS: readonly ArimaOption[] = [
  {
    flag: '--frequency',
    bigQuery: 'DATA_FREQUENCY',
    key: 'frequency',
    placeholder: 'name',
    range: `auto, ${FREQUENCIES.map((one) => one.toLowerCase()).join(', ')}`,
    defaultText: 'auto',
    description: 'how often there are values',
    read: readFrequency,
  },
  {
    flag: '--seasonalities',
    bigQuery: 'SEASONALITIES',
    key: 'seasonalities',
    placeholder: 'names',
    range: `auto, no_seasonality, or some of ${SEASONALITIES.map((one) => one.toLowerCase()).join(', ')}`,
    defaultText: 'auto',
    description: 'seasons to look for, separated by commas',
    read: readSeasonalities,
  },
  {
    flag: '--holiday-region',
    bigQuery: 'HOLIDAY_REGION',
    placeholder: 'codes',
    range: 'countries of ISO 3166 and their parts, such as US or DE-BY',
    defaultText: 'none',
    description: 'whose holidays to learn, separated by commas; daily and weekly data over a year',
    read: readRegions,
  },
  {
    flag: '--holiday-days-before',
    placeholder: 'days',
    range: '0 to 30',
    defaultText: '1',
    description: 'days before a holiday that it changes too',
    read: wholeNumber(0, 30),
  },
  {
    flag: '--holiday-days-after',
    placeholder: 'days',
    range: '0 to 30',
    defaultText: '1',
    description: 'days after a holiday that it changes too',
    read: wholeNumber(0, 30),
  },
  truthOption(
    '--clean-spikes-and-dips',
    'cleanSpikesAndDips',
    'true',
    'take spikes and dips out before learning',
  ),
  truthOption('--adjust-step-changes', 'adjustStepChanges', 'true', 'find lasting steps and take them out'),
  truthOption(
    '--decompose-time-series',
    'decomposeTimeSeries',
    'true',
    'keep the parts; detect and explain need them',
  ),
  truthOption('--auto-arima', 'autoArima', 'true', 'find the order; false takes --non-seasonal-order'),
  {
    flag: '--auto-arima-max-order',
    bigQuery: 'AUTO_ARIMA_MAX_ORDER',
    key: 'autoArimaMaxOrder',
    placeholder: 'number',
    range: '1 to 5',
    defaultText: '2',
    description: 'largest p + q that is tried',
    read: wholeNumber(1, 5),
  },
  {
    flag: '--auto-arima-min-order',
    bigQuery: 'AUTO_ARIMA_MIN_ORDER',
    key: 'autoArimaMinOrder',
    placeholder: 'number',
    range: '0 to --auto-arima-max-order',
    defaultText: '0',
    description: 'smallest p + q that is tried',
    read: wholeNumber(0, 5),
  },
  {
    flag: '--non-seasonal-order',
    bigQuery: 'NON_SEASONAL_ORDER',
    key: 'nonSeasonalOrder',
    placeholder: 'p,d,q',
    range: 'p and q 0 to 5, d 0 to 2',
    defaultText: 'found',
    description: 'order of the ARIMA, with --auto-arima false',
    read: readOrder,
  },
  truthOption('--include-drift', 'includeDrift', 'false', 'a drift where d is 1, with --auto-arima false'),
  {
    flag: '--time-series-length-fraction',
    bigQuery: 'TIME_SERIES_LENGTH_FRACTION',
    key: 'timeSeriesLengthFraction',
    placeholder: 'share',
    range: 'above 0, below 1',
    defaultText: 'all',
    description: 'newest part of the series that the trend is fitted to',
    read: readFraction,
  },
  {
    flag: '--min-time-series-length',
    bigQuery: 'MIN_TIME_SERIES_LENGTH',
    key: 'minTimeSeriesLength',
    placeholder: 'values',
    range: 'from 4; with --time-series-length-fraction',
    defaultText: '20',
    description: 'least values that the fraction leaves',
    read: wholeNumber(4, 500_000),
  },
  {
    flag: '--max-time-series-length',
    bigQuery: 'MAX_TIME_SERIES_LENGTH',
    key: 'maxTimeSeriesLength',
    placeholder: 'values',
    range: 'from 4; not with --time-series-length-fraction',
    defaultText: 'all',
    description: 'newest values that the trend is fitted to',
    read: wholeNumber(4, 500_000),
  },
  {
    flag: '--trend-smoothing-window-size',
    bigQuery: 'TREND_SMOOTHING_WINDOW_SIZE',
    key: 'trendSmoothingWindowSize',
    placeholder: 'values',
    range: 'from 1',
    defaultText: 'none',
    description: 'width of the mean that smooths the trend shown by explain',
    read: wholeNumber(1, 500_000),
  },
  {
    flag: '--forecast-method',
    key: 'forecastMethod',
    placeholder: 'name',
    range: FORECAST_METHODS.join(' or '),
    defaultText: 'arima',
    description:
      'combined weighs several methods by how well each did of late: more accurate, several times the work',
    read: oneOf(...FORECAST_METHODS),
  },
  boundOption('--forecast-limit-lower-bound', 'forecastLimitLowerBound', 'no forecast or bound is below'),
  boundOption('--forecast-limit-upper-bound', 'forecastLimitUpperBound', 'no forecast or bound is above'),
];

/** Flags as commander has them; values stay texts until `readArimaOptions`. */
export function addArimaOptions(command: Command): void {
  for (const { flag, placeholder, description, range, defaultText } of ARIMA_OPTIONS) {
    const note = `(${range}; ${defaultText})`;
    command.addOption(new Option(`${flag} <${placeholder}>`, `${description} ${note}`).helpGroup('Model:'));
  }
}

/** What was asked for: values by flag, only those that were given. */
export type GivenOptions = ReadonlyMap<string, unknown>;

/** @throws AppError `usage` that names the flag and its range */
export function readArimaOptions(command: Command): GivenOptions {
  const given = new Map<string, unknown>();
  for (const { flag, read } of ARIMA_OPTIONS) {
    const text = command.getOptionValue(attributeOf(flag)) as string | undefined;
    if (text !== undefined) given.set(flag, readValue(flag, text, read));
  }
  refuseOrderForMany(command, given);
  refuseContradictions(given);
  return given;
}

export function readValue<T>(flag: string, text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new AppError('usage', `${flag} ${error.message}, not "${text}".`, {
      field: flag,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function attributeOf(flag: string): string {
  return new Option(`${flag} <x>`).attributeName();
}

function refuseOrderForMany(command: Command, given: GivenOptions): void {
  const ids = command.getOptionValue('idColumn') as readonly string[] | undefined;
  if (given.get('--auto-arima') !== false || ids === undefined || ids.length === 0) return;
  const message = '--auto-arima must be true with --id-column: one order does not suit many series.';
  throw new AppError('usage', message, { field: '--auto-arima' });
}

function refuseContradictions(given: GivenOptions): void {
  const wrong = (field: string, message: string) => new AppError('usage', `${message}.`, { field });
  const onlyWith = (flag: string, other: string) => {
    if (given.has(flag) && !given.has(other)) throw wrong(flag, `${flag} goes with ${other}`);
  };
  const isAuto = given.get('--auto-arima') !== false;
  for (const flag of ['--non-seasonal-order', '--include-drift']) {
    if (isAuto && given.has(flag)) throw wrong(flag, `${flag} goes with --auto-arima false`);
  }
  for (const flag of ['--auto-arima-min-order', '--auto-arima-max-order']) {
    if (!isAuto && given.has(flag)) throw wrong(flag, `${flag} does not go with --auto-arima false`);
  }
  if (!isAuto && !given.has('--non-seasonal-order')) {
    throw wrong('--non-seasonal-order', '--auto-arima false needs --non-seasonal-order p,d,q');
  }
  const most = (given.get('--auto-arima-max-order') ?? 2) as number;
  if (((given.get('--auto-arima-min-order') ?? 0) as number) > most) {
    throw wrong(
      '--auto-arima-min-order',
      `--auto-arima-min-order must be at most --auto-arima-max-order, ${most}`,
    );
  }
  onlyWith('--min-time-series-length', '--time-series-length-fraction');
  if (given.has('--max-time-series-length') && given.has('--time-series-length-fraction')) {
    throw wrong(
      '--max-time-series-length',
      '--max-time-series-length does not go with --time-series-length-fraction',
    );
  }
  for (const flag of ['--holiday-days-before', '--holiday-days-after']) onlyWith(flag, '--holiday-region');
  const [lower, upper] = ['--forecast-limit-lower-bound', '--forecast-limit-upper-bound'].map((flag) =>
    given.get(flag),
  );
  if (lower !== undefined && upper !== undefined && !((lower as number) < (upper as number))) {
    throw wrong(
      '--forecast-limit-lower-bound',
      `--forecast-limit-lower-bound ${lower} must be below ${upper}, the upper`,
    );
  }
}

function truthOption(flag: string, key: string, defaultText: string, description: string): ArimaOption {
  const bigQuery = flag.slice(2).replaceAll('-', '_').toUpperCase();
  return {
    flag,
    bigQuery,
    key,
    placeholder: 'boolean',
    range: 'true or false',
    defaultText,
    description,
    read: truth,
  };
}

function boundOption(flag: string, key: string, description: string): ArimaOption {
  const bigQuery = flag.slice(2).replaceAll('-', '_').toUpperCase();
  const range = 'a number; the lower below the upper';
  return {
    flag,
    bigQuery,
    key,
    placeholder: 'value',
    range,
    defaultText: 'none',
    description,
    read: readNumber,
  };
}

/** `per-minute` is as good as PER_MINUTE. */
const inBigQuerysWords = (text: string) => text.trim().toUpperCase().replaceAll('-', '_');

function readFrequency(text: string): unknown {
  const name = inBigQuerysWords(text);
  if (name === 'AUTO' || name === 'AUTO_FREQUENCY') return undefined;
  const found = FREQUENCIES.find((one) => one === name);
  if (found !== undefined) return found;
  throw new InvalidValue(`must be auto, ${listed(FREQUENCIES)}`);
}

function readSeasonalities(text: string): unknown {
  const names = text.split(',').map(inBigQuerysWords);
  const known = ['AUTO', 'NO_SEASONALITY', ...SEASONALITIES];
  if (!names.every((name) => known.includes(name)))
    throw new InvalidValue(`must be some of ${listed(known)}`);
  if (names.length > 1 && names.some((name) => name === 'AUTO' || name === 'NO_SEASONALITY')) {
    throw new InvalidValue('must be auto or no_seasonality alone, or names of seasons');
  }
  return names;
}

function readRegions(text: string): readonly string[] {
  const codes = text.split(',').map((one) => one.trim());
  if (codes.every((code) => /^[A-Za-z]+(-[A-Za-z0-9]+)?$/.test(code))) return codes;
  throw new InvalidValue('must be codes of ISO 3166 such as US or DE-BY, separated by commas');
}

function readOrder(text: string): { p: number; d: number; q: number } {
  const match = /^\(?([0-5]),([0-2]),([0-5])\)?$/.exec(text.replaceAll(' ', ''));
  if (match !== null) return { p: Number(match[1]), d: Number(match[2]), q: Number(match[3]) };
  throw new InvalidValue('must be p,d,q with p and q from 0 to 5 and d from 0 to 2, such as 1,1,1');
}

function readFraction(text: string): number {
  const share = readNumber(text);
  if (share > 0 && share < 1) return share;
  throw new InvalidValue('must be a number above 0 and below 1');
}

export function readNumber(text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new InvalidValue('must be a number');
}

function listed(names: readonly string[]): string {
  const words = names.map((name) => name.toLowerCase());
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
