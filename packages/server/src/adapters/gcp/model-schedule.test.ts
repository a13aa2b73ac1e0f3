import { describe, expect, it } from 'vitest';
import type { ModelJob } from './model-jobs.js';
import {
  detectionDue,
  LATENCY_MODEL,
  lateDetectionDue,
  type ModelName,
  SERIES_MODEL,
  trainingDue,
} from './model-schedule.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 5, 15, 12, 0, 40);

function job(kind: ModelJob['kind'], agoMs: number, fields: Partial<ModelJob> = {}): ModelJob {
  return {
    id: `${kind}-${agoMs}`,
    kind,
    model: SERIES_MODEL,
    statement: kind === 'train' ? 'train-series-anomalies' : 'detect-minutes',
    startedMs: NOW_MS - agoMs,
    minutesFromMs: Number.NaN,
    state: 'done',
    ...fields,
  };
}

describe('a training', () => {
  const due = (
    why: 'schedule' | 'horizon',
    jobs: readonly ModelJob[],
    model: ModelName = SERIES_MODEL,
    minutes = 500,
  ) => trainingDue(model, why, jobs, NOW_MS, () => Promise.resolve(minutes));

  it('is due each day, by a call that may come a little early, and not twice a day', async () => {
    expect(await due('schedule', [])).toEqual({ start: 'train-series-anomalies' });
    expect(await due('schedule', [job('train', 23 * HOUR_MS)])).toEqual({ start: 'train-series-anomalies' });
    expect(await due('schedule', [job('train', 5 * HOUR_MS)])).toMatchObject({
      skip: expect.stringContaining('not due'),
    });
  });

  it('is due ahead of the schedule only when a quarter of the horizon is left', async () => {
    expect(await due('horizon', [job('train', 2 * DAY_MS)])).toHaveProperty('skip');
    expect(await due('horizon', [job('train', 2.3 * DAY_MS)])).toEqual({ start: 'train-series-anomalies' });
    // BigQuery's own horizon of 1,000 minutes ends before the next day's call.
    const first = job('train', 13 * HOUR_MS, { model: LATENCY_MODEL, statement: 'train-latency-anomalies' });
    expect(await due('horizon', [first], LATENCY_MODEL)).toEqual({ start: 'retrain-latency-anomalies' });
    expect(await due('schedule', [first], LATENCY_MODEL)).toEqual({ start: 'retrain-latency-anomalies' });
  });

  it('takes the documented statement the first time, and from minutes where that failed', async () => {
    expect(await due('horizon', [], LATENCY_MODEL)).toEqual({ start: 'train-latency-anomalies' });
    const failed = job('train', MINUTE_MS, {
      model: LATENCY_MODEL,
      statement: 'train-latency-anomalies',
      state: 'failed',
    });
    expect(await due('horizon', [failed], LATENCY_MODEL)).toEqual({ start: 'retrain-latency-anomalies' });
  });

  it('waits for something to learn from', async () => {
    expect(await due('horizon', [], SERIES_MODEL, 59)).toMatchObject({
      skip: expect.stringContaining('59 of 60'),
    });
    expect(await due('schedule', [], SERIES_MODEL, 3)).toHaveProperty('start');
    expect(await due('schedule', [], SERIES_MODEL, 2)).toHaveProperty('skip');
  });

  it('is not started beside one that runs, and by detection not again within an hour of a failure', async () => {
    const running = job('train', HOUR_MS, { state: 'running' });
    expect(await due('schedule', [running])).toMatchObject({
      skip: expect.stringContaining('is being trained'),
    });
    const failed = job('train', HOUR_MS / 2, { state: 'failed', reason: 'Quota.' });
    expect(await due('horizon', [job('train', 4 * DAY_MS), failed])).toMatchObject({
      skip: expect.stringContaining('Quota.'),
    });
    expect(await due('schedule', [job('train', 4 * DAY_MS), failed])).toHaveProperty('start');
    const earlier = { ...failed, startedMs: NOW_MS - 2 * HOUR_MS };
    expect(await due('horizon', [job('train', 4 * DAY_MS), earlier])).toHaveProperty('start');
  });
});

