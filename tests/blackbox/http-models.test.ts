import type { EvaluateBody, ExplainBody, ForecastBody, ModelsBody } from '@seismo/server/serve/model-schemas';
import type { SeriesBody } from '@seismo/server/serve/schemas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryModels, trainedModel } from './support/memory-models.js';
import { startMemoryServer } from './support/memory-services.js';

const MINUTE = 60;
/** A Monday, 09:30:15 in UTC. */
const NOW = Date.parse('2026-03-23T09:30:15Z') / 1000;
const CHECKOUT = 'latency{service="checkout"}';
const STEP = Date.parse('2026-03-18T11:30:00Z') / 1000;
const LONG = `wait_ms{note="${'x/y '.repeat(100)}"}`;
const KEYS = { read: { 'x-api-key': 'read-0123456789ab' }, write: { 'x-api-key': 'write-0123456789a' } };

const models = memoryModels([
  { name: 'cpu', series: 'cpu', state: 'failed', error: 'All values are missing.', options: {} },
  trainedModel(CHECKOUT, NOW * 1000, {
    stepChanges: [{ timeMs: STEP * 1000, size: -9, learnedMs: STEP * 1000 + 3_600_000 }],
  }),
  trainedModel('latency', NOW * 1000, { state: 'training', options: { horizon: 500 } }),
  trainedModel(LONG, NOW * 1000),
  {
    ...{ name: 'young', series: 'young', state: 'waiting', error: '45 of 120 minutes.', options: {} },
    lack: { have: 45, need: 120 },
  },
]);
let server: Awaited<ReturnType<typeof startMemoryServer>>;
beforeAll(async () => {
  server = await startMemoryServer({ timeZone: 'UTC' }, { models }, NOW * 1000);
});
afterAll(() => server.close());

async function get<T>(path: string): Promise<{ status: number; body: T }> {
  const answer = await fetch(server.url + path);
  return { status: answer.status, body: (await answer.json()) as T };
}
interface ErrorAnswer {
  readonly error: { code: string; message: string; field?: string; hint?: string };
}
const of = (name: string, what: string) => `/api/models/${encodeURIComponent(name)}/${what}`;

describe('GET /api/models', () => {
  test('lists every model with what its training told, and the queue', async () => {
    const { status, body } = await get<ModelsBody>('/api/models');
    expect(status).toBe(200);
    expect(body.count).toBe(5);
    expect(body.queue).toEqual({
      waiting: 1,
      running: 1,
      workers: 3,
      seconds_to_train_all: 12.5,
      without_room: 0,
    });
    const historyTo = NOW - (NOW % MINUTE) - 10 * MINUTE;
    expect(body.models.find(({ name }) => name === CHECKOUT)).toEqual({
      name: CHECKOUT,
      series: CHECKOUT,
      state: 'trained',
      error: null,
      have: null,
      need: null,
      options: {},
      trained_at: NOW - 9 * MINUTE,
      history_from: historyTo - 7 * 86_400,
      history_to: historyTo,
      horizon_end: historyTo + 1000 * MINUTE,
      age_seconds: 9 * MINUTE,
      non_seasonal_order: { p: 1, d: 1, q: 2 },
      has_drift: true,
      seasonal_periods: ['DAILY', 'WEEKLY'],
      step_changes: [{ time: STEP, size: -9, learned_at: STEP + 3600 }],
      next_training: NOW + 51 * MINUTE,
      training_seconds: 0.4,
      last_minute: { time: historyTo + 9 * MINUTE, state: 'ok' },
    });
  });

  test('says of a model without a training what it waits for, or why it failed', async () => {
    const { body } = await get<ModelsBody>('/api/models');
    expect(body.models.find(({ name }) => name === 'young')).toMatchObject({
      state: 'waiting',
      error: '45 of 120 minutes.',
      trained_at: null,
      age_seconds: null,
      non_seasonal_order: null,
      seasonal_periods: [],
      last_minute: null,
    });
    expect(body.models.find(({ name }) => name === 'cpu')).toMatchObject({
      state: 'failed',
      error: 'All values are missing.',
    });
  });

  test('takes a series in full, a bare name for all of that name, and a limit', async () => {
    const names = async (query: string) =>
      (await get<ModelsBody>(`/api/models?${query}`)).body.models.map(({ name }) => name);
    expect(await names(`series=${encodeURIComponent(CHECKOUT)}`)).toEqual([CHECKOUT]);
    expect(await names('series=latency')).toEqual([CHECKOUT, 'latency']);
    expect(await names('series=latency&series=cpu&limit=1')).toEqual(['cpu']);
    expect(await names('series=nothing')).toEqual([]);
  });
});

