import { AppError } from '@seismo/server/errors';
import type { Logger } from '@seismo/server/logger';
import type { ModelRound } from '@seismo/server/ports/model-store';
import { jobRoutes } from '@seismo/server/serve/routes/jobs';
import { afterEach, describe, expect, it } from 'vitest';
import { baseServer } from './support/base-server.js';

const STARTED_MS = Date.parse('2025-04-01T22:58:00Z');
const NOTHING: ModelRound = { started: [], collected: [], skipped: [] };
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

/** The jobs over models that answer as the test says; who may call is tested elsewhere. */
async function startJobs(answer: () => Promise<ModelRound>) {
  const lines: { level: string; fields: object }[] = [];
  const line = (level: string) => (fields: object) => void lines.push({ level, fields });
  const log: Logger = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
  const { app } = baseServer({ role: 'processmetrics' }, log);
  const called: string[] = [];
  const call = (job: string) => () => {
    called.push(job);
    return answer();
  };
  await jobRoutes(app, { models: { train: call('train'), detect: call('detect') }, log }, async () => {});
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  open.push(() => app.close());
  const post = async (job: string, init: RequestInit = {}) => {
    const got = await fetch(`${url}/jobs/${job}`, { method: 'POST', ...init });
    return { status: got.status, body: (await got.json()) as Record<string, unknown> };
  };
  return { post, lines, called };
}

describe('a job', () => {
  it('answers what it started, collected and left alone', async () => {
    const work = {
      id: 'seismo_1',
      kind: 'train',
      model: 'latency_anomalies',
      startedMs: STARTED_MS,
    } as const;
    const { post, called } = await startJobs(async () => ({
      started: [work],
      collected: [
        { ...work, id: 'seismo_2', state: 'failed', reason: 'Too large.', anomalies: 0, unjudged: {} },
        { ...work, kind: 'detect', state: 'done', anomalies: 3, unjudged: { constant_series: 2 } },
      ],
      skipped: [{ kind: 'detect', model: 'series_anomalies', reason: 'No minute has closed.' }],
    }));
    expect(await post('train')).toEqual({
      status: 200,
      body: {
        started: [
          { id: 'seismo_1', kind: 'train', model: 'latency_anomalies', started: '2025-04-01T22:58:00.000Z' },
        ],
        collected: [
          expect.objectContaining({ id: 'seismo_2', state: 'failed', reason: 'Too large.' }),
          expect.objectContaining({
            state: 'done',
            reason: null,
            anomalies: 3,
            unjudged: { constant_series: 2 },
          }),
        ],
        skipped: [{ kind: 'detect', model: 'series_anomalies', reason: 'No minute has closed.' }],
      },
    });
    expect(called).toEqual(['train']);
  });

  it.each([
    [undefined, undefined],
    ['application/octet-stream', ''],
    ['application/json', '{}'],
    ['application/json', 'not json'],
    ['text/plain; charset=utf-8', 'whatever'],
  ])('is started by a call of type %j with the body %j', async (type, body) => {
    const { post, called } = await startJobs(async () => NOTHING);
    const answer = await post('detect', {
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      ...(body === undefined ? {} : { body }),
    });
    expect(answer).toEqual({ status: 200, body: { started: [], collected: [], skipped: [] } });
    expect(called).toEqual(['detect']);
  });

  it.each([
    ['train', new AppError('not_ready', 'BigQuery is away.'), 503],
    ['detect', new TypeError('a fault of ours'), 500],
  ])('that cannot even begin is logged where the alert looks (%s)', async (job, error, status) => {
    const { post, lines } = await startJobs(() => Promise.reject(error));
    expect((await post(job)).status).toBe(status);
    expect(lines).toContainEqual({
      level: 'error',
      fields: { event: `${job}_failed`, err: error, reason: error.message },
    });
  });
});