describe('a round of detection', () => {
  const from = (jobs: readonly ModelJob[]) => {
    const due = detectionDue(jobs, NOW_MS);
    if ('skip' in due) throw new Error(due.skip);
    return { model: due.start.model, minutes: (NOW_MS - 40_000 - due.start.minutesFromMs) / MINUTE_MS };
  };

  it('takes as much as a model learns the first time, then two hours, and a week once a day', () => {
    expect(from([])).toEqual({ model: 'none', minutes: 347 * 1440 });
    expect(from([job('detect', MINUTE_MS)])).toEqual({ model: 'none', minutes: 121 });
    expect(from([job('detect', 13 * HOUR_MS)])).toMatchObject({ minutes: 7 * 1440 });
    expect(from([job('detect', 9 * DAY_MS)])).toMatchObject({ minutes: 9 * 1440 + 120 });
  });

  it('goes by the model that was trained, and the first time back to when that training began', () => {
    const trained = job('train', 6 * HOUR_MS);
    expect(from([trained, job('detect', MINUTE_MS, { model: 'none' })])).toEqual({
      model: SERIES_MODEL,
      minutes: 480,
    });
    expect(from([trained, job('detect', MINUTE_MS)])).toEqual({ model: SERIES_MODEL, minutes: 121 });
  });

  it('takes again what a failed round may have left unjudged, but not what was too much to bill or took too long', () => {
    const failed = job('detect', MINUTE_MS, { state: 'failed', minutesFromMs: NOW_MS - 40_000 - 3 * DAY_MS });
    expect(from([job('detect', 2 * MINUTE_MS), failed])).toMatchObject({ minutes: 3 * 1440 });
    const reason = 'Query exceeded limit for bytes billed: 1000. 2000 or higher required.';
    expect(from([job('detect', 2 * MINUTE_MS), { ...failed, reason }])).toMatchObject({ minutes: 122 });
    expect(from([{ ...failed, reason }])).toMatchObject({ minutes: 120 });
    const late = 'Job execution was cancelled: Job timed out after 15 min';
    expect(from([{ ...failed, reason: late }])).toMatchObject({ minutes: 120 });
  });

  it('waits for the one that runs, and for the next minute to close', () => {
    expect(detectionDue([job('detect', MINUTE_MS, { state: 'running' })], NOW_MS)).toHaveProperty('skip');
    expect(detectionDue([job('detect', 5_000)], NOW_MS)).toHaveProperty('skip');
    expect(detectionDue([job('detect', 11_000)], NOW_MS)).toHaveProperty('start');
  });
});

describe('a round for late minutes', () => {
  it('comes once after each training', () => {
    expect(lateDetectionDue([], NOW_MS)).toHaveProperty('skip');
    const trained = job('train', 6 * HOUR_MS);
    expect(lateDetectionDue([trained], NOW_MS)).toEqual({ start: true });
    expect(lateDetectionDue([trained, job('detect_late', DAY_MS)], NOW_MS)).toEqual({ start: true });
    expect(lateDetectionDue([trained, job('detect_late', HOUR_MS)], NOW_MS)).toHaveProperty('skip');
    expect(lateDetectionDue([trained, job('detect_late', 1, { state: 'running' })], NOW_MS)).toHaveProperty(
      'skip',
    );
  });

  it('is tried again an hour after it failed', () => {
    const jobs = (agoMs: number) => [
      job('train', 6 * HOUR_MS),
      job('detect_late', agoMs, { state: 'failed' }),
    ];
    expect(lateDetectionDue(jobs(HOUR_MS / 2), NOW_MS)).toHaveProperty('skip');
    expect(lateDetectionDue(jobs(2 * HOUR_MS), NOW_MS)).toEqual({ start: true });
  });
});
