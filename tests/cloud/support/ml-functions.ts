/**
 * BigQuery ML's functions as statements that an emulator without them can run: the columns and types of Google's
 * documentation, and NULL where it says so. The numbers are not ARIMA_PLUS': a series is expected at its mean, with
 * its standard deviation around it. Whatever is checked with these is a shape, never a detector.
 */

/** What CREATE MODEL's options say. */
export interface StandInModel {
  /** The table that stands for the model, in backquotes: series, minute and value of what it was trained on. */
  readonly table: string;
  readonly idColumn: string | undefined;
  readonly timeColumn: string;
  readonly dataColumn: string;
  /** HORIZON, in minutes. */
  readonly horizon: number;
}

/** Columns after those of id, time and data, with their types, as documented. */
export const ML_COLUMNS = {
  DETECT_ANOMALIES: {
    is_anomaly: 'BOOL',
    lower_bound: 'FLOAT64',
    upper_bound: 'FLOAT64',
    anomaly_probability: 'FLOAT64',
  },
  FORECAST: {
    forecast_timestamp: 'TIMESTAMP',
    forecast_value: 'FLOAT64',
    standard_error: 'FLOAT64',
    confidence_level: 'FLOAT64',
    prediction_interval_lower_bound: 'FLOAT64',
    prediction_interval_upper_bound: 'FLOAT64',
    confidence_interval_lower_bound: 'FLOAT64',
    confidence_interval_upper_bound: 'FLOAT64',
  },
  EVALUATE: {
    mean_absolute_error: 'FLOAT64',
    mean_squared_error: 'FLOAT64',
    root_mean_squared_error: 'FLOAT64',
    mean_absolute_percentage_error: 'FLOAT64',
    symmetric_mean_absolute_percentage_error: 'FLOAT64',
    mean_absolute_scaled_error: 'FLOAT64',
  },
  ARIMA_EVALUATE: {
    non_seasonal_p: 'INT64',
    non_seasonal_d: 'INT64',
    non_seasonal_q: 'INT64',
    has_drift: 'BOOL',
    log_likelihood: 'FLOAT64',
    AIC: 'FLOAT64',
    variance: 'FLOAT64',
    seasonal_periods: 'ARRAY<STRING>',
    has_holiday_effect: 'BOOL',
    has_spikes_and_dips: 'BOOL',
    has_step_changes: 'BOOL',
    error_message: 'STRING',
  },
  EXPLAIN_FORECAST: {
    time_series_timestamp: 'TIMESTAMP',
    time_series_type: 'STRING',
    time_series_data: 'FLOAT64',
    time_series_adjusted_data: 'FLOAT64',
    standard_error: 'FLOAT64',
    confidence_level: 'FLOAT64',
    prediction_interval_lower_bound: 'FLOAT64',
    prediction_interval_upper_bound: 'FLOAT64',
    trend: 'FLOAT64',
    seasonal_period_yearly: 'FLOAT64',
    seasonal_period_quarterly: 'FLOAT64',
    seasonal_period_monthly: 'FLOAT64',
    seasonal_period_weekly: 'FLOAT64',
    seasonal_period_daily: 'FLOAT64',
    holiday_effect: 'FLOAT64',
    spikes_and_dips: 'FLOAT64',
    step_changes: 'FLOAT64',
    residual: 'FLOAT64',
  },
} as const;
export type MlFunction = keyof typeof ML_COLUMNS;

/** Half the width of a band that holds `p` of a normal distribution, in standard deviations, of those used here. */
const HALF_WIDTHS: Readonly<Record<string, number>> = {
  '0.01': 0.012533,
  '0.95': 1.959964,
  '0.9999': 3.890592,
};

/** Abramowitz and Stegun 7.1.26, to 1.5e-7: the share of a normal distribution within z standard deviations. */
function shareWithin(z: string): string {
  const t = `(1 / (1 + 0.3275911 * ${z} / SQRT(2)))`;
  const sum = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592].reduce(
    (inner, factor) => (inner === '' ? `${factor}` : `(${inner}) * ${t} + ${factor}`),
    '',
  );
  return `(1 - (${sum}) * ${t} * EXP(-${z} * ${z} / 2))`;
}

/** Only series of three points and more have a model. */
function learned({ table }: StandInModel): string {
  return `(SELECT series, AVG(value) AS mean, STDDEV_POP(value) AS sigma, MIN(minute) AS first, MAX(minute) AS last
    FROM ${table} GROUP BY series HAVING COUNT(*) >= 3)`;
}

const MISSING = 'CAST(NULL AS FLOAT64)';

