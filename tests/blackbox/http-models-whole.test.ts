import type {
  EvaluateBody,
  ExplainBody,
  ForecastBody,
  ModelItem,
  ModelsBody,
} from '@seismo/server/serve/model-schemas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../scenario/support/scenario-pipeline.js';
import { type RunningServer, startServer } from './support/start-server.js';

/** A real server as a process, with three days of minutes of a series that has a daily season and took a step. */

const MINUTE = 60;
const DAY = 86_400;
const CHECKOUT = 'latency{service="checkout"}';
const LAST = Math.floor(Date.now() / 1000 / MINUTE) * MINUTE - 3 * MINUTE;
const FIRST = LAST - 3 * DAY + MINUTE;
const STEP = LAST - 8 * 3600;
const STEP_SIZE = 60;
/** At its height with the last minute, at whatever time of day this runs. */
const season = (time: number) => 40 * Math.cos((2 * Math.PI * (time - LAST)) / DAY);

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
  const random = seededRandom(5);
  const noise = () => random() + random() + random() - 1.5;
  const items: object[] = [];
  for (let time = FIRST; time <= LAST; time += MINUTE) {
    const latency = 200 + season(time) + (time >= STEP ? STEP_SIZE : 0) + 3 * noise();
    items.push({ timestamp: time + 7, latency, labels: { service: 'checkout' } });
  }
  await post(items);
  await post([{ timestamp: LAST, young: 1 }]);
});
afterAll(() => server.stop());

