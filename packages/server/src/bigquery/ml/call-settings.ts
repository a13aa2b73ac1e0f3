import { closest } from 'fastest-levenshtein';
import { type MlFunction, SqlError } from '../sql/plan.js';

/** Arguments of all functions, with what is right where nothing is said. */
export interface CallSettings {
  readonly anomalyProbThreshold: number;
  /** Undefined: 3 for forecasts, all of the model's for an evaluation. */
  readonly horizon: number | undefined;
  readonly confidenceLevel: number;
  readonly performAggregation: boolean;
  /** Undefined: true for a model without id columns. */
  readonly showAllCandidateModels: boolean | undefined;
}

type SettingType = 'FLOAT64' | 'INT64' | 'BOOL';

const SETTINGS: Readonly<Record<MlFunction, Readonly<Record<string, SettingType>>>> = {
  DETECT_ANOMALIES: { anomaly_prob_threshold: 'FLOAT64' },
  FORECAST: { horizon: 'INT64', confidence_level: 'FLOAT64' },
  EXPLAIN_FORECAST: { horizon: 'INT64', confidence_level: 'FLOAT64' },
  EVALUATE: { perform_aggregation: 'BOOL', horizon: 'INT64', confidence_level: 'FLOAT64' },
  ARIMA_EVALUATE: { show_all_candidate_models: 'BOOL' },
  ARIMA_COEFFICIENTS: {},
};

/**
 * Checks the STRUCT of a call.
 * @param horizonMax the model's HORIZON
 * @throws SqlError that names the argument and what is right
 */
export function callSettings(
  name: MlFunction,
  given: Readonly<Record<string, unknown>>,
  horizonMax: number,
): CallSettings {
  const known = SETTINGS[name];
  const checked = new Map<string, unknown>();
  for (const [written, value] of Object.entries(given)) {
    const setting = written.toLowerCase();
    const type = known[setting];
    if (type === undefined) throw unknownSetting(name, written);
    checked.set(setting, ofType(name, setting, type, value));
  }
  const horizon = checked.get('horizon') as number | undefined;
  if (horizon !== undefined && !(horizon >= 1 && horizon <= horizonMax)) {
    throw wrong(name, `horizon must be from 1 to ${horizonMax}, the HORIZON of the model, not ${horizon}`);
  }
  const share = (setting: string) => {
    const value = (checked.get(setting) ?? 0.95) as number;
    if (value >= 0 && value < 1) return value;
    throw wrong(name, `${setting} must be in the range [0, 1), not ${value}`);
  };
  return {
    anomalyProbThreshold: share('anomaly_prob_threshold'),
    horizon,
    confidenceLevel: share('confidence_level'),
    performAggregation: (checked.get('perform_aggregation') ?? true) as boolean,
    showAllCandidateModels: checked.get('show_all_candidate_models') as boolean | undefined,
  };
}

function ofType(name: MlFunction, setting: string, type: SettingType, value: unknown): unknown {
  if (type === 'BOOL') {
    if (typeof value === 'boolean') return value;
  } else {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number === 'number' && (type === 'FLOAT64' || Number.isInteger(number))) return number;
  }
  throw wrong(name, `${setting} must be of type ${type}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `the STRING '${value}'`;
  if (typeof value === 'boolean') return `the BOOL ${String(value).toUpperCase()}`;
  return Array.isArray(value) ? 'an ARRAY' : String(value);
}

function unknownSetting(name: MlFunction, setting: string): SqlError {
  const names = Object.keys(SETTINGS[name]);
  if (names.length === 0)
    return wrong(name, `there are no arguments besides the model, and ${setting} was given`);
  const meant = names.length > 1 ? ` Did you mean ${closest(setting.toLowerCase(), names)}?` : '';
  return wrong(name, `unknown argument ${setting}; supported: ${names.join(', ')}.${meant}`);
}

function wrong(name: MlFunction, message: string): SqlError {
  return new SqlError(
    'invalidQuery',
    `Invalid argument of ML.${name}: ${message.replace(/([^.?])$/, '$1.')}`,
  );
}
