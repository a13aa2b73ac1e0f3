import { VERDICT_STATES } from '@seismo/engine';
import { expect, test } from 'vitest';
import type { JudgedCommit } from '../ports/detection.js';
import type { SampleColumns } from '../ports/sample-store.js';
import { withFreshVerdicts } from './fresh-verdicts.js';

const [OK, UNKNOWN] = [VERDICT_STATES.indexOf('ok'), VERDICT_STATES.indexOf('unknown')];

function stored(timesMs: number[], states: number[]): SampleColumns {
  const none = () => new Float64Array(timesMs.length).fill(Number.NaN);
  return {
    timesMs: Float64Array.from(timesMs),
    values: Float64Array.from(timesMs),
    states: Uint8Array.from(states),
    expected: none(),
    lower: none(),
    upper: none(),
    probability: none(),
    alarms: new Uint8Array(timesMs.length),
    total: timesMs.length,
    downsampled: false,
  };
}

function commit(seq: number, rows: { id: number; timeMs: number; state: number; lower: number }[]) {
  const seriesIds = Uint32Array.from(rows, (row) => row.id);
  const timesMs = Float64Array.from(rows, (row) => row.timeMs);
  const lower = Float64Array.from(rows, (row) => row.lower);
  const states = Uint8Array.from(rows, (row) => row.state);
  const verdicts = {
    ...{ seriesIds, timesMs, states, lower },
    ...{ expected: lower, upper: lower, probability: lower, score: lower },
    alarms: new Uint8Array(rows.length).fill(1),
  };
  const judged: JudgedCommit = {
    commit: { seq, batch: { seriesIds, timesMs, values: timesMs } },
    verdicts,
    components: new Uint8Array(rows.length),
    anomalies: [],
  };
  return judged;
}

test('fills what the store does not say yet, of this series and this time only', () => {
  const before = stored([1, 2, 3], [OK, UNKNOWN, UNKNOWN]);
  const commits = [
    commit(1, [
      { id: 7, timeMs: 1, state: OK, lower: 10 },
      { id: 7, timeMs: 2, state: OK, lower: 20 },
    ]),
    commit(2, [
      { id: 8, timeMs: 3, state: OK, lower: 30 },
      { id: 7, timeMs: 4, state: OK, lower: 40 },
    ]),
  ];
  const after = withFreshVerdicts(before, 7, commits);
  expect([...after.states]).toEqual([OK, OK, UNKNOWN]);
  expect([...after.lower]).toEqual([Number.NaN, 20, Number.NaN]);
  expect([...after.alarms]).toEqual([0, 1, 0]);
  expect([...before.states]).toEqual([OK, UNKNOWN, UNKNOWN]);
});

test('a repeat, which has no verdict, does not hide the first one', () => {
  const commits = [
    commit(1, [{ id: 7, timeMs: 2, state: OK, lower: 20 }]),
    commit(2, [{ id: 7, timeMs: 2, state: UNKNOWN, lower: Number.NaN }]),
  ];
  expect([...withFreshVerdicts(stored([2], [UNKNOWN]), 7, commits).states]).toEqual([OK]);
});
