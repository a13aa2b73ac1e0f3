import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findStepChanges, stepComponent } from './step-changes.js';

/** Standard normal numbers by Lehmer's generator (Park & Miller 1988) and Box & Muller (1958). */
function gaussianNoise(count: number, seed: number): Float64Array {
  let state = seed;
  const uniform = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

const noise = gaussianNoise(1000, 11);
const correlated = noise.slice();
for (let index = 1; index < 1000; index++) {
  correlated[index] = correlated[index]! + 0.6 * correlated[index - 1]!;
}

describe('steps', () => {
  it('in noise are found at their places, with their sizes', () => {
    const series = noise.map((value, index) => value + (index >= 300 ? 4 : 0) - (index >= 700 ? 6 : 0));
    const steps = findStepChanges(series);
    expect(steps.map(({ index }) => index)).toEqual([300, 700]);
    expect(Math.abs(steps[0]!.size - 4)).toBeLessThan(1.5);
    expect(Math.abs(steps[1]!.size + 6)).toBeLessThan(1.5);
  });

  it('are found on a slope and in correlated noise', () => {
    const series = correlated.map((value, index) => value + 0.05 * index + (index >= 400 ? 9 : 0));
    const steps = findStepChanges(series);
    expect(steps.map(({ index }) => index)).toEqual([400]);
  });

  it('without noise are found exactly', () => {
    const series = Float64Array.from({ length: 60 }, (_, index) => (index < 20 ? 5 : index < 45 ? 7 : 1));
    expect(findStepChanges(series).map(({ index }) => index)).toEqual([20, 45]);
    expect(findStepChanges(series).map(({ size }) => size)).toEqual([
      expect.closeTo(2, 9),
      expect.closeTo(-6, 9),
    ]);
  });

  it('are not seen in noise, correlated noise, walks, slopes, waves or constants', () => {
    const wave = noise.map((value, index) => value + 20 * Math.sin(index / 80));
    const slope = noise.map((value, index) => value - 0.3 * index);
    const walk = noise.slice();
    for (let index = 1; index < 1000; index++) walk[index] = walk[index]! + walk[index - 1]!;
    const noisyWalk = walk.map((value, index) => 0.2 * value + noise[999 - index]!);
    const line = noise.map((_, index) => 2 + 0.1 * index);
    for (const series of [
      noise,
      correlated,
      walk,
      noisyWalk,
      wave,
      slope,
      line,
      new Float64Array(50).fill(3),
    ]) {
      expect(findStepChanges(series)).toEqual([]);
    }
    expect(findStepChanges(new Float64Array(0))).toEqual([]);
  });

  it('move and scale with the series', () => {
    const series = noise.map((value, index) => value + (index >= 500 ? 5 : 0));
    const plain = findStepChanges(series);
    const turned = findStepChanges(series.map((value) => 40 - 8 * value));
    expect(turned.map(({ index }) => index)).toEqual(plain.map(({ index }) => index));
    turned.forEach(({ size }, order) => {
      expect(size).toBeCloseTo(-8 * plain[order]!.size, 6);
    });
  });

  it('of whatever comes are finite, in order and within the series', () => {
    const value = fc.oneof(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom(1e150, -1e150, 5e-324),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (numbers) => {
        const steps = findStepChanges(Float64Array.from(numbers), { sideMin: 2 });
        let before = 0;
        for (const { index, size } of steps) {
          expect(index).toBeGreaterThan(before);
          expect(Number.isFinite(size)).toBe(true);
          before = index;
        }
        expect(before).toBeLessThan(Math.max(1, numbers.length));
        for (const level of stepComponent(numbers.length, steps)) expect(level).not.toBeNaN();
      }),
      { numRuns: 200 },
    );
    expect(() => findStepChanges(noise, { sideMin: 1 })).toThrow(/sideMin/);
  });

  it('as a part of the series are a staircase from 0', () => {
    const steps = [
      { index: 2, size: 3 },
      { index: 4, size: -1 },
    ];
    expect([...stepComponent(6, steps)]).toEqual([0, 0, 3, 3, 2, 2]);
    expect([...stepComponent(2, [])]).toEqual([0, 0]);
  });
});
