import { ARIMA_PLUS_OPTIONS, type ArimaPlusRequest, readArimaPlusOptions } from '@seismo/engine';
import { closest, distance } from 'fastest-levenshtein';
import { SqlError } from '../sql/plan.js';

/** What CREATE MODEL was asked for: what concerns the table, and what goes to each series. */
export interface ModelRequest extends ArimaPlusRequest {
  readonly timestampColumn: string;
  readonly dataColumn: string;
}

const NAMES = ARIMA_PLUS_OPTIONS.map(({ name }) => name);
/** Changes of letters up to which a name is taken for another, misspelled. */
const MISSPELLED_MAX = 4;
const MODEL_TYPES = ['ARIMA_PLUS', 'ARIMA'];

/**
 * @param given names in upper case
 * @throws SqlError on an option that is unknown, missing, of another type, out of its range or at odds with another
 */
export function readModelOptions(given: Readonly<Record<string, unknown>>): ModelRequest {
  const { MODEL_TYPE: type, ...others } = given;
  if (type === undefined) throw missing('MODEL_TYPE');
  if (typeof type !== 'string' || !MODEL_TYPES.includes(type.toUpperCase())) {
    throw invalid(`MODEL_TYPE = '${String(type)}' is not supported here: ARIMA_PLUS is.`);
  }
  for (const name of Object.keys(others)) if (!NAMES.includes(name.toUpperCase())) throw unknown(name);
  const { timestampColumn, dataColumn, ...request } = read(others);
  if (timestampColumn === undefined) throw missing('TIME_SERIES_TIMESTAMP_COL');
  if (dataColumn === undefined) throw missing('TIME_SERIES_DATA_COL');
  return { ...request, timestampColumn, dataColumn };
}

function read(given: Readonly<Record<string, unknown>>): ArimaPlusRequest {
  try {
    return readArimaPlusOptions(inOneSpelling(given));
  } catch (error) {
    if (error instanceof RangeError) throw invalid(`${error.message}.`);
    throw error;
  }
}

/** Columns are told apart without case: those of the hierarchy are spelled as the id columns. */
function inOneSpelling(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { TIME_SERIES_ID_COL: ids, HIERARCHICAL_TIME_SERIES_COLS: columns } = given;
  if (!Array.isArray(columns)) return given;
  const names: unknown[] = [ids].flat();
  const bare = (name: unknown) => String(name).toLowerCase();
  const spelled = columns.map((column) => names.find((name) => bare(name) === bare(column)) ?? column);
  return { ...given, HIERARCHICAL_TIME_SERIES_COLS: spelled };
}

function unknown(name: string): SqlError {
  const near = closest(name.toUpperCase(), NAMES);
  const isNear = distance(name.toUpperCase(), near) <= MISSPELLED_MAX;
  const hint = isNear ? `Did you mean ${near}?` : `There are ${NAMES.join(', ')}.`;
  return invalid(`Unknown option ${name} for a model of type ARIMA_PLUS. ${hint}`);
}

function missing(name: string): SqlError {
  return invalid(`Option ${name} is required.`);
}

function invalid(message: string): SqlError {
  return new SqlError('invalidQuery', message);
}