describe('GET /api/models/{name}/forecast', () => {
  test('gives the minutes after its history, 120 unless told otherwise, never past its horizon', async () => {
    const { body } = await get<ForecastBody>(of(CHECKOUT, 'forecast'));
    expect([body.name, body.series, body.points.length]).toEqual([CHECKOUT, CHECKOUT, 120]);
    const historyTo = NOW - (NOW % MINUTE) - 10 * MINUTE;
    expect(body.points[0]).toEqual({ time: historyTo + MINUTE, expected: 212, lower: 200, upper: 224 });
    const points = async (minutes: number) =>
      (await get<ForecastBody>(of(CHECKOUT, `forecast?minutes=${minutes}`))).body.points.length;
    expect(await points(3)).toBe(3);
    expect(await points(10_000)).toBe(1000);
  });

  test('is empty where the model was never trained, and says why', async () => {
    for (const what of ['forecast', 'explain', 'evaluate']) {
      const { body } = await get<ForecastBody>(of('young', what));
      expect(body).toMatchObject({ state: 'waiting', error: '45 of 120 minutes.', have: 45, need: 120 });
      if (what !== 'evaluate') expect(body.points).toEqual([]);
    }
  });

  test.each(['forecast?minuts=3', 'explain?minuts=3', 'evaluate?x=1', 'forecast?x=1'])(
    'and its like refuse an unknown parameter: %s',
    async (query) => {
      const { status, body } = await get<ErrorAnswer>(of(CHECKOUT, query));
      const name = query.includes('minuts') ? 'minuts' : 'x';
      expect([status, body.error.field, body.error.message]).toEqual([
        400,
        name,
        `There is no parameter ${name}.`,
      ]);
      if (name === 'minuts') expect(body.error.hint).toBe('Did you mean minutes?');
      else expect(body.error.hint).toMatch(/^There (are: |is none: leave every parameter out\.$)/);
    },
  );

  test.each([
    ['minutes=0', 'a whole number from 1 to 10000'],
    ['minutes=10001', 'a whole number from 1 to 10000'],
    ['minutes=soon', 'a whole number from 1 to 10000'],
  ])('refuses %s, naming the parameter and its range', async (query, words) => {
    const { status, body } = await get<ErrorAnswer>(of(CHECKOUT, `forecast?${query}`));
    expect([status, body.error.field]).toEqual([400, 'minutes']);
    expect(body.error.message).toContain(words);
  });

  test('knows names of any length, with slashes and spaces', async () => {
    expect((await get<ForecastBody>(of(LONG, 'forecast?minutes=1'))).body.name).toBe(LONG);
  });
});