async function post(items: unknown): Promise<void> {
  const answer = await fetch(`${server.url}/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(items),
  });
  expect(answer.status).toBe(202);
}
const of = (name: string, what: string) => `${server.url}/api/models/${encodeURIComponent(name)}/${what}`;

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  expect(answer.status, url).toBe(200);
  return (await answer.json()) as T;
}

async function train(name: string, body: unknown = {}): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(of(name, 'train'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

interface ErrorAnswer {
  readonly error: { message: string; field?: string; hint?: string };
}

describe('the model of a series on a running server', () => {
  let model: ModelItem;

  test('is trained when asked, on all whole minutes, and knows season and step', async () => {
    const { status, body } = await train(CHECKOUT);
    expect([status, body]).toMatchObject([200, { name: CHECKOUT, series: CHECKOUT, state: 'trained' }]);
    model = body as ModelItem;
    expect(model).toMatchObject({ history_from: FIRST, history_to: LAST, error: null, options: {} });
    expect(model.horizon_end).toBe(LAST + 1000 * MINUTE);
    expect(model.seasonal_periods).toContain('DAILY');
    const [step] = model.step_changes.filter(({ size }) => Math.abs(size - STEP_SIZE) < 10);
    expect(Math.abs((step?.time ?? 0) - STEP)).toBeLessThanOrEqual(10 * MINUTE);
  });

  test('is listed with the queue', async () => {
    const { models, count, queue } = await get<ModelsBody>(`${server.url}/api/models?series=latency`);
    expect(count).toBe(1);
    expect(models[0]).toMatchObject({ name: CHECKOUT, trained_at: model.trained_at });
    expect(models[0]?.age_seconds).toBeGreaterThanOrEqual(0);
    expect(queue?.workers).toBeGreaterThanOrEqual(1);
    expect(queue?.seconds_to_train_all).toBeGreaterThan(0);
  });

  test('forecasts the minutes ahead of now, with bounds around each', async () => {
    const asked = Date.now() / 1000;
    const { points } = await get<ForecastBody>(of(CHECKOUT, 'forecast?minutes=10000'));
    const [first] = points as [(typeof points)[0]];
    // The minute under way, or the one before it, which closes half a minute after its end.
    expect(first.time).toBeGreaterThan(asked - 3 * MINUTE);
    expect(first.time).toBeGreaterThan(LAST);
    expect(points.map(({ time }) => time)).toEqual(points.map((_, i) => first.time + i * MINUTE));
    expect(points.at(-1)!.time).toBe(LAST + 1000 * MINUTE);
    for (const { expected, lower, upper } of points) {
      expect(lower).toBeLessThan(expected!);
      expect(upper).toBeGreaterThan(expected!);
    }
    const off = points.slice(0, 120).map(({ time, expected }) => expected! - 200 - STEP_SIZE - season(time));
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(25);
  });

  test('explains its history in parts that add up to what was measured', async () => {
    const { points } = await get<ExplainBody>(of(CHECKOUT, `explain?from=${FIRST}&to=${LAST}`));
    expect(points.length).toBe((3 * DAY) / MINUTE);
    for (const point of points) {
      const seasonal = Object.values(point.seasonal).reduce<number>((sum, one) => sum + one!, 0);
      const expected = point.trend! + seasonal + point.holiday! + point.step_changes!;
      expect(point.expected).toBeCloseTo(expected, 9);
      expect(expected + point.spikes_and_dips! + point.residual!).toBeCloseTo(point.value!, 9);
    }
    const last = points.at(-1)!;
    expect(last.part).toBe('history');
    const clock = new Date(LAST * 1000).toISOString().slice(11, 16);
    expect(last.words).toMatch(new RegExp(`^expected \\d+(\\.\\d+)?: trend \\d.*${clock} \\+\\d`));
    expect(last.words).toMatch(/, (step since|\d+ steps until) .* \+\d/);
  });

  test('explains the minutes ahead too, as what it expects', async () => {
    const { points } = await get<ExplainBody>(of(CHECKOUT, 'explain?minutes=60'));
    expect(points.map(({ part }) => part)).toEqual([
      ...Array(60).fill('history'),
      ...Array(60).fill('forecast'),
    ]);
    const forecast = await get<ForecastBody>(of(CHECKOUT, 'forecast?minutes=3'));
    expect(forecast.points).toHaveLength(3);
    for (const { time, expected } of forecast.points) {
      const explained = points.find((one) => one.time === time);
      expect(explained).toMatchObject({ part: 'forecast', value: null, residual: 0 });
      expect(explained?.expected).toBeCloseTo(expected!, 6);
    }
  });

  test('was off by nothing yet before a minute has come since', async () => {
    const error = await get<EvaluateBody>(of(CHECKOUT, 'evaluate'));
    expect(error).toMatchObject({ name: CHECKOUT, mean_absolute_error: null });
  });

  test('keeps the options that it was trained with, and refuses those that are wrong by name and range', async () => {
    const { status, body } = await train(CHECKOUT, { options: { horizon: 20_000 } });
    expect(status).toBe(400);
    expect((body as ErrorAnswer).error.message).toMatch(/HORIZON.*10,?000/);
    const shorter = await train(CHECKOUT, { options: { horizon: 120 } });
    expect(shorter.body).toMatchObject({ options: { horizon: 120 }, horizon_end: LAST + 120 * MINUTE });
    const { points } = await get<ForecastBody>(of(CHECKOUT, 'forecast?minutes=1000'));
    expect(points.at(-1)!.time).toBe(LAST + 120 * MINUTE);
    for (const [options, words] of [
      [{ horizon: 60 }, /HORIZON must be 120 to 10000 minutes here, not 60/],
      [{ frequency: 'HOURLY' }, /DATA_FREQUENCY is PER_MINUTE here, not HOURLY/],
      [{ decomposeTimeSeries: false }, /DECOMPOSE_TIME_SERIES must be true here/],
      [{ holidays: [{ name: 'x' }] }, /no effect on minutes/],
      [{ horizon: 200, HORIZON: 300 }, /The option horizon stands there twice/],
    ] as const) {
      const refused = await train(CHECKOUT, { options });
      expect([refused.status, (refused.body as ErrorAnswer).error.field]).toEqual([400, 'options']);
      expect((refused.body as ErrorAnswer).error.message).toMatch(words);
    }
  });

  test('is trained by one at a time: who asks meanwhile waits and is answered in turn', async () => {
    const asked = [120, 150, 120, 150].map((horizon) => train(CHECKOUT, { options: { horizon } }));
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const last = (await train(CHECKOUT, { options: { horizon: 120 } })).body as ModelItem;
    expect(last).toMatchObject({ state: 'trained', horizon_end: LAST + 120 * MINUTE });
  });

  test('is there with the same forecast after a restart', async () => {
    const before = await get<ForecastBody>(of(CHECKOUT, 'forecast'));
    const explained = await get<ExplainBody>(of(CHECKOUT, 'explain?minutes=30'));
    const { dataFolder } = server;
    await server.kill();
    const again = await startServer({ args: ['--data', dataFolder] });
    const first = server;
    server = {
      ...again,
      async stop() {
        await again.stop();
        return first.stop();
      },
    };
    const { points } = await get<ForecastBody>(of(CHECKOUT, 'forecast'));
    const shared = before.points.filter(({ time }) => time >= points[0]!.time);
    expect(shared.length).toBeGreaterThan(50);
    expect(points.slice(0, shared.length)).toEqual(shared);
    expect(await get<ExplainBody>(of(CHECKOUT, 'explain?minutes=30'))).toEqual(explained);
    const { models } = await get<ModelsBody>(`${server.url}/api/models?series=latency`);
    expect(models[0]).toMatchObject({ state: 'trained', options: { horizon: 120 } });
  });
});

test('a series with too little history has no model, and says what it lacks', async () => {
  const { status, body } = await train('young');
  expect([status, (body as ErrorAnswer).error.hint]).toEqual([
    400,
    'It is trained by itself as soon as there is enough.',
  ]);
  expect((body as ErrorAnswer).error.message).toMatch(/^young cannot be trained yet: .*\d+ minutes/);
  const { models } = await get<ModelsBody>(`${server.url}/api/models?series=young`);
  expect(models.filter(({ state }) => state === 'failed')).toEqual([]);
});

test('a series that nobody sent is 404, a model with a slip in its name names the nearest', async () => {
  expect((await train('nothing')).status).toBe(404);
  const answer = await fetch(of('latency{service="chekout"}', 'forecast'));
  expect(answer.status).toBe(404);
  expect(((await answer.json()) as ErrorAnswer).error.hint).toBe(`Did you mean ${CHECKOUT}?`);
});

test('a server started without models says so', async () => {
  const bare = await startServer({ args: ['--models-max', '0'] });
  const answer = await fetch(`${bare.url}/api/models`);
  expect(await answer.json()).toEqual({ models: [], count: 0, queue: null });
  const train = await fetch(`${bare.url}/api/models/cpu/evaluate`);
  expect(train.status).toBe(404);
  await bare.stop();
});
