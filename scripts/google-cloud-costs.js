/**
 * What a month of Seismo on Google Cloud costs, by list prices, for given samples a second and series:
 * `node scripts/google-cloud-costs.js --samples-per-second 100 --series 50`. Without numbers it prints the table of
 * docs/costs.md. docs/costs.md explains the formula; every number that it rests on is a constant here.
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * List prices in US dollars, region us-central1, taken down on 2026-11-22 from copies of the pages that `source`
 * names, not from the live pages. Prices change: look there before relying on a figure.
 */
export const PRICES = {
  queryPerTiB: { usd: 6.25, freeTiB: 1, source: 'cloud.google.com/bigquery/pricing, on-demand compute' },
  createModelPerTiB: {
    usd: 312.5,
    freeTiB: 10 / 1024,
    source: 'cloud.google.com/bigquery/pricing, BigQuery ML, time series',
  },
  storagePerGiB: {
    usd: 0.02,
    freeGiB: 10,
    source: 'cloud.google.com/bigquery/pricing, active logical storage',
  },
  oldStoragePerGiB: { usd: 0.01, source: 'the same, not modified for 90 days' },
  writePerGiB: { usd: 0.025, freeGiB: 2048, source: 'cloud.google.com/bigquery/pricing, Storage Write API' },
  pubSubPerTiB: { usd: 40, freeTiB: 10 / 1024, source: 'cloud.google.com/pubsub/pricing, throughput' },
  cpuSecond: { usd: 0.000_024, free: 180_000, source: 'cloud.google.com/run/pricing, request-based, tier 1' },
  gibSecond: { usd: 0.000_002_5, free: 360_000, source: 'the same' },
  millionRequests: { usd: 0.4, freeMillions: 2, source: 'the same' },
};

const MONTH_S = 30 * 86_400;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

/** What the tables hold for a row, by BigQuery's rules: 8 bytes for numbers and times, 2 + length for texts. */
const SERIES_BYTES = 2 + 40;
export const SAMPLE_ROW_BYTES = 8 + SERIES_BYTES + (2 + 12) + (2 + 30) + 8 + 8 + (2 + 17);
/** Columns that detect-minutes.sql reads of `samples`: time, series, value, ingest_time, message_id. */
export const SAMPLE_READ_BYTES = 8 + SERIES_BYTES + 8 + 8 + (2 + 17);
const MINUTE_ROW_BYTES = 8 + SERIES_BYTES + 8 + 8 + 8;
/** Columns that training reads of `samples_per_minute`: minute, series, value. */
export const MINUTE_TRAIN_BYTES = 8 + SERIES_BYTES + 8;

/** JSON of one sample in a message, and of a message's attributes and number. */
export const MESSAGE_SAMPLE_BYTES = 90;
const MESSAGE_BYTES = 120;
/** Pub/Sub bills each publish and each push with this at least. */
const REQUEST_BYTES_MIN = 1_000;

/** How much of a day a round reads: half of it on average, and the day before as long as two hours back reach it. */
const DAYS_READ = 0.5 + 2 / 24;
/** Once a day it looks back a week. */
export const DAYS_READ_DAILY = 7;
/** Tables that a round without a finding names, over all statements: each is billed with 10 MiB at least. */
const TABLES_PER_ROUND = 10;
const TABLE_BYTES_MIN = 10 * MIB;
/** How often a round reads the day of samples_per_minute: to merge, to take what changed, and for the model. */
const MINUTE_READS = 3;

/** AUTO_ARIMA_MAX_ORDER 2 tries 6 models, and each once more with drift where the series is differenced. */
const CANDIDATES = 12;
export const TRAINING_DAYS = 56;

/** Seconds that a request keeps an instance busy, and CPU seconds of it: assumed, on the high side. */
const REQUEST_S = { 'metrics-api': 0.05, processmetrics: 0.3 };
export const CPU_S_PER_SAMPLE = 10e-6;
/** Share of its CPU at which Cloud Run adds an instance. */
export const CPU_SHARE_MAX = 0.6;
const CPU_S_PER_REQUEST = 1e-3;
const INSTANCE_GIB = 0.5;

/**
 * @param {{ samplesPerSecond: number, series: number, samplesPerMessage?: number, roundMinutes?: number,
 *   trainingsPerMonth?: number, retentionDays?: number }} load
 * @returns {Record<string, number>} US dollars a month by item, and `total`.
 */
