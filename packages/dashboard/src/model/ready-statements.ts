/** Statements that the SQL page has ready; they run the same on Google Cloud. */
export const READY_STATEMENTS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'All series',
    sql: `SELECT series, COUNT(*) AS samples, MIN(time) AS first, MAX(time) AS last, AVG(value) AS mean
FROM \`metrics_dataset.samples\`
GROUP BY series
ORDER BY samples DESC;`,
  },
  {
    name: 'Means of minutes',
    sql: `SELECT TIMESTAMP_TRUNC(TIMESTAMP_SECONDS(timestamp), MINUTE) AS minute, AVG(latency) AS latency, AVG(cpu) AS cpu
FROM \`metrics_dataset.metrics_table\`
WHERE TIMESTAMP_SECONDS(timestamp) > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 6 HOUR)
GROUP BY minute
ORDER BY minute;`,
  },
  {
    name: 'Dataset and table',
    sql: `CREATE SCHEMA IF NOT EXISTS \`metrics_dataset\`;
CREATE TABLE IF NOT EXISTS \`metrics_dataset.metrics_table\` (timestamp INT64, latency FLOAT64, cpu INT64);`,
  },
  {
    name: 'Train a model',
    sql: `CREATE MODEL \`metrics_dataset.latency_anomalies\`
OPTIONS(model_type='ARIMA_PLUS', time_series_data_col='latency', time_series_timestamp_col='timestamp') AS
SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency
FROM \`metrics_dataset.metrics_table\`
WHERE TIMESTAMP_SECONDS(timestamp) > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 730 DAY);`,
  },
  {
    name: 'Evaluate it',
    sql: `SELECT * FROM ML.EVALUATE(MODEL \`metrics_dataset.latency_anomalies\`,
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM \`metrics_dataset.metrics_table\`));`,
  },
  {
    name: 'Detect anomalies',
    sql: `SELECT timestamp, latency, is_anomaly, anomaly_probability
FROM ML.DETECT_ANOMALIES(MODEL \`metrics_dataset.latency_anomalies\`,
  STRUCT(0.01 AS anomaly_prob_threshold),
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM \`metrics_dataset.metrics_table\`))
ORDER BY timestamp DESC LIMIT 100;`,
  },
  {
    name: 'Judge its history',
    sql: `SELECT * FROM ML.DETECT_ANOMALIES(MODEL \`metrics_dataset.latency_anomalies\`,
  STRUCT(0.99 AS anomaly_prob_threshold))
ORDER BY timestamp;`,
  },
  {
    name: 'Forecast',
    sql: `SELECT * FROM ML.FORECAST(MODEL \`metrics_dataset.latency_anomalies\`,
  STRUCT(60 AS horizon, 0.95 AS confidence_level));`,
  },
  {
    name: 'Forecast all series',
    sql: `SELECT series, forecast_timestamp, forecast_value, prediction_interval_lower_bound, prediction_interval_upper_bound
FROM ML.FORECAST(MODEL \`metrics_dataset.series_anomalies\`, STRUCT(60 AS horizon, 0.95 AS confidence_level))
ORDER BY series, forecast_timestamp;`,
  },
];