describe('GET /api/models/{name}/explain', () => {
  test('gives the last minutes of history and as many of the forecast, in parts and in words', async () => {
    const { body } = await get<ExplainBody>(of(CHECKOUT, 'explain?minutes=2'));
    const historyTo = NOW - (NOW % MINUTE) - 10 * MINUTE;
    expect(body.points.map(({ time, part }) => [time - historyTo, part])).toEqual([
      [-MINUTE, 'history'],
      [0, 'history'],
      [MINUTE, 'forecast'],
      [2 * MINUTE, 'forecast'],
    ]);
    expect(body.points[1]).toEqual({
      time: historyTo,
      part: 'history',
      value: 217,
      expected: 212,
      standard_error: 3,
      lower: null,
      upper: null,
      trend: 180,
      seasonal: { daily: 35, weekly: 6 },
      holiday: 0,
      spikes_and_dips: 4,
      step_changes: -9,
      residual: 1,
      words: 'expected 212: trend 180, Monday 09:20 +41, step since 18 March −9',
    });
    const { value, spikes_and_dips, step_changes, residual, trend } = body.points[1]!;
    expect(trend! + 35 + 6 + step_changes! + spikes_and_dips! + residual!).toBe(value);
    expect(body.points[2]).toMatchObject({ value: null, residual: 0 });
    expect((await get<ExplainBody>(of(CHECKOUT, 'explain'))).body.points.length).toBe(120);
  });

  test('says the unit once where the name of the series tells it', async () => {
    const { body } = await get<ExplainBody>(of(LONG, 'explain?minutes=1'));
    expect(body.points[0]!.words).toMatch(/^expected 212 ms: trend 180, /);
  });

  test('tells judged minutes by what they were judged by, the others as the model sees them', async () => {
    const historyTo = NOW - (NOW % MINUTE) - 10 * MINUTE;
    const expectedThen = { trend: 150, seasons: { daily: 20 }, holiday: 0, stepChanges: 0, stepsMs: [] };
    const band = { standardError: 5, lower: 160, upper: Number.NaN };
    models.verdicts.push(
      { timeMs: (historyTo - MINUTE) * 1000, value: 300, expected: 170, ...band, parts: expectedThen },
      { timeMs: historyTo * 1000, value: 301, expected: 171.5, ...band },
    );
    const span = `from=${historyTo - MINUTE}&to=${historyTo + MINUTE}`;
    const { body } = await get<ExplainBody>(of(CHECKOUT, `explain?${span}&judged=true`));
    expect(body.points.map(({ time, part, expected }) => [time - historyTo, part, expected])).toEqual([
      [-MINUTE, 'judged', 170],
      [0, 'judged', 171.5],
      [MINUTE, 'forecast', 212],
    ]);
    expect(body.points[0]).toEqual({
      time: historyTo - MINUTE,
      part: 'judged',
      value: 300,
      expected: 170,
      standard_error: 5,
      lower: 160,
      upper: null,
      trend: 150,
      seasonal: { daily: 20 },
      holiday: 0,
      spikes_and_dips: null,
      step_changes: 0,
      residual: 130,
      words: 'expected 170: trend 150, 09:19 +20',
    });
    expect(body.points[1]).toMatchObject({
      trend: null,
      seasonal: {},
      step_changes: null,
      words: 'expected 171.5',
    });
    const plain = await get<ExplainBody>(of(CHECKOUT, `explain?${span}`));
    expect(plain.body.points.map(({ part }) => part)).toEqual(['history', 'history', 'forecast']);
    const hour = await get<ExplainBody>(of(CHECKOUT, 'explain?judged=true'));
    expect(hour.body.points.filter(({ part }) => part === 'judged')).toHaveLength(2);
    const both = await get<ErrorAnswer>(of(CHECKOUT, 'explain?judged=true&minutes=3'));
    expect([both.status, both.body.error.field]).toEqual([400, 'minutes']);
    models.verdicts.splice(0);
  });

  test('gives the minutes from and to, that which holds the first included', async () => {
    const from = NOW - 3600;
    const { body } = await get<ExplainBody>(of(CHECKOUT, `explain?from=${from}&to=${from + 60}`));
    expect(body.points.map(({ time }) => time)).toEqual([from - 15, from + 45]);
    const count = async (query: string) =>
      (await get<ExplainBody>(of(CHECKOUT, `explain?${query}`))).body.points.length;
    expect(await count(`from=${NOW - 600}`)).toBe(11);
    expect(await count(`to=${NOW}`)).toBe(61);
  });

  test('tells the time by the clock of the zone asked for', async () => {
    const { body } = await get<ExplainBody>(of(CHECKOUT, 'explain?minutes=1&time_zone=Asia/Tokyo'));
    expect(body.points[0]?.words).toContain('Monday 18:20 +41');
  });

  test.each([
    ['minutes=5&from=1&to=2', 'minutes', 'cannot stand beside'],
    ['minutes=-1', 'minutes', 'a whole number from 1 to 10000'],
    ['from=1743548330', 'from', 'at most 10000 minutes before to'],
    ['from=5&to=4', 'from', 'not be later than to'],
    ['from=0&to=600001', 'from', 'at most 10000 minutes'],
    ['time_zone=Mars/Base', 'time_zone', 'name of a time zone'],
    ['minuts=5', 'minuts', 'no parameter'],
  ])('refuses %s', async (query, field, words) => {
    const { status, body } = await get<ErrorAnswer>(of(CHECKOUT, `explain?${query}`));
    expect([status, body.error.field]).toEqual([400, field]);
    expect(body.error.message).toContain(words);
  });
});

test('GET /api/models/{name}/evaluate gives what ML.EVALUATE does, null where there is nothing to say', async () => {
  expect((await get<EvaluateBody>(of(CHECKOUT, 'evaluate'))).body).toEqual({
    state: 'trained',
    error: null,
    have: null,
    need: null,
    name: CHECKOUT,
    series: CHECKOUT,
    mean_absolute_error: 3.25,
    mean_squared_error: 16,
    root_mean_squared_error: 4,
    mean_absolute_percentage_error: null,
    symmetric_mean_absolute_percentage_error: 0.015,
    mean_absolute_scaled_error: 0.75,
  });
  expect((await get<EvaluateBody>(of('young', 'evaluate'))).body).toMatchObject({
    mean_absolute_error: null,
  });
});

