import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MINUTE_MS,
  MlHarness,
  madeRows,
  madeSeries,
  micros,
  records,
  rows,
  START_MS,
} from './support/ml-harness.js';

const COUNT = 300;
const HORIZON = 30;
const AHEAD_MS = START_MS + COUNT * MINUTE_MS;
const SETTINGS = { anomaly_prob_threshold: 0.95 };
const DAY_MS = 86_400_000;

describe('rows that a model has no verdict of', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
    await harness.create('one', madeRows(COUNT), { HORIZON });
  });
  afterAll(() => harness.close());

  const judge = (timesMs: readonly (number | null)[], values: readonly (number | null)[]) =>
    harness.call(
      'DETECT_ANOMALIES',
      'one',
      SETTINGS,
      rows({
        ts: ['TIMESTAMP', timesMs.map((timeMs) => (timeMs === null ? null : micros(timeMs)))],
        value: ['FLOAT64', values],
      }),
    );

  it('keep their place with NULL in all four columns, and are counted by reason', async () => {
    const timesMs = [
      START_MS - MINUTE_MS,
      START_MS + 7 * MINUTE_MS,
      AHEAD_MS - MINUTE_MS,
      AHEAD_MS,
      AHEAD_MS + 20_000,
      AHEAD_MS + (HORIZON - 1) * MINUTE_MS,
      AHEAD_MS + HORIZON * MINUTE_MS,
      AHEAD_MS + MINUTE_MS,
      null,
    ];
    const { rows: found, notes } = await judge(timesMs, [10, 10, 10, 10, 10, 10, 10, null, 10]);
    const judged = records(found).map(({ is_anomaly, lower_bound, upper_bound, anomaly_probability }) => {
      const nulls = [is_anomaly, lower_bound, upper_bound, anomaly_probability].filter((one) => one === null);
      expect([0, 4]).toContain(nulls.length);
      return nulls.length === 0;
    });
    expect(judged).toEqual([false, false, false, true, false, true, false, false, false]);
    expect(records(found).map(({ ts }) => ts)).toEqual(
      timesMs.map((timeMs) => (timeMs === null ? null : micros(timeMs))),
    );
    expect(notes.map(({ reason, rows: count }) => [reason, count])).toEqual([
      ['no_value', 1],
      ['no_timestamp', 1],
      ['within_history', 3],
      ['past_horizon', 1],
      ['off_frequency', 1],
    ]);
  });

  it('are all of them where the training data themselves are passed, and the form that works is named', async () => {
    const { rows: found, notes } = await harness.call('DETECT_ANOMALIES', 'one', SETTINGS, madeRows(COUNT));
    expect(records(found).every(({ is_anomaly }) => is_anomaly === null)).toBe(true);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatchObject({ reason: 'within_history', rows: COUNT });
    expect(notes[0]!.message).toContain('300 rows without a verdict (NULL)');
    expect(notes[0]!.message).toContain('(up to 2026-01-05T04:59:00.000Z)');
    expect(notes[0]!.message).toContain(
      'ML.DETECT_ANOMALIES(MODEL `ds.one`, STRUCT(0.95 AS anomaly_prob_threshold))',
    );
  });

  it('are none where there is nothing to say', async () => {
    const { notes } = await judge([AHEAD_MS, AHEAD_MS + MINUTE_MS], [10, 11]);
    expect(notes).toEqual([]);
  });

  it('are left out of an evaluation, and counted there too', async () => {
    const input = rows({
      ts: ['TIMESTAMP', [START_MS, AHEAD_MS, AHEAD_MS + 30_000].map(micros)],
      value: ['FLOAT64', [1, 10, 10]],
    });
    const { rows: found, notes } = await harness.call(
      'EVALUATE',
      'one',
      { perform_aggregation: false },
      input,
    );
    expect(records(found).map(({ ts }) => ts)).toEqual([AHEAD_MS * 1000]);
    expect(notes.map(({ reason, rows: count }) => [reason, count])).toEqual([
      ['within_history', 1],
      ['off_frequency', 1],
    ]);
    const none = await harness.call('EVALUATE', 'one', {}, madeRows(3));
    expect(Object.values(records(none.rows)[0]!)).toEqual(Array(6).fill(null));
  });

  it('of what was interpolated in the history have NULL too', async () => {
    const { timesMs, values } = madeSeries(120);
    const kept = timesMs.map((_, at) => at).filter((at) => at < 50 || at >= 53);
    await harness.create(
      'gap',
      rows({
        ts: ['TIMESTAMP', kept.map((at) => micros(timesMs[at]!))],
        value: ['FLOAT64', kept.map((at) => values[at]!)],
      }),
    );
    const { rows: found } = await harness.call('DETECT_ANOMALIES', 'gap', SETTINGS);
    const without = records(found).filter(({ is_anomaly }) => is_anomaly === null);
    expect(without.map(({ ts, value }) => [ts, value])).toEqual(
      [50, 51, 52].map((at) => [timesMs[at]! * 1000, null]),
    );
  });
});

