/**
 * Which limit of Google Cloud, or of ours, binds first as samples a second grow, and what a month costs then: prints
 * the two tables of docs/scale.md. On paper: sizes, prices and CPU are those of google-cloud-costs.js.
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import * as costs from './google-cloud-costs.js';

/** A sample of each series every ten seconds. */
const SECONDS_PER_SAMPLE = 10;
/** Full messages, which is what a loaded metrics-api sends: 0.9 MB. */
const SAMPLES_PER_MESSAGE = 10_000;
const RATES = [1_000_000, 10_000_000];

const DAY_S = 86_400;
const GIB = 1024 ** 3;
const SAMPLES_PER_CPU = costs.CPU_SHARE_MAX / costs.CPU_S_PER_SAMPLE;

/**
 * `perSample`: what one sample a second takes of it. Google's figures are the defaults that its quota pages name, as
 * quoted elsewhere on 2026-11-22 and earlier; those of a project stand in its console.
 */
const LIMITS = [
  ours('bytes of the daily look back over a week', 100 * GIB, 7 * DAY_S * costs.SAMPLE_READ_BYTES),
  ours(
    'bytes of one training',
    100 * GIB,
    SECONDS_PER_SAMPLE * costs.TRAINING_DAYS * 1440 * costs.MINUTE_TRAIN_BYTES,
  ),
  ours('bytes of one round of detection', 100 * GIB, DAY_S * costs.SAMPLE_READ_BYTES),
  ours('series that an instance of metrics-api knows', 100_000, SECONDS_PER_SAMPLE),
  ours('instances of one service', 20, 1 / SAMPLES_PER_CPU),
  google('Cloud Run: vCPU of a region, new projects', 20, 2 / SAMPLES_PER_CPU),
  google('Cloud Run: vCPU of a region, others', 200, 2 / SAMPLES_PER_CPU),
  google('Storage Write: bytes a second, one region', 300e6, costs.SAMPLE_ROW_BYTES),
  google('Storage Write: bytes a second, US or EU', 3e9, costs.SAMPLE_ROW_BYTES),
  google('Storage Write: connections, one region', 1_000, 1 / SAMPLES_PER_CPU),
  google('Pub/Sub: bytes pushed a second, large region', 440e6, costs.MESSAGE_SAMPLE_BYTES),
  google('Pub/Sub: bytes published a second, large region', 4e9, costs.MESSAGE_SAMPLE_BYTES),
  google('BigQuery ML: series of one model', 100_000_000, SECONDS_PER_SAMPLE),
];

function ours(name, limit, perSample) {
  return { name, limit, perSample, whose: 'ours' };
}

function google(name, limit, perSample) {
  return { name, limit, perSample, whose: 'Google' };
}

/** What binds first stands first. */
export function limitTable() {
  const heads = RATES.map((rate) => `used at ${count(rate)}/s`);
  const lines = [
    `| limit | whose | as it is | binds at samples/s | ${heads.join(' | ')} |`,
    `|---|---|---:|---:|${'---:|'.repeat(RATES.length)}`,
  ];
  const bindsAt = ({ limit, perSample }) => limit / perSample;
  for (const one of [...LIMITS].sort((a, b) => bindsAt(a) - bindsAt(b))) {
    const used = RATES.map((rate) => `${count(rounded((100 * rate) / bindsAt(one)))} %`);
    const { name, whose, limit } = one;
    lines.push(
      `| ${name} | ${whose} | ${count(limit)} | ${count(rounded(bindsAt(one)))} | ${used.join(' | ')} |`,
    );
  }
  return lines.join('\n');
}

/** Series that BigQuery ML still models where streaming detectors judge all of them. */
const MODELLED_SERIES = 10_000;
const RETENTION_DAYS = 30;

/** Costs as built, turned as far as docs/costs.md goes, and with what docs/scale.md would change. */
export function scaleCosts(samplesPerSecond) {
  const load = {
    samplesPerSecond,
    series: samplesPerSecond * SECONDS_PER_SAMPLE,
    samplesPerMessage: SAMPLES_PER_MESSAGE,
  };
  const kept = costs.monthlyCosts({ ...load, retentionDays: RETENTION_DAYS });
  const modelled = costs.monthlyCosts({
    samplesPerSecond: MODELLED_SERIES / SECONDS_PER_SAMPLE,
    series: MODELLED_SERIES,
    roundMinutes: 5,
  });
  const changed = {
    ...kept,
    // Judging a sample is taken to cost as much as storing it.
    'Cloud Run, processmetrics': 2 * kept['Cloud Run, processmetrics'],
    'BigQuery, detection': modelled['BigQuery, detection'],
    'BigQuery ML, training': modelled['BigQuery ML, training'],
  };
  delete changed.total;
  const total = Object.values(changed).reduce((sum, usd) => sum + usd, 0);
  return {
    built: costs.monthlyCosts(load),
    turned: costs.monthlyCosts({ ...load, roundMinutes: 5, trainingsPerMonth: 15 }),
    changed: { ...changed, total },
  };
}

export function scaleCostTable() {
  const columns = RATES.flatMap((rate) =>
    Object.entries(scaleCosts(rate)).map(([name, items]) => ({ head: `${count(rate)}/s, ${name}`, items })),
  );
  const lines = [
    `| thousands of US dollars a month | ${columns.map(({ head }) => head).join(' | ')} |`,
    `|---|${'---:|'.repeat(columns.length)}`,
  ];
  for (const item of Object.keys(columns[0].items)) {
    lines.push(`| ${item} | ${columns.map(({ items }) => count(rounded(items[item] / 1000))).join(' | ')} |`);
  }
  return lines.join('\n');
}

/** Two digits: nothing here is known better. */
function rounded(number) {
  return Number(number.toPrecision(2));
}

function count(number) {
  return number.toLocaleString('en-US');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`${limitTable()}\n\n${scaleCostTable()}`);
