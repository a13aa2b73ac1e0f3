import type { AnomaliesBody, SamplesBody, SeriesBody } from '@seismo/server/serve/schemas';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startMemoryServer } from './support/memory-services.js';

const NOW_MS = 1_743_548_400_000;
let server: Awaited<ReturnType<typeof startMemoryServer>>;
beforeEach(async () => {
  server = await startMemoryServer({}, {}, NOW_MS);
  for (const service of ['checkout', 'search']) server.idOf('latency', { service });
});
afterEach(() => server.close());

const CHECKOUT = 'latency{service="checkout"}';
const SEARCH = 'latency{service="search"}';

async function get<T>(path: string): Promise<{ status: number; body: T }> {
  const answer = await fetch(server.url + path);
  return { status: answer.status, body: (await answer.json()) as T };
}

function anomaly(series: string, timeMs: number, alarm = false) {
  return { series, timeMs, value: 99, state: 'anomalous' as const, alarm };
}

describe('GET /get_anomalies', () => {
  test('gives newest first with every field', async () => {
    server.judge([anomaly(CHECKOUT, NOW_MS - 2000, true), anomaly(SEARCH, NOW_MS - 500)]);
    const { status, body } = await get<AnomaliesBody>('/get_anomalies');
    expect(status).toBe(200);
    expect(body.anomalies).toHaveLength(2);
    expect(body.anomalies[0]).toEqual({
      timestamp: 1_743_548_399,
      time: '2025-04-01T22:59:59.500Z',
      series: SEARCH,
      name: 'latency',
      labels: { service: 'search' },
      value: 99,
      expected: 10,
      lower_bound: 8,
      upper_bound: 12,
      anomaly_probability: 0.9999,
      is_anomaly: true,
      alarm: false,
      detector: 'steered',
      component: 'time_of_day',
      review: null,
    });
    expect(body.next_cursor).toBeNull();
  });

  test('tells a minute that late samples have confirmed from one that they took back', async () => {
    const seriesId = server.idOf('reviewed');
    const minute = { seriesId, value: 99, expected: 10, lower: 8, upper: 12, probability: 1, score: 9 };
    const found = { ...minute, alarm: true, detector: 'arima_plus' };
    server.anomalies.push(
      { ...found, timeMs: NOW_MS - 60_000, review: 'confirmed' },
      { ...found, timeMs: NOW_MS - 120_000, review: 'withdrawn' },
    );
    const { body } = await get<AnomaliesBody>('/get_anomalies?series=reviewed');
    expect(body.anomalies.map(({ review, is_anomaly }) => [review, is_anomaly])).toEqual([
      ['confirmed', true],
      ['withdrawn', false],
    ]);
  });

  test('filters by series, name, label, time, probability, alarm and detector', async () => {
    server.idOf('cpu');
    server.judge([
      anomaly(CHECKOUT, NOW_MS - 3000, true),
      anomaly(SEARCH, NOW_MS - 2000),
      anomaly('cpu', NOW_MS),
    ]);
    const found = async (query: string) =>
      (await get<AnomaliesBody>(`/get_anomalies?${query}`)).body.anomalies.map((one) => one.series);
    expect(await found(`series=${encodeURIComponent(SEARCH)}`)).toEqual([SEARCH]);
    expect(await found('series=latency')).toEqual([SEARCH, CHECKOUT]);
    expect(await found('series=latency&series=cpu')).toEqual(['cpu', SEARCH, CHECKOUT]);
    expect(await found('label.service=checkout')).toEqual([CHECKOUT]);
    expect(await found('series=nothing')).toEqual([]);
    expect(await found(`from=${(NOW_MS - 2000) / 1000}`)).toEqual(['cpu', SEARCH]);
    expect(await found('to=2025-04-01T22:59:58Z')).toEqual([SEARCH, CHECKOUT]);
    expect(await found('to=2025-04-02T00:59:58+02:00')).toEqual([SEARCH, CHECKOUT]);
    expect(await found('min_probability=0.99999')).toEqual([]);
    expect(await found('alarms_only=true')).toEqual([CHECKOUT]);
    expect(await found('detector=steered')).toEqual(['cpu', SEARCH, CHECKOUT]);
    expect(await found('detector=arima_plus')).toEqual([]);
  });

  test('pages meet without gap or repeat while new anomalies arrive', async () => {
    for (let i = 0; i < 25; i++) server.judge([anomaly(CHECKOUT, NOW_MS - i * 1000)]);
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const path: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await get<AnomaliesBody>(`/get_anomalies?limit=10${path}`);
      seen.push(...body.anomalies.map((one) => one.timestamp));
      cursor = body.next_cursor;
      server.judge([anomaly(SEARCH, NOW_MS + seen.length * 1000)]);
    } while (cursor !== null);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => NOW_MS / 1000 - i));
  });

  test('a cursor belongs to its filters, whatever the size of the page', async () => {
    for (let i = 0; i < 3; i++) server.judge([anomaly(CHECKOUT, NOW_MS - i * 1000)]);
    const { body } = await get<AnomaliesBody>('/get_anomalies?limit=1&series=latency');
    const next = `cursor=${body.next_cursor}&series=latency`;
    expect((await get<AnomaliesBody>(`/get_anomalies?${next}&limit=5`)).body.anomalies).toHaveLength(2);
    const other = await get<{ error: object }>(`/get_anomalies?${next}&alarms_only=true`);
    expect(other.status).toBe(400);
    expect(other.body.error).toMatchObject({
      field: 'cursor',
      hint: expect.stringContaining('same filters'),
    });
  });

  test.each([
    ['limit=1&limit=2', 'limit', 'only once'],
    ['series=', 'series', 'must not be empty'],
    ['from=2026-11-22T18:01:08', 'from', 'has no time zone'],
    ['limit=0', 'limit', 'a whole number from 1 to 10000'],
    ['limit=10001', 'limit', 'a whole number from 1 to 10000'],
    ['limit=ten', 'limit', 'whole number'],
    ['from=yesterday', 'from', 'seconds since 1970'],
    ['to=1743548330000', 'to', 'not milliseconds'],
    ['from=200&to=100', 'from', 'not be later'],
    ['min_probability=1.5', 'min_probability', 'a number from 0 to 1'],
    ['alarms_only=maybe', 'alarms_only', 'true or false'],
    ['cursor=xyz', 'cursor', 'not one that was given out'],
    ['sereis=cpu', 'sereis', 'no parameter'],
    ['label.=host', 'label.', 'no parameter'],
    ['label.two%20words=host', 'label.two words', 'no parameter'],
    ['labels.source=host', 'labels.source', 'no parameter'],
  ])('%s answers 400 and names the parameter', async (query, field, message) => {
    const { status, body } = await get<{ error: { field: string; message: string; hint?: string } }>(
      `/get_anomalies?${query}`,
    );
    expect(status).toBe(400);
    expect(body.error.field).toBe(field);
    expect(body.error.message).toContain(message);
    if (field === 'sereis') expect(body.error.hint).toBe('Did you mean series?');
    if (field.startsWith('label')) expect(body.error.hint).toMatch(/label\.NAME[.?]$/);
  });
});

