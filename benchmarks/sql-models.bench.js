/**
 * What BigQuery's models take of a server of its own, asked over REST as `bq` asks: CREATE MODEL of one series and of
 * many, ML.DETECT_ANOMALIES over rows that come, the other functions. The series are made by SQL: a day's season, a
 * level of their own and noise that is the same in every run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startBenchServer } from './load/bench-server.js';
import { readFlags, SERVER_FLAGS } from './load/read-flags.js';

const { series } = readFlags('Time that CREATE MODEL and the functions over models take, over REST.', {
  ...SERVER_FLAGS,
  series: { default: 10_000, tells: 'series of the largest model' },
});
const START = "TIMESTAMP '2026-01-05 00:00:00+00'";
const COLUMNS = "time_series_timestamp_col = 'ts', time_series_data_col = 'value'";
const IDS = `${COLUMNS}, time_series_id_col = 'id'`;

const dataFolder = mkdtempSync(join(tmpdir(), 'seismo-sql-models-'));
const server = await startBenchServer(dataFolder);
const results = [];

try {
  await query('CREATE SCHEMA bench');
  await makeTable('warm', 40, 560);
  await query(createModel('warm', 'warm', IDS, 500));
  await query(detect('warm', later('warm', 500)));
  await oneSeries();
  await manySeries(1000, 500, 60);
  await manySeries(series, 60, 60);
} finally {
  await server.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}
console.table(results);
console.log(
  `a server on cores ${process.env.SERVER_CPUS || 'of its choice'} of ${availableParallelism()} ` +
    `(${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}`,
);

async function oneSeries() {
  await makeTable('one', 1, 110_000);
  await measure(
    'CREATE MODEL, 1 series of 10,000 points',
    10_000,
    createModel('one', 'one', COLUMNS, 10_000),
  );
  const all = 'SELECT ts, value FROM bench.one LIMIT 100000';
  await measure('ML.DETECT_ANOMALIES, 100,000 rows', 100_000, detect('one', all));
  const far = `${COLUMNS}, horizon = 10000`;
  await query(createModel('far', 'one', far, 10_000));
  const within = `${later('one', 10_000)} AND ts < ${at(20_000)}`;
  await measure('ML.DETECT_ANOMALIES, 10,000 rows in the horizon', 10_000, detect('far', within));
  await measure('ML.DETECT_ANOMALIES, history of 10,000', 10_000, detect('one'));
  const explain = 'SELECT COUNT(*) FROM ML.EXPLAIN_FORECAST(MODEL bench.one, STRUCT(100 AS horizon))';
  await measure('ML.EXPLAIN_FORECAST, history of 10,000', 10_100, explain);
}

async function manySeries(count, points, ahead) {
  const name = `of_${count}`;
  const text = count.toLocaleString('en-US');
  await makeTable(name, count, points + ahead);
  const create = createModel(name, name, IDS, points);
  await measure(`CREATE MODEL, ${text} series of ${points} points`, count * points, create);
  const judged = `ML.DETECT_ANOMALIES, ${text} series × ${ahead} minutes`;
  await measure(judged, count * ahead, detect(name, later(name, points)));
  const forecast = `SELECT COUNT(*) FROM ML.FORECAST(MODEL bench.${name}, STRUCT(60 AS horizon))`;
  await measure(`ML.FORECAST, ${text} series × 60`, count * 60, forecast);
  const orders = `SELECT COUNT(*) FROM ML.ARIMA_EVALUATE(MODEL bench.${name})`;
  await measure(`ML.ARIMA_EVALUATE, ${text} series`, count, orders);
}

async function measure(what, rows, sql) {
  const startMs = performance.now();
  const before = server.cpuSeconds();
  await query(sql);
  const seconds = (performance.now() - startMs) / 1000;
  const cpuSeconds = server.cpuSeconds() - before;
  results.push({
    what,
    rows,
    seconds: Number(seconds.toPrecision(3)),
    'CPU seconds': Number(cpuSeconds.toPrecision(3)),
  });
}

async function query(sql) {
  const answer = await fetch(`${server.url}/bigquery/v2/projects/bench/queries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: sql, useLegacySql: false, timeoutMs: 200_000 }),
  });
  const body = await answer.json();
  if (!answer.ok || body.jobComplete !== true) {
    throw new Error(`${sql.slice(0, 200)}: ${body.error?.message ?? 'takes too long'}`);
  }
  return body;
}

function makeTable(name, count, points) {
  // The fraction of a large sine is noise enough.
  const noise = '43758.5453 * SIN(12.9898 * n + 78.233 * s)';
  return query(`CREATE TABLE bench.${name} AS
    SELECT CONCAT('series ', CAST(s AS STRING)) AS id, TIMESTAMP_ADD(${START}, INTERVAL n MINUTE) AS ts,
      MOD(s, 90) + 3 * SIN(n / 229.18) + ${noise} - FLOOR(${noise}) AS value
    FROM UNNEST(GENERATE_ARRAY(0, ${points - 1})) AS n, UNNEST(GENERATE_ARRAY(1, ${count})) AS s`);
}

function createModel(name, table, options, points) {
  return `CREATE MODEL bench.${name} OPTIONS(model_type = 'ARIMA_PLUS', ${options}) AS
    SELECT ${options.includes('id_col') ? 'id, ' : ''}ts, value FROM bench.${table} WHERE ts < ${at(points)}`;
}

function detect(model, rows = undefined) {
  const input = rows === undefined ? '' : `, (${rows})`;
  return `SELECT COUNTIF(is_anomaly) FROM ML.DETECT_ANOMALIES(MODEL bench.${model},
    STRUCT(0.95 AS anomaly_prob_threshold)${input})`;
}

function later(table, points) {
  return `SELECT * FROM bench.${table} WHERE ts >= ${at(points)}`;
}

function at(minutes) {
  return `TIMESTAMP_ADD(${START}, INTERVAL ${minutes} MINUTE)`;
}
