import { FREQUENCIES } from '../series/frequency.js';
import { SEASONALITIES } from '../series/seasonal-periods.js';
import { type ArimaPlusOptions, FORECAST_LIMIT_METHODS, FORECAST_METHODS } from './options.js';

/** How a value is written in SQL, in BigQuery's words. */
export type OptionType =
  | 'BOOL'
  | 'INT64'
  | 'FLOAT64'
  | 'STRING'
  | 'ARRAY<STRING>'
  | 'STRING or ARRAY<STRING>'
  | '(INT64, INT64, INT64)';

/** One option of CREATE MODEL for ARIMA_PLUS. Names in its words are BigQuery's. */
export interface ArimaPlusOption {
  /** As in OPTIONS(…). */
  readonly name: string;
  /** False where BigQuery has no such option. */
  readonly isBigQuerys: boolean;
  /** Of {@link ArimaPlusOptions}; undefined where the value is no matter of a single series. */
  readonly key?: keyof ArimaPlusOptions;
  readonly type: OptionType;
  /** What is right; completes "NAME is …". */
  readonly range: string;
  /** What stands where none is given; undefined where that is no value but a behaviour. */
  readonly default?: unknown;
  readonly defaultText: string;
  readonly description: string;
  /** The value as the engine takes it: numbers and lists as such, names in capitals. Undefined if it is not right. */
  readonly read: (value: unknown) => { readonly value: unknown } | undefined;
}