/** The statement that stands for a call of ML.`name`; `data` is the query passed to it. */
export function standInFor(
  name: MlFunction,
  model: StandInModel,
  settings: Readonly<Record<string, string>>,
  data: string | undefined,
): string {
  const { idColumn, timeColumn, dataColumn, horizon, table } = model;
  const id = (alias: string) => (idColumn === undefined ? '' : `${alias}.series AS ${idColumn},`);
  const inHorizon = (time: string) =>
    `${time} > learned.last AND ${time} <= TIMESTAMP_ADD(learned.last, INTERVAL ${horizon} MINUTE)
      AND ${time} = TIMESTAMP_TRUNC(${time}, MINUTE)`;
  const given = `(SELECT ${idColumn ?? "'all'"} AS series, ${timeColumn} AS minute, ${dataColumn} AS value FROM (${data}))`;
  const all = Object.keys(ML_COLUMNS[name]).join(', ');

  if (name === 'DETECT_ANOMALIES') {
    const threshold = settings.anomaly_prob_threshold ?? '0.95';
    const half = HALF_WIDTHS[threshold];
    if (half === undefined) throw new Error(`No half width of a band of ${threshold} is known here.`);
    const covered = data === undefined ? 'TRUE' : inHorizon('given.minute');
    const z = '(ABS(given.value - learned.mean) / NULLIF(learned.sigma, 0))';
    const probability = `IF(learned.sigma = 0, 0, ${shareWithin(z)})`;
    return `(SELECT ${id('given')} given.minute AS ${timeColumn}, given.value AS ${dataColumn},
      IF(${covered}, ${probability} > ${threshold}, NULL) AS is_anomaly,
      IF(${covered}, learned.mean - ${half} * learned.sigma, NULL) AS lower_bound,
      IF(${covered}, learned.mean + ${half} * learned.sigma, NULL) AS upper_bound,
      IF(${covered}, ${probability}, NULL) AS anomaly_probability
      FROM ${data === undefined ? table : given} AS given
      LEFT JOIN ${learned(model)} AS learned ON learned.series = given.series)`;
  }
  if (name === 'FORECAST') {
    return `(SELECT ${idColumn === undefined ? '' : `${idColumn},`} ${all} FROM (SELECT ${id('learned')}
      TIMESTAMP_ADD(learned.last, INTERVAL step MINUTE) AS forecast_timestamp, learned.mean AS forecast_value,
      learned.sigma AS standard_error, ${settings.confidence_level} AS confidence_level,
      learned.mean - 1.959964 * learned.sigma AS prediction_interval_lower_bound,
      learned.mean + 1.959964 * learned.sigma AS prediction_interval_upper_bound,
      learned.mean - 1.959964 * learned.sigma AS confidence_interval_lower_bound,
      learned.mean + 1.959964 * learned.sigma AS confidence_interval_upper_bound
      FROM ${learned(model)} AS learned, UNNEST(GENERATE_ARRAY(1, ${settings.horizon ?? 3})) AS step))`;
  }
  if (name === 'EVALUATE') {
    const off = '(given.value - learned.mean)';
    return `(SELECT ${id('learned')} AVG(ABS(${off})) AS mean_absolute_error,
      AVG(${off} * ${off}) AS mean_squared_error, SQRT(AVG(${off} * ${off})) AS root_mean_squared_error,
      100 * AVG(ABS(${off}) / NULLIF(ABS(given.value), 0)) AS mean_absolute_percentage_error,
      200 * AVG(ABS(${off}) / NULLIF(ABS(given.value) + ABS(learned.mean), 0))
        AS symmetric_mean_absolute_percentage_error,
      ${MISSING} AS mean_absolute_scaled_error
      FROM ${learned(model)} AS learned LEFT JOIN ${given} AS given
      ON given.series = learned.series AND ${inHorizon('given.minute')} GROUP BY learned.series)`;
  }
  if (name === 'ARIMA_EVALUATE') {
    return `(SELECT ${id('trained')} 0 AS non_seasonal_p, 1 AS non_seasonal_d, 1 AS non_seasonal_q,
      FALSE AS has_drift, -1.5 AS log_likelihood, 5.0 AS AIC, 1.0 AS variance, ['NO_SEASONALITY'] AS seasonal_periods,
      FALSE AS has_holiday_effect, FALSE AS has_spikes_and_dips, FALSE AS has_step_changes,
      IF(COUNT(*) >= 3, '', 'Time series is too short.') AS error_message
      FROM ${table} AS trained GROUP BY trained.series)`;
  }
  return explained(model, id('learned'), all, settings.horizon ?? '3');
}

function explained(model: StandInModel, id: string, all: string, horizon: string): string {
  const part = (type: string, time: string, value: string, residual: string) => `SELECT ${id}
      ${time} AS time_series_timestamp, '${type}' AS time_series_type, ${value} AS time_series_data,
      learned.mean AS time_series_adjusted_data, learned.sigma AS standard_error, 0.95 AS confidence_level,
      ${MISSING} AS prediction_interval_lower_bound, ${MISSING} AS prediction_interval_upper_bound,
      learned.mean AS trend, ${MISSING} AS seasonal_period_yearly, ${MISSING} AS seasonal_period_quarterly,
      ${MISSING} AS seasonal_period_monthly, ${MISSING} AS seasonal_period_weekly,
      0.0 AS seasonal_period_daily, ${MISSING} AS holiday_effect, 0.0 AS spikes_and_dips, 0.0 AS step_changes,
      ${residual} AS residual`;
  return `(SELECT ${model.idColumn === undefined ? '' : `${model.idColumn},`} ${all} FROM (
      ${part('history', 'trained.minute', 'trained.value', 'trained.value - learned.mean')}
      FROM ${model.table} AS trained JOIN ${learned(model)} AS learned ON learned.series = trained.series
      UNION ALL
      ${part('forecast', 'TIMESTAMP_ADD(learned.last, INTERVAL step MINUTE)', 'learned.mean', MISSING)}
      FROM ${learned(model)} AS learned, UNNEST(GENERATE_ARRAY(1, ${horizon})) AS step))`;
}
