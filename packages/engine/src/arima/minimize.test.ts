import { expect, it } from 'vitest';
import { minimize } from './minimize.js';

it('finds the bottom of Rosenbrock’s valley', () => {
  const valley = ([x = 0, y = 0]: Float64Array) => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
  const { at, value } = minimize(valley, Float64Array.of(-1.2, 1));
  expect(at[0]).toBeCloseTo(1, 3);
  expect(at[1]).toBeCloseTo(1, 3);
  expect(value).toBeLessThan(1e-7);
});

it('keeps to where the function is finite', () => {
  const walled = ([x = 0]: Float64Array) => (x < 1 ? x - Math.log(1 - x) - 3 * x : Number.NaN);
  expect(minimize(walled, Float64Array.of(-5)).at[0]).toBeCloseTo(0.5, 4);
});

it('gives the same result each time and leaves the start as it was', () => {
  const bowl = ([x = 0, y = 0, z = 0]: Float64Array) => x ** 4 + (y - x) ** 2 + (z + 2) ** 2 + Math.cos(y);
  const start = Float64Array.of(3, -1, 4);
  const first = minimize(bowl, start);
  expect(minimize(bowl, start)).toEqual(first);
  expect([...start]).toEqual([3, -1, 4]);
});

it('asks for a start where the function is finite', () => {
  expect(() => minimize(() => Number.NaN, Float64Array.of(1))).toThrow(RangeError);
});