/** All of BigQuery's but MODEL_TYPE and KMS_KEY_NAME, and some of our own, in the order in which documents list them. */
export const ARIMA_PLUS_OPTIONS: readonly ArimaPlusOption[] = [
  {
    ...bigQuerys('TIME_SERIES_TIMESTAMP_COL', 'column of the times'),
    ...{ type: 'STRING', range: 'the name of a column', defaultText: 'none', read: columnName },
  },
  {
    ...bigQuerys('TIME_SERIES_DATA_COL', 'column of values'),
    ...{ type: 'STRING', range: 'the name of a column', defaultText: 'none', read: columnName },
  },
  {
    ...bigQuerys('TIME_SERIES_ID_COL', 'columns that tell series apart'),
    ...{ type: 'STRING or ARRAY<STRING>', range: 'the name of a column, or several' },
    ...{ defaultText: 'none', read: columnNames },
  },
  {
    ...bigQuerys(
      'HIERARCHICAL_TIME_SERIES_COLS',
      'id columns to sum forecasts over, the parent first: each from the last on is summed up for those before it',
    ),
    ...{ type: 'ARRAY<STRING>', range: 'some of the columns of TIME_SERIES_ID_COL', defaultText: 'none' },
    read: columnNames,
  },
  {
    ...bigQuerys('HORIZON', 'how far ahead may be asked for', 'horizon'),
    ...whole(1, 10_000),
    ...byDefault(1000),
  },
  {
    ...bigQuerys('DATA_FREQUENCY', 'how often there are values', 'frequency'),
    ...oneOf(['AUTO_FREQUENCY', ...FREQUENCIES]),
    defaultText: 'AUTO_FREQUENCY',
    read: (value) => {
      const name = capitals(value);
      if (name === 'AUTO' || name === 'AUTO_FREQUENCY') return { value: undefined };
      return FREQUENCIES.some((one) => one === name) ? { value: name } : undefined;
    },
  },
  {
    ...bigQuerys(
      'SEASONALITIES',
      'seasons to look for; those finer than the data are left out',
      'seasonalities',
    ),
    type: 'ARRAY<STRING>',
    range: `AUTO or NO_SEASONALITY alone, or some of ${SEASONALITIES.join(', ')}`,
    ...byDefault(['AUTO']),
    read: seasonalities,
  },
  {
    ...bigQuerys('HOLIDAY_REGION', 'whose holidays to learn, for daily and weekly data of more than a year'),
    type: 'STRING or ARRAY<STRING>',
    range: 'GLOBAL, NA, JAPAC, EMEA, LAC, countries of ISO 3166 or their parts, such as US or DE-BY',
    defaultText: 'none',
    read: regions,
  },
  {
    ...ours('HOLIDAY_DAYS_BEFORE', 'days before a holiday of HOLIDAY_REGION that it changes too'),
    ...whole(0, 30),
    ...byDefault(1),
  },
  {
    ...ours('HOLIDAY_DAYS_AFTER', 'days after a holiday of HOLIDAY_REGION that it changes too'),
    ...whole(0, 30),
    ...byDefault(1),
  },
  {
    ...bigQuerys('CLEAN_SPIKES_AND_DIPS', 'take spikes and dips out before learning', 'cleanSpikesAndDips'),
    ...truth(true),
  },
  {
    ...bigQuerys('ADJUST_STEP_CHANGES', 'find lasting steps and take them out', 'adjustStepChanges'),
    ...truth(true),
  },
  {
    ...bigQuerys(
      'DECOMPOSE_TIME_SERIES',
      'keep the parts, which explaining and judging the history need; without, 1,000,000 points are allowed',
      'decomposeTimeSeries',
    ),
    ...truth(true),
  },
  {
    ...bigQuerys('AUTO_ARIMA', 'find the order; must be true with TIME_SERIES_ID_COL', 'autoArima'),
    ...truth(true),
  },
  {
    ...bigQuerys('AUTO_ARIMA_MAX_ORDER', 'largest p + q that is tried', 'autoArimaMaxOrder'),
    ...whole(1, 5),
    ...byDefault(2),
  },
  {
    ...bigQuerys(
      'AUTO_ARIMA_MIN_ORDER',
      'smallest p + q that is tried; below AUTO_ARIMA_MAX_ORDER',
      'autoArimaMinOrder',
    ),
    ...whole(0, 4),
    ...byDefault(0),
  },
  {
    ...bigQuerys(
      'NON_SEASONAL_ORDER',
      'order of the ARIMA; asked for where AUTO_ARIMA is false, and only there',
      'nonSeasonalOrder',
    ),
    type: '(INT64, INT64, INT64)',
    range: '(p, d, q) with p and q from 0 to 5 and d from 0 to 2',
    defaultText: 'found',
    read: order,
  },
  {
    ...bigQuerys('INCLUDE_DRIFT', 'a drift; only where AUTO_ARIMA is false and d is 1', 'includeDrift'),
    ...truth(false),
  },
  {
    ...bigQuerys(
      'TIME_SERIES_LENGTH_FRACTION',
      'newest part of the series that the trend is fitted to',
      'timeSeriesLengthFraction',
    ),
    type: 'FLOAT64',
    range: 'a number above 0 and below 1',
    defaultText: 'all',
    read: (value) => finite(value, (one) => one > 0 && one < 1),
  },
  {
    ...bigQuerys(
      'MIN_TIME_SERIES_LENGTH',
      'least values that the fraction leaves; only with TIME_SERIES_LENGTH_FRACTION',
      'minTimeSeriesLength',
    ),
    ...whole(4),
    ...byDefault(20),
  },
  {
    ...bigQuerys(
      'MAX_TIME_SERIES_LENGTH',
      'newest values that the trend is fitted to; not with TIME_SERIES_LENGTH_FRACTION',
      'maxTimeSeriesLength',
    ),
    ...whole(4),
    defaultText: 'all',
  },
  {
    ...bigQuerys(
      'TREND_SMOOTHING_WINDOW_SIZE',
      'values whose mean smooths the trend shown when explaining',
      'trendSmoothingWindowSize',
    ),
    ...whole(1),
    defaultText: 'none',
  },
  {
    ...ours(
      'FORECAST_METHOD',
      'combined weighs several methods by how well each did of late: more accurate, several times the work',
      'forecastMethod',
    ),
    ...method(FORECAST_METHODS),
  },
  {
    ...bigQuerys(
      'FORECAST_LIMIT_LOWER_BOUND',
      'no forecast or bound is below; values that are, or equal it, are left out',
      'forecastLimitLowerBound',
    ),
    ...limit('below FORECAST_LIMIT_UPPER_BOUND'),
  },
  {
    ...bigQuerys(
      'FORECAST_LIMIT_UPPER_BOUND',
      'no forecast or bound is above; values that are, or equal it, are left out',
      'forecastLimitUpperBound',
    ),
    ...limit('above FORECAST_LIMIT_LOWER_BOUND'),
  },
  {
    ...ours(
      'FORECAST_LIMIT_METHOD',
      'how limits are kept: transform models the logarithm or logit, as BigQuery does; clip the values as they are, and cuts off',
      'forecastLimitMethod',
    ),
    ...method(FORECAST_LIMIT_METHODS),
  },
];

