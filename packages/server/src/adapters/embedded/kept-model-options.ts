import { ARIMA_PLUS_OPTIONS } from '@seismo/engine';
import { closest, distance } from 'fastest-levenshtein';
import { AppError } from '../../errors.js';
import type { ModelOptions } from '../../ports/model-store.js';

/** A model is trained again an hour before its forecast ends, and at most every ten minutes: this leaves time for both. */
const HORIZON_MIN = 120;

/** The engine's names by what they are called, with or without capitals and underscores. */
const KEYS = new Map<string, string>(
  ARIMA_PLUS_OPTIONS.flatMap(({ name, key }) =>
    key === undefined
      ? []
      : [
          [plain(name), key],
          [plain(key), key],
        ],
  ),
);
const HOLIDAYS = new Set(['holidays', 'customholidays', 'customholiday', 'holidayregion']);
/** Those that a model of minutes may have. */
const NAMES = [...new Set(KEYS.values())].filter(
  (key) => key !== 'frequency' && key !== 'decomposeTimeSeries',
);

/**
 * Options by the engine's names. BigQuery's are understood however they are written: dataFrequency, DATA_FREQUENCY.
 * @throws AppError `bad_request` for one that is unknown, that a model of minutes cannot keep, or that would change
 *   nothing; names it and what would be right
 */
export function keptModelOptions(given: ModelOptions): ModelOptions {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const key = keyOf(name);
    if (key in options) throw refused(`The option ${key} stands there twice.`, 'Give each option once.');
    options[key] = value;
  }
  const { horizon, frequency, decomposeTimeSeries } = options;
  if (typeof horizon === 'number' && Number.isInteger(horizon) && horizon >= 1 && horizon < HORIZON_MIN) {
    throw refused(
      `HORIZON must be ${HORIZON_MIN} to 10000 minutes here, not ${horizon}: a model is trained again an hour before its forecast ends.`,
    );
  }
  if (frequency !== undefined && frequency !== 'PER_MINUTE') {
    throw refused(
      `DATA_FREQUENCY is PER_MINUTE here, not ${String(frequency)}: these models are of minutes.`,
    );
  }
  if (decomposeTimeSeries === false) {
    throw refused('DECOMPOSE_TIME_SERIES must be true here: anomalies are explained by the parts.');
  }
  return options;
}

function keyOf(name: string): string {
  const wanted = plain(name);
  if (HOLIDAYS.has(wanted)) {
    throw refused(
      'Holidays have no effect on minutes: BigQuery and Seismo learn them of daily and weekly data.',
    );
  }
  const key = KEYS.get(wanted);
  if (key !== undefined) return key;
  const near = closest(name, NAMES);
  const hint =
    distance(near, name) <= Math.floor(near.length / 3)
      ? `Did you mean ${near}?`
      : `There are: ${NAMES.join(', ')}.`;
  throw refused(`There is no option ${name.slice(0, 100)}.`, hint);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}

function refused(message: string, hint?: string): AppError {
  return new AppError('bad_request', message, { field: 'options', ...(hint === undefined ? {} : { hint }) });
}
