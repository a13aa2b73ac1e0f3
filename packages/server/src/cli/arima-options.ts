import {
  ARIMA_PLUS_OPTIONS,
  type ArimaPlusOption,
  type ArimaPlusRequest,
  readArimaPlusOptions,
} from '@seismo/engine';
import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { InvalidValue, truth } from './setting-values.js';

/** One option of ARIMA_PLUS on the command line; docs/arima-plus.md lists them, a test compares the two. */
export interface ArimaFlag {
  readonly flag: string;
  /** As in BigQuery's CREATE MODEL; absent where BigQuery has no such option. */
  readonly bigQuery?: string;
  readonly placeholder: string;
  readonly range: string;
  readonly defaultText: string;
  readonly description: string;
}

export const HORIZON_MAX = 10_000;

/** Where the flag is not BigQuery's name in lower case. */
const FLAGS: Readonly<Record<string, string>> = {
  TIME_SERIES_TIMESTAMP_COL: '--timestamp-column',
  TIME_SERIES_DATA_COL: '--data-column',
  TIME_SERIES_ID_COL: '--id-column',
  HIERARCHICAL_TIME_SERIES_COLS: '--hierarchical-columns',
  DATA_FREQUENCY: '--frequency',
  CUSTOM_HOLIDAY: '--custom-holidays',
};
const KNOWN_NAMES = new Set([...ARIMA_PLUS_OPTIONS.map(({ name }) => name), 'CUSTOM_HOLIDAY']);
/** The columns belong to the file; the horizon is for some commands that of the model, for others of the answer. */
const READ_APART = ['TIME_SERIES_TIMESTAMP_COL', 'TIME_SERIES_DATA_COL', 'TIME_SERIES_ID_COL', 'HORIZON'];
const READ_HERE = ARIMA_PLUS_OPTIONS.filter(({ name }) => !READ_APART.includes(name));
const PLACEHOLDERS: Readonly<Record<ArimaPlusOption['type'], string>> = {
  BOOL: 'boolean',
  INT64: 'number',
  FLOAT64: 'number',
  STRING: 'name',
  'ARRAY<STRING>': 'names',
  'STRING or ARRAY<STRING>': 'names',
  '(INT64, INT64, INT64)': 'p,d,q',
};

/** In BigQuery a query beside that of the training data. */
const CUSTOM_HOLIDAYS: ArimaFlag = {
  flag: '--custom-holidays',
  bigQuery: 'custom_holiday',
  placeholder: 'file',
  range: 'a CSV file with region, holiday_name, primary_date, preholiday_days, postholiday_days',
  defaultText: 'none',
  description: 'holidays of your own, for daily data of more than a year',
};

export const ARIMA_FLAGS: readonly ArimaFlag[] = READ_HERE.flatMap((option) => {
  const own: ArimaFlag = {
    flag: flagOf(option.name),
    ...(option.isBigQuerys ? { bigQuery: option.name } : {}),
    placeholder: PLACEHOLDERS[option.type],
    range: withFlags(option.range),
    defaultText: option.defaultText,
    description: withFlags(option.description),
  };
  return option.name === 'HOLIDAY_REGION' ? [own, CUSTOM_HOLIDAYS] : [own];
});

/** Flags as commander has them; values stay texts until `readArimaOptions`. */
export function addArimaOptions(command: Command): void {
  for (const { flag, placeholder, description, range, defaultText } of ARIMA_FLAGS) {
    const note = `(${range}; ${defaultText})`;
    command.addOption(new Option(`${flag} <${placeholder}>`, `${description} ${note}`).helpGroup('Model:'));
  }
}

/** What was asked for; defaults are not filled in. */
export interface GivenOptions extends ArimaPlusRequest {
  /** The file of custom holidays. */
  readonly customHolidays: string | undefined;
}

/** @throws AppError `usage` that names the flag and its range */
export function readArimaOptions(command: Command): GivenOptions {
  const given: Record<string, unknown> = {};
  const textOf = (flag: string) => command.getOptionValue(attributeOf(flag)) as string | undefined;
  for (const option of READ_HERE) {
    const flag = flagOf(option.name);
    const text = textOf(flag);
    if (text !== undefined) given[option.name] = readValue(flag, text, (one) => readText(option, one));
  }
  const ids = command.getOptionValue('idColumn') as readonly string[] | undefined;
  if (ids !== undefined && ids.length > 0) given.TIME_SERIES_ID_COL = ids;
  const customHolidays = textOf(CUSTOM_HOLIDAYS.flag);
  try {
    return { ...readArimaPlusOptions(given), customHolidays };
  } catch (error) {
    throw inFlags(error);
  }
}

/** For the orders of models, which sums do not have. */
export function refuseHierarchy({ hierarchicalColumns }: GivenOptions): void {
  if (hierarchicalColumns.length === 0) return;
  const field = flagOf('HIERARCHICAL_TIME_SERIES_COLS');
  const message = `${field} goes with --holdout here: only the series themselves have orders and coefficients.`;
  throw new AppError('usage', message, { field });
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

export function readNumber(text: string): number {
  const value = numberIn(text);
  if (typeof value === 'number') return value;
  throw new InvalidValue('must be a number');
}

/** The engine names options as BigQuery does; here they are flags. Other errors come back as they are. */
export function inFlags(error: unknown): unknown {
  if (!(error instanceof RangeError || error instanceof AppError)) return error;
  let field: string | undefined;
  const message = withFlags(error.message, (flag) => {
    field ??= flag;
  });
  if (field === undefined) return error;
  const hint = error instanceof AppError && error.hint !== undefined ? { hint: withFlags(error.hint) } : {};
  return new AppError('usage', `${message.replace(/\.$/, '')}.`, { field, cause: error, ...hint });
}

function withFlags(text: string, onFlag: (flag: string) => void = () => {}): string {
  const names = /\b(horizon|confidence_level|anomaly_prob_threshold|[A-Z]+(?:_[A-Z]+)*)\b( = )?/g;
  return text.replace(names, (all, name: string, equals: string | undefined) => {
    if (/^[A-Z]/.test(name) && !KNOWN_NAMES.has(name)) return all;
    onFlag(flagOf(name));
    return `${flagOf(name)}${equals === undefined ? '' : ' '}`;
  });
}

function flagOf(name: string): string {
  return FLAGS[name] ?? `--${name.toLowerCase().replaceAll('_', '-')}`;
}

function attributeOf(flag: string): string {
  return new Option(`${flag} <x>`).attributeName();
}

function readText(option: ArimaPlusOption, text: string): unknown {
  const typed = typedValue(option.type, text);
  if (option.read(typed) === undefined) throw new InvalidValue(`must be ${withFlags(option.range)}`);
  return typed;
}

/** The text as SQL would have it; as it is where it is no value of that type, for the option to refuse. */
function typedValue(type: ArimaPlusOption['type'], text: string): unknown {
  switch (type) {
    case 'BOOL':
      return truth(text);
    case 'INT64':
    case 'FLOAT64':
      return numberIn(text);
    case 'STRING':
      return text;
    case 'ARRAY<STRING>':
    case 'STRING or ARRAY<STRING>':
      return text.split(',').map((one) => one.trim());
    case '(INT64, INT64, INT64)':
      return text
        .replace(/^\((.*)\)$/, '$1')
        .split(',')
        .map((one) => numberIn(one.trim()));
  }
}

function numberIn(text: string): number | string {
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
  return isNumber ? Number(text) : text;
}