describe('verdicts', () => {
  let harness: MlHarness;
  beforeAll(async () => {
    harness = await new MlHarness().open();
  });
  afterAll(() => harness.close());

  it('hold probability, bounds and threshold together as BigQuery does', async () => {
    await harness.create('one', madeRows(COUNT));
    const input = rows({
      ts: ['TIMESTAMP', Array.from({ length: 20 }, (_, at) => micros(AHEAD_MS + at * MINUTE_MS))],
      value: ['FLOAT64', Array.from({ length: 20 }, (_, at) => 6 + at)],
    });
    for (const [threshold, point] of [
      [0.95, 1.959963984540054],
      [0.5, 0.6744897501960817],
      [0.01, 0.012533469508069276],
    ] as const) {
      const { rows: found } = await harness.call(
        'DETECT_ANOMALIES',
        'one',
        { anomaly_prob_threshold: threshold },
        input,
      );
      for (const row of records(found)) {
        const [lower, upper, value] = [row.lower_bound, row.upper_bound, row.value] as number[];
        const probability = row.anomaly_probability as number;
        expect(row.is_anomaly).toBe(probability > threshold);
        expect(row.is_anomaly).toBe(value! < lower! || value! > upper!);
        const z = Math.abs(value! - (lower! + upper!) / 2) / ((upper! - lower!) / 2 / point);
        if (z < 5) expect(inverseOfErf(probability)).toBeCloseTo(z, 5);
      }
    }
  });

  it('of a threshold of 0 flag every value that is not the forecast itself', async () => {
    await harness.create('zero', madeRows(COUNT));
    const input = rows({ ts: ['TIMESTAMP', [micros(AHEAD_MS)]], value: ['FLOAT64', [10]] });
    const { rows: found } = await harness.call(
      'DETECT_ANOMALIES',
      'zero',
      { anomaly_prob_threshold: 0 },
      input,
    );
    const [row] = records(found);
    expect(row!.is_anomaly).toBe(true);
    expect(row!.lower_bound).toBe(row!.upper_bound);
  });

  it('are the same of DATE, DATETIME and TIMESTAMP, and come as TIMESTAMP', async () => {
    const { timesMs, values } = madeSeries(90, { stepMs: DAY_MS });
    const forms = {
      DATE: (timeMs: number) => timeMs / DAY_MS,
      DATETIME: micros,
      TIMESTAMP: micros,
    } as const;
    const answers = [];
    for (const [type, form] of Object.entries(forms) as [keyof typeof forms, (timeMs: number) => unknown][]) {
      const input = (from: number, to: number) =>
        rows({ ts: [type, timesMs.slice(from, to).map(form)], value: ['FLOAT64', values.slice(from, to)] });
      await harness.create(`by_${type}`, input(0, 80));
      const ahead = await harness.call('DETECT_ANOMALIES', `by_${type}`, SETTINGS, input(80, 90));
      expect(ahead.rows.columns[0]).toEqual({ name: 'ts', type: 'TIMESTAMP' });
      const history = await harness.call('DETECT_ANOMALIES', `by_${type}`, SETTINGS);
      answers.push([ahead, history].map(({ rows: found }) => withTimesAsText(records(found))));
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(answers[0]![0]!.every(({ is_anomaly }) => is_anomaly !== null)).toBe(true);
  });

  it('of INT64 and NUMERIC values come as FLOAT64', async () => {
    const { timesMs, values } = madeSeries(60);
    const whole = values.map((value) => Math.round(value * 100));
    const data = {
      INT64: whole.map((value) => BigInt(value)),
      NUMERIC: whole.map((value) => `${value}`),
      FLOAT64: whole,
    } as const;
    const answers = [];
    for (const [type, list] of Object.entries(data) as [keyof typeof data, readonly unknown[]][]) {
      const input = rows({ ts: ['TIMESTAMP', timesMs.map(micros)], value: [type, list] });
      await harness.create(`of_${type}`, input);
      const later = rows({ ts: ['TIMESTAMP', [micros(timesMs[59]! + MINUTE_MS)]], value: [type, [list[0]]] });
      const { rows: found } = await harness.call('DETECT_ANOMALIES', `of_${type}`, SETTINGS, later);
      expect(found.columns[1]).toEqual({ name: 'value', type: 'FLOAT64' });
      answers.push(records(found));
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('come before the further columns of the input, which are kept as they are', async () => {
    await harness.create('kept', madeRows(COUNT));
    const input = rows({
      host: ['STRING', ['a', null]],
      VALUE: ['FLOAT64', [10, 11]],
      Ts: ['TIMESTAMP', [micros(AHEAD_MS), micros(START_MS)]],
      seen: ['INT64', [5n, null]],
    });
    const { rows: found } = await harness.call('DETECT_ANOMALIES', 'kept', SETTINGS, input);
    const names = ['is_anomaly', 'lower_bound', 'upper_bound', 'anomaly_probability'];
    expect(found.columns.map(({ name }) => name)).toEqual(['ts', 'value', ...names, 'host', 'seen']);
    expect(records(found)[0]).toMatchObject({ host: 'a', seen: 5n, is_anomaly: expect.any(Boolean) });
    expect(records(found)[1]).toMatchObject({ host: null, seen: null, is_anomaly: null });
  });
});

function withTimesAsText(found: Record<string, unknown>[]): Record<string, unknown>[] {
  return found.map((row) => ({ ...row, ts: String(row.ts) }));
}

/** The z for which erf(z / √2) is p: by halving, on the same series of erf that any table has. */
function inverseOfErf(p: number): number {
  let [low, high] = [0, 8];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (erf(middle / Math.SQRT2) < p) low = middle;
    else high = middle;
  }
  return low;
}

function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