type Origin = Pick<ArimaPlusOption, 'name' | 'isBigQuerys' | 'key' | 'description'>;
type Value = Pick<ArimaPlusOption, 'type' | 'range' | 'read'>;

function bigQuerys(name: string, description: string, key?: keyof ArimaPlusOptions): Origin {
  return { name, isBigQuerys: true, description, ...(key && { key }) };
}

function ours(name: string, description: string, key?: keyof ArimaPlusOptions): Origin {
  return { ...bigQuerys(name, description, key), isBigQuerys: false };
}

function byDefault(value: unknown): Pick<ArimaPlusOption, 'default' | 'defaultText'> {
  return { default: value, defaultText: String(value) };
}

function truth(ifNone: boolean): Value & Pick<ArimaPlusOption, 'default' | 'defaultText'> {
  return {
    type: 'BOOL',
    range: 'true or false',
    ...byDefault(ifNone),
    read: (value) => (typeof value === 'boolean' ? { value } : undefined),
  };
}

function whole(least: number, most = Number.POSITIVE_INFINITY): Value {
  return {
    type: 'INT64',
    range: `a whole number from ${least}${most === Number.POSITIVE_INFINITY ? '' : ` to ${most}`}`,
    read: (value) => {
      const number = typeof value === 'bigint' ? Number(value) : value;
      return Number.isSafeInteger(number) ? finite(number, (one) => one >= least && one <= most) : undefined;
    },
  };
}

function limit(order: string): Value & Pick<ArimaPlusOption, 'defaultText'> {
  return {
    type: 'FLOAT64',
    range: `a finite number, ${order}`,
    defaultText: 'none',
    read: (value) => finite(value, () => true),
  };
}

/** The first is the default. */
function method(names: readonly string[]): Value & Pick<ArimaPlusOption, 'default' | 'defaultText'> {
  return {
    type: 'STRING',
    range: names.join(' or '),
    ...byDefault(names[0]),
    read: (value) => {
      const found = names.find((one) => typeof value === 'string' && one === value.toLowerCase());
      return found === undefined ? undefined : { value: found };
    },
  };
}

function oneOf(names: readonly string[]): Pick<Value, 'type' | 'range'> {
  return { type: 'STRING', range: `one of ${names.join(', ')}` };
}

function finite(value: unknown, isWithin: (number: number) => boolean): { value: number } | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && isWithin(number)
    ? { value: number }
    : undefined;
}

/** BigQuery's names in any spelling: `per-minute` is as good as PER_MINUTE. */
function capitals(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim().toUpperCase().replaceAll('-', '_') : undefined;
}

function columnName(value: unknown): { value: string } | undefined {
  return typeof value === 'string' && value !== '' ? { value } : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isRight = list.length > 0 && list.every((one) => typeof one === 'string' && one.trim() !== '');
  return isRight ? (list as readonly string[]) : undefined;
}

function columnNames(value: unknown): { value: readonly string[] } | undefined {
  const names = texts(value);
  return names && new Set(names).size === names.length ? { value: names } : undefined;
}

function regions(value: unknown): { value: readonly string[] } | undefined {
  const codes = texts(value)?.map((one) => one.trim());
  return codes && { value: codes };
}

function seasonalities(value: unknown): { value: readonly string[] } | undefined {
  const names = texts(value)?.map((one) => capitals(one)!);
  if (names === undefined) return undefined;
  const isAlone = names.length === 1 && (names[0] === 'AUTO' || names[0] === 'NO_SEASONALITY');
  const known: readonly string[] = SEASONALITIES;
  return isAlone || names.every((name) => known.includes(name)) ? { value: names } : undefined;
}

function order(value: unknown): { value: { p: number; d: number; q: number } } | undefined {
  const parts: unknown = Array.isArray(value) ? { p: value[0], d: value[1], q: value[2] } : value;
  if (typeof parts !== 'object' || parts === null) return undefined;
  if (Array.isArray(value) ? value.length !== 3 : Object.keys(parts).length !== 3) return undefined;
  const { p, d, q } = parts as Record<string, unknown>;
  const [fromFive, fromTwo] = [whole(0, 5).read, whole(0, 2).read];
  const found = [fromFive(p), fromTwo(d), fromFive(q)];
  if (found.some((one) => one === undefined)) return undefined;
  const [rightP, rightD, rightQ] = found.map((one) => one!.value as number);
  return { value: { p: rightP!, d: rightD!, q: rightQ! } };
}
