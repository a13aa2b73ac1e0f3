import { expect, test } from 'vitest';
import type { JudgedCommit } from '../../ports/detection.js';
import { RecentCommits } from './recent-commits.js';

function commit(seq: number, rows: number): JudgedCommit {
  const column = new Float64Array(rows);
  const ids = new Uint32Array(rows);
  const codes = new Uint8Array(rows);
  const batch = { seriesIds: ids, timesMs: column, values: column };
  const verdicts = {
    seriesIds: ids,
    timesMs: column,
    states: codes,
    expected: column,
    lower: column,
    upper: column,
    probability: column,
    score: column,
    alarms: codes,
  };
  return { commit: { seq, batch }, verdicts, components: codes, anomalies: [] };
}

const seqs = (commits: readonly JudgedCommit[]) => commits.map((judged) => judged.commit.seq);

test('gives what came after a number, also where numbers were skipped', () => {
  const recent = new RecentCommits(10, 10_000);
  for (const seq of [11, 12, 15, 16]) recent.push(commit(seq, 1));
  expect(seqs(recent.after(10))).toEqual([11, 12, 15, 16]);
  expect(seqs(recent.after(13))).toEqual([15, 16]);
  expect(seqs(recent.after(16))).toEqual([]);
  expect(recent.newestSeq).toBe(16);
  expect(recent.droppedThroughSeq).toBe(10);
});

test('drops the oldest when there are too many rows, and tells up to where', () => {
  const recent = new RecentCommits(0, 1000);
  for (let seq = 1; seq <= 1000; seq++) recent.push(commit(seq, 80));
  expect(seqs(recent.after(0))).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1000]);
  expect(recent.droppedThroughSeq).toBe(990);
});

test('a commit larger than all of it is not kept', () => {
  const recent = new RecentCommits(0, 1000);
  recent.push(commit(1, 5000));
  expect(recent.after(0)).toEqual([]);
  expect(recent.droppedThroughSeq).toBe(1);
});