describe('GET /api/series', () => {
  test('gives every series worst first, silent ones as no_data', async () => {
    server.judge([
      { series: CHECKOUT, timeMs: NOW_MS - 1000, value: 10, state: 'ok' },
      { series: SEARCH, timeMs: NOW_MS - 1000, value: 50, state: 'anomalous' },
      { series: 'cpu', timeMs: NOW_MS - 60_000, value: 9, state: 'ok' },
    ]);
    const { body } = await get<SeriesBody>('/api/series');
    expect(body.series.map((one) => [one.series, one.state])).toEqual([
      [SEARCH, 'anomalous'],
      [CHECKOUT, 'ok'],
      ['cpu', 'no_data'],
    ]);
    expect(body.series[0]?.last_anomaly).toBe(NOW_MS / 1000 - 1);
    expect(body.series[2]?.last?.state).toBe('ok');
    expect(body.count).toBe(3);
    expect(body.states).toEqual({ anomalous: 1, ok: 1, no_data: 1, warming_up: 0, unknown: 0 });
  });

  test('calls a series unknown whose newest sample no clock of now would have taken', async () => {
    server.judge([{ series: CHECKOUT, timeMs: NOW_MS + 86_400_000, value: 10, state: 'ok' }]);
    const { body } = await get<SeriesBody>(`/api/series?series=${encodeURIComponent(CHECKOUT)}`);
    expect(body.series.map(({ state }) => state)).toEqual(['unknown']);
  });

  test('counts all and gives the worst of many, by name where they are alike', async () => {
    const name = (i: number) => `many_${String(i).padStart(3, '0')}`;
    for (let i = 499; i >= 0; i--) {
      const verdict = i % 100 === 7 ? ({ value: 50, state: 'anomalous' } as const) : { value: 10 };
      server.judge([{ series: name(i), timeMs: NOW_MS, state: 'ok', ...verdict }]);
    }
    const { body } = await get<SeriesBody>('/api/series?limit=8');
    expect(body.series.map((one) => one.series)).toEqual([7, 107, 207, 307, 407, 0, 1, 2].map(name));
    expect(body.states).toMatchObject({ anomalous: 5, ok: 495 });
  });

  test('finds series by words of their name and labels', async () => {
    for (const series of [CHECKOUT, SEARCH, 'cpu']) server.judge([{ series, timeMs: NOW_MS, value: 1 }]);
    const found = async (search: string) => {
      const { body } = await get<SeriesBody>(`/api/series?search=${encodeURIComponent(search)}`);
      expect(body.count).toBe(body.series.length);
      return body.series.map((one) => one.series).sort();
    };
    expect(await found('LATENCY')).toEqual([CHECKOUT, SEARCH]);
    expect(await found('latency service=check')).toEqual([CHECKOUT]);
    expect(await found('nothing')).toEqual([]);
    expect(await found(' ')).toHaveLength(3);
  });

  test('tells have and need of a series that is learning', async () => {
    server.judge([{ series: CHECKOUT, timeMs: NOW_MS, value: 10 }]);
    const { body } = await get<SeriesBody>('/api/series?label.service=checkout');
    expect(body.series).toMatchObject([{ state: 'warming_up', have: 3, need: 60, last: { expected: null } }]);
  });
});

