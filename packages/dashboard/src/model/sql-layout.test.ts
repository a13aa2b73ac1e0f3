import { describe, expect, it } from 'vitest';
import { isBetterApart, timesOf, widest } from './sql-layout.js';

const line = (name: string, ...value: number[]) => ({
  name,
  time: value.map((_, k) => 60 * k),
  value,
  isAnomaly: value.map(() => false),
  band: null,
});

describe('series of a result on one axis or on many', () => {
  it('share one while they are few and of a size', () => {
    expect(isBetterApart([line('a', 1, 2), line('b', 90, 40), line('c', 0, 0)])).toBe(false);
    expect(isBetterApart([line('a', 1, 2), line('b', 9e9, 8e9)])).toBe(true);
    expect(isBetterApart(Array.from({ length: 7 }, (_, k) => line(`s${k}`, 1, 2)))).toBe(true);
    expect(isBetterApart([line('a', 0, 0), line('b', Number.NaN)])).toBe(false);
  });

  it('leave out those that move the least, and keep their order', () => {
    const lines = [line('a', 5, 5), line('b', 1, 3), line('c', Number.NaN), line('d', -9, 9)];
    expect(widest(lines, 2).map(({ name }) => name)).toEqual(['b', 'd']);
    expect(widest(lines, 3).map(({ name }) => name)).toEqual(['a', 'b', 'd']);
    expect(widest(lines, 4)).toBe(lines);
  });

  it('go from the first to the last value of all', () => {
    expect(timesOf([line('a', 1, 2, Number.NaN), line('b', Number.NaN, 1)])).toEqual({ from: 0, to: 60 });
  });
});