export function monthlyCosts(load) {
  const { samplesPerSecond, series } = load;
  const { samplesPerMessage = 100, roundMinutes = 1, trainingsPerMonth = 30, retentionDays = 730 } = load;
  const samples = samplesPerSecond * MONTH_S;
  const messages = samples / samplesPerMessage;

  const minutes = Math.min(samples, series * 30 * 1440);
  const rounds = (30 * 1440) / roundMinutes;
  const sampleDayBytes = samplesPerSecond * 86_400 * SAMPLE_READ_BYTES;
  const minuteDayBytes = (minutes / 30) * MINUTE_ROW_BYTES * MINUTE_READS;
  const readBytes =
    rounds * Math.max(TABLES_PER_ROUND * TABLE_BYTES_MIN, DAYS_READ * (sampleDayBytes + minuteDayBytes)) +
    30 * DAYS_READ_DAILY * sampleDayBytes;

  const trainedBytes = (minutes / 30) * Math.min(TRAINING_DAYS, retentionDays) * MINUTE_TRAIN_BYTES;
  const messageBytes = Math.max(REQUEST_BYTES_MIN, samplesPerMessage * MESSAGE_SAMPLE_BYTES + MESSAGE_BYTES);
  const storedGiBPerDay = ((samples / 30) * SAMPLE_ROW_BYTES + (minutes / 30) * MINUTE_ROW_BYTES) / GIB;

  const costs = {
    'Pub/Sub, in and out': price(PRICES.pubSubPerTiB, (2 * messages * messageBytes) / TIB),
    'Cloud Run, metrics-api': runCosts(messages, samples, REQUEST_S['metrics-api']),
    'Cloud Run, processmetrics': runCosts(messages + rounds, samples, REQUEST_S.processmetrics),
    'BigQuery, writing': price(PRICES.writePerGiB, (samples * SAMPLE_ROW_BYTES) / GIB),
    'BigQuery, storage in the last month of the retention':
      price(PRICES.storagePerGiB, storedGiBPerDay * Math.min(90, retentionDays)) +
      storedGiBPerDay * Math.max(0, retentionDays - 90) * PRICES.oldStoragePerGiB.usd,
    'BigQuery, detection': price(PRICES.queryPerTiB, readBytes / TIB),
    'BigQuery ML, training': price(
      PRICES.createModelPerTiB,
      (trainingsPerMonth * CANDIDATES * trainedBytes) / TIB,
    ),
  };
  return { ...costs, total: Object.values(costs).reduce((sum, usd) => sum + usd, 0) };
}

function price({ usd, free = 0, freeGiB = free, freeTiB = freeGiB }, amount) {
  return usd * Math.max(0, amount - freeTiB);
}

/** An instance is billed while it has a request; many requests at once share one as long as its CPU suffices. */
function runCosts(requests, samples, requestS) {
  const busyShare = 1 - Math.exp((-requests / MONTH_S) * requestS);
  const cpuShare = (samples * CPU_S_PER_SAMPLE + requests * CPU_S_PER_REQUEST) / MONTH_S;
  const seconds = Math.max(busyShare, cpuShare / CPU_SHARE_MAX) * MONTH_S;
  const { usd, freeMillions } = PRICES.millionRequests;
  return (
    price(PRICES.cpuSecond, seconds) +
    price(PRICES.gibSecond, seconds * INSTANCE_GIB) +
    usd * Math.max(0, requests / 1e6 - freeMillions)
  );
}

/** The table of docs/costs.md. */
export function costTable() {
  const loads = [
    [1, 2],
    [10, 20],
    [100, 100],
    [1_000, 1_000],
    [10_000, 10_000],
  ];
  const columns = loads.map(([samplesPerSecond, series]) => monthlyCosts({ samplesPerSecond, series }));
  const heads = loads.map(([rate, series]) => `${text(rate)}/s, ${text(series)} series`);
  const lines = [`| US dollars a month | ${heads.join(' | ')} |`, `|---|${'---:|'.repeat(loads.length)}`];
  for (const item of Object.keys(columns[0])) {
    lines.push(`| ${item} | ${columns.map((costs) => text(costs[item])).join(' | ')} |`);
  }
  return lines.join('\n');
}

function text(number) {
  return number >= 10 || Number.isInteger(number)
    ? Math.round(number).toLocaleString('en-US')
    : number.toFixed(2);
}

const FLAGS = {
  'samples-per-second': { type: 'string' },
  series: { type: 'string' },
  'samples-per-message': { type: 'string', default: '100' },
  'round-minutes': { type: 'string', default: '1' },
  'trainings-per-month': { type: 'string', default: '30' },
  'retention-days': { type: 'string', default: '730' },
};

const HELP = `Usage: node scripts/google-cloud-costs.js [--samples-per-second <number> --series <number> [flags]]

What a month of a load costs in US dollars; without flags the table of docs/costs.md.

  --samples-per-second <number>   samples of all series together
  --series <number>               series
  --samples-per-message <number>  samples that clients send together (default ${FLAGS['samples-per-message'].default})
  --round-minutes <number>        minutes from one round of detection to the next (default ${FLAGS['round-minutes'].default})
  --trainings-per-month <number>  trainings of the models (default ${FLAGS['trainings-per-month'].default})
  --retention-days <number>       days that samples are kept (default ${FLAGS['retention-days'].default})`;

/** @returns {number} the exit code */
function main() {
  const given = process.argv.slice(2);
  if (given.length === 0 || given.some((flag) => flag === '--help' || flag === '-h')) {
    console.log(given.length === 0 ? costTable() : HELP);
    return 0;
  }
  let values;
  try {
    ({ values } = parseArgs({ options: FLAGS }));
  } catch (error) {
    const flags = Object.keys(FLAGS).map((flag) => `--${flag}`);
    console.error(`${error.message.split('.')[0]}. There are: ${flags.join(', ')}.`);
    return 2;
  }
  const wrong = Object.keys(FLAGS).find((flag) => !(Number(values[flag]) > 0));
  if (wrong !== undefined) {
    console.error(`--${wrong} must be a number above 0.`);
    return 2;
  }
  const costs = monthlyCosts({
    samplesPerSecond: Number(values['samples-per-second']),
    series: Number(values.series),
    samplesPerMessage: Number(values['samples-per-message']),
    roundMinutes: Number(values['round-minutes']),
    trainingsPerMonth: Number(values['trainings-per-month']),
    retentionDays: Number(values['retention-days']),
  });
  for (const [item, usd] of Object.entries(costs)) console.log(`${text(usd).padStart(10)}  ${item}`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
