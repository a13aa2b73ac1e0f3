import { expect, test } from 'vitest';
import type { Anomaly } from '../../model/verdict.js';
import { RecentFindings } from './recent-findings.js';

const found = (count: number): Anomaly[] => new Array<Anomaly>(count).fill({ seriesId: 1 } as Anomaly);

test('gives what was found after a round, and who has seen a commit what came with or after it', () => {
  const recent = new RecentFindings();
  expect([recent.newest, recent.toldBy(5)]).toEqual([0, 0]);
  recent.push(found(1), 10);
  recent.push(found(2), 20);
  expect(recent.after(0)).toHaveLength(3);
  expect(recent.after(1)).toHaveLength(2);
  expect(recent.after(recent.newest)).toEqual([]);
  expect([5, 10, 15, 20, 25].map((seq) => recent.toldBy(seq))).toEqual([0, 0, 1, 1, 2]);
});

test('keeps so many anomalies, the newest round whole whatever its size', () => {
  const recent = new RecentFindings();
  for (let round = 0; round < 30; round++) recent.push(found(1000), round);
  expect(recent.after(0)).toHaveLength(10_000);
  recent.push(found(20_000), 31);
  expect(recent.after(0)).toHaveLength(20_000);
});