describe('POST /api/models/{name}/train', () => {
  const train = async (name: string, body: unknown) => {
    const answer = await fetch(`${server.url}${of(name, 'train')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as { options: object } & ErrorAnswer };
  };

  test('trains the series with the options given, and answers with its model', async () => {
    const { status, body } = await train(CHECKOUT, { options: { horizon: 60 } });
    expect([status, body.options]).toEqual([200, { horizon: 60 }]);
    expect((await train(CHECKOUT, {})).status).toBe(200);
    expect(models.trained).toEqual([{ series: CHECKOUT, options: { horizon: 60 } }, { series: CHECKOUT }]);
  });

  test('answers 404 for a series that nobody sent, 400 for a body that is none', async () => {
    expect((await train('nothing', {})).status).toBe(404);
    const { status, body } = await train(CHECKOUT, { option: {} });
    expect([status, body.error.field]).toEqual([400, 'option']);
    const list = await train(CHECKOUT, { options: [] });
    expect([list.status, list.body.error.message]).toEqual([400, 'The field options must be an object.']);
    const parameter = await fetch(`${server.url}${of(CHECKOUT, 'train')}?wait=1`, { method: 'POST' });
    expect(parameter.status).toBe(400);
  });

  test('needs no body', async () => {
    const answer = await fetch(`${server.url}${of(CHECKOUT, 'train')}`, { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(models.trained.at(-1)).toEqual({ series: CHECKOUT });
  });
});

test.each(['forecast', 'explain', 'evaluate'])(
  'an unknown model is 404 in /%s, with the nearest name',
  async (what) => {
    const near = await get<ErrorAnswer>(of('latency{service="chekout"}', what));
    expect(near.status).toBe(404);
    expect(near.body.error).toEqual({
      code: 'not_found',
      message: 'There is no model latency{service="chekout"}.',
      field: 'name',
      hint: `Did you mean ${CHECKOUT}?`,
    });
    expect((await get<ErrorAnswer>(of('wait_ms', what))).body.error.hint).toContain('wait_ms{note=');
    expect((await get<ErrorAnswer>(of('nothing', what))).body.error.hint).toBe('GET /api/models lists them.');
  },
);

test('a server without models says so', async () => {
  const bare = await startMemoryServer();
  const list = await fetch(`${bare.url}/api/models`);
  expect(await list.json()).toEqual({ models: [], count: 0, queue: null });
  for (const path of [of('cpu', 'forecast'), of('cpu', 'explain'), of('cpu', 'evaluate')]) {
    const answer = await fetch(bare.url + path);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { message: 'This server keeps no models.' } });
  }
  await bare.close();
});

test('models are read with a read key and trained with a write key', async () => {
  const config = {
    apiKeys: [
      { key: KEYS.read['x-api-key'], access: 'read' },
      { key: KEYS.write['x-api-key'], access: 'write' },
    ],
  } as const;
  const closed = await startMemoryServer(config, { models });
  const status = async (path: string, headers: Record<string, string>, method = 'GET') =>
    (
      await fetch(closed.url + path, {
        method,
        headers: { ...headers, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
        ...(method === 'POST' ? { body: '{}' } : {}),
      })
    ).status;
  for (const path of ['/api/models', of('cpu', 'forecast'), of('cpu', 'explain'), of('cpu', 'evaluate')]) {
    expect(await status(path, {})).toBe(401);
    expect(await status(path, KEYS.read)).toBe(200);
  }
  expect(await status(of('cpu', 'train'), {}, 'POST')).toBe(401);
  expect(await status(of('cpu', 'train'), KEYS.read, 'POST')).toBe(403);
  expect(await status(of('cpu', 'train'), KEYS.write, 'POST')).toBe(200);
  await closed.close();
});

test('GET /api/series tells the newest minute that the model of a series judged', async () => {
  for (const series of ['latency', 'unmodelled']) server.idOf(series);
  const { body } = await get<SeriesBody>('/api/series');
  const minutes = Object.fromEntries(body.series.map((one) => [one.series, one.last_minute]));
  expect(minutes).toEqual({
    latency: { time: NOW - (NOW % MINUTE) - MINUTE, state: 'ok' },
    unmodelled: null,
  });
});
