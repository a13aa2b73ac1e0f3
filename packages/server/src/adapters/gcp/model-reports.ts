import type { Logger } from '../../logger.js';
import type { CollectedWork } from '../../ports/model-store.js';
import { numberOf, type Row, timeMsOf } from './bigquery-statements.js';
import type { ModelJob } from './model-jobs.js';

/** Of one job, so that a storm of anomalies does not drown the log; the table has them all. */
const LINES_MAX = 500;

/**
 * Writes into the log how the job ended and what it found, and gives the same as numbers. `trainedMs` is when the
 * model of a round of detection was trained; monitoring watches its age.
 */
export function reportJob(
  job: ModelJob,
  rows: readonly Row[],
  nowMs: number,
  log: Logger,
  trainedMs?: number,
): CollectedWork {
  const { id, kind, model, startedMs } = job;
  const work = { id, kind, model, startedMs };
  const event = kind === 'train' ? 'train' : 'detect';
  if (job.state === 'failed') {
    const reason = job.reason ?? 'BigQuery gave no reason.';
    const fields = { event: `${event}_failed`, model, job: id, kind, reason };
    if (job.statement === 'train-latency-anomalies') {
      log.warn(fields, `${model} is trained from the means of minutes instead, since: ${reason}`);
    } else {
      log.error(fields, `${words(job)} failed: ${reason}`);
    }
    return { ...work, state: 'failed', reason, anomalies: 0, unjudged: {} };
  }

  const unjudged = kind === 'train' ? reportLeftOut(model, rows, log) : countUnjudged(rows);
  const anomalies = kind === 'train' ? 0 : reportAnomalies(rows, log);
  log.info(
    {
      event: `${event}_finished`,
      model,
      job: id,
      kind,
      seconds: (nowMs - startedMs) / 1000,
      anomalies,
      unjudged,
      ...(trainedMs === undefined ? {} : { modelAgeSeconds: (nowMs - trainedMs) / 1000 }),
    },
    `${words(job)} has ended${kind === 'train' ? '' : `: ${anomaliesText(anomalies)}`}${listed(unjudged)}.`,
  );
  return { ...work, state: 'done', anomalies, unjudged };
}

/** Series without a model, or without a spread to judge by: the last SELECT of train-series-anomalies.sql. */
function reportLeftOut(model: string, rows: readonly Row[], log: Logger): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [i, row] of rows.entries()) {
    const reason = String(row.reason);
    counts[reason] = (counts[reason] ?? 0) + 1;
    if (i >= LINES_MAX) continue;
    const detail = row.detail === null ? 'All its values are equal.' : String(row.detail);
    log.warn(
      { event: 'series_left_out', model, series: row.series, reason, detail },
      `${row.series} cannot be judged: ${detail}`,
    );
  }
  return counts;
}

function reportAnomalies(rows: readonly Row[], log: Logger): number {
  const found = rows.filter((row) => row.kind === 'anomaly');
  for (const row of found.slice(0, LINES_MAX)) {
    const value = numberOf(row.value);
    const expected = numberOf(row.expected);
    log.warn(
      {
        event: 'anomaly',
        series: row.series,
        value,
        expected,
        probability: numberOf(row.anomaly_probability),
        // Not `time`: that is when the line was written.
        minute: new Date(timeMsOf(row.time)).toISOString(),
        alarm: row.alarm,
      },
      `${row.series} is ${short(value)} where ${short(expected)} was expected.`,
    );
  }
  return found.length;
}

function countUnjudged(rows: readonly Row[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) if (row.kind === 'unjudged') counts[String(row.reason)] = Number(row.count);
  return counts;
}

function words({ kind, model }: ModelJob): string {
  if (kind === 'train') return `Training of ${model}`;
  return kind === 'detect' ? 'Detection' : 'Detection of late minutes';
}

function anomaliesText(count: number): string {
  return count === 1 ? '1 anomaly' : `${count} anomalies`;
}

function listed(unjudged: Readonly<Record<string, number>>): string {
  const texts = Object.entries(unjudged).map(([reason, count]) => `${count} ${reason}`);
  return texts.length === 0 ? '' : `, without a verdict: ${texts.join(', ')}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