describe('GET /api/samples', () => {
  test('gives columns of one series', async () => {
    server.judge([{ series: CHECKOUT, timeMs: NOW_MS - 1500, value: 10, state: 'ok' }]);
    const { status, body } = await get<SamplesBody>(`/api/samples?series=${encodeURIComponent(CHECKOUT)}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      series: CHECKOUT,
      from: NOW_MS / 1000 - 3600,
      to: NOW_MS / 1000,
      time: [NOW_MS / 1000 - 1.5],
      value: [10],
      state: ['ok'],
      alarm: [false],
    });
  });

  test('an unknown series answers 404, a bare name says how to name it in full', async () => {
    expect((await get('/api/samples?series=nothing')).status).toBe(404);
    const { status, body } = await get<{ error: { hint: string } }>('/api/samples?series=latency');
    expect(status).toBe(404);
    expect(body.error.hint).toContain(CHECKOUT);
  });

  test('the series must be given', async () => {
    const { status, body } = await get<{ error: { field: string } }>('/api/samples');
    expect(status).toBe(400);
    expect(body.error.field).toBe('series');
  });
});

test('health is 200 always, ready is 503 with the reason until samples can be taken', async () => {
  expect((await get('/ready')).status).toBe(200);
  server.steering.ready = false;
  expect((await get('/health')).status).toBe(200);
  const { status, body } = await get('/ready');
  expect(status).toBe(503);
  expect(body).toMatchObject({
    error: { code: 'not_ready', message: 'Samples cannot be taken: the disk is full.' },
  });
});

test('unknown paths answer 404, a wrong method 405 with Allow', async () => {
  expect(await get('/api/nothing')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  const answer = await fetch(`${server.url}/get_anomalies`, { method: 'DELETE' });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
  expect(await answer.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
});
