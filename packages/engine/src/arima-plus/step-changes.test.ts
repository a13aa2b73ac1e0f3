import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianNoise } from './gaussian-noise.fixture.js';
import { spikesAndDips } from './spikes-and-dips.js';
import { stepChanges } from './step-changes.js';

/** Noise with the given autoregression; 1 is a random walk. */
function wandering(count: number, phi: number, seed: number): Float64Array {
  const noise = gaussianNoise(seed);
  let last = 0;
  return Float64Array.from({ length: count }, () => {
    last = phi * last + noise();
    return last;
  });
}

describe('step changes', () => {
  it('are found where they are, as large as they are, and taken off by the component', () => {
    const noise = wandering(400, 0.3, 1);
    const series = noise.map((value, index) => 50 + value + (index >= 150 ? 12 : 0) - (index >= 290 ? 8 : 0));
    const { steps, component } = stepChanges(series);
    expect(steps.map(({ index }) => index)).toEqual([150, 290]);
    expect(Math.abs(steps[0]!.size - 12)).toBeLessThan(1.5);
    expect(Math.abs(steps[1]!.size + 8)).toBeLessThan(1.5);
    expect([component[0], component[149]]).toEqual([0, 0]);
    expect(component[150]).toBe(steps[0]!.size);
    expect(component[399]).toBe(steps[0]!.size + steps[1]!.size);
  });

  it.each([9, 11, 14, 26])('are all found where there are %d of them, the newest too', (count) => {
    const noise = gaussianNoise(count);
    const series = Float64Array.from({ length: 300 * count + 15 }, (_, index) => {
      return 20 * (Math.floor(index / 300) % 2) + 3 * noise();
    });
    const { steps } = stepChanges(series);
    expect(steps).toHaveLength(count);
    for (const [number, { index }] of steps.entries()) {
      expect(Math.abs(index - 300 * (number + 1))).toBeLessThan(3);
    }
  });

  it('are found on a trend, which is none itself', () => {
    const line = wandering(300, 0, 2).map((value, index) => value + 0.7 * index);
    expect(stepChanges(line).steps).toEqual([]);
    const stepped = line.map((value, index) => value + (index >= 100 ? 9 : 0));
    expect(stepChanges(stepped).steps.map(({ index }) => index)).toEqual([100]);
  });

  it('are not seen in noise, white or wandering, but for 1 of 50 series', () => {
    for (const phi of [0, 0.5, 0.9, 1]) {
      let wrong = 0;
      for (let seed = 0; seed < 50; seed++) {
        if (stepChanges(wandering(200, phi, 100 + seed)).steps.length > 0) wrong++;
      }
      expect(wrong).toBeLessThanOrEqual(1);
    }
  });

  it('are found without any noise too', () => {
    const series = Float64Array.from({ length: 60 }, (_, index) => (index < 25 ? 3 : 10));
    const { steps } = stepChanges(series);
    expect(steps).toMatchObject([{ index: 25 }]);
    expect(steps[0]!.size).toBeCloseTo(7, 9);
    expect(stepChanges(new Float64Array(60).fill(3)).steps).toEqual([]);
    expect(stepChanges(Float64Array.from({ length: 60 }, (_, index) => 2 * index)).steps).toEqual([]);
  });

  it('are found in units of any size', () => {
    const noise = wandering(100, 0, 4);
    for (const unit of [1e-300, 1e-9, 1e9, 1e148]) {
      const series = noise.map((value, index) => unit * (value + (index >= 40 ? 10 : 0)));
      expect(stepChanges(series).steps.map(({ index }) => index)).toEqual([40]);
    }
  });

  it.each([5, 10, 100])(
    'have their full size after %d values although one is on the way to them',
    (count) => {
      const series = Float64Array.from({ length: 300 }, (_, index) => (index < 300 - count ? 7 : 8));
      series[299 - count] = 7.583;
      const { steps, aside } = stepChanges(series);
      expect(steps).toMatchObject([{ index: 300 - count }]);
      expect(steps[0]!.size).toBeCloseTo(1, 9);
      expect(aside).toEqual([299 - count]);
    },
  );

  it.each([1, 2, 3, 4])('are not half of a shift that is %d values old', (count) => {
    for (let seed = 0; seed < 10; seed++) {
      const series = wandering(1500, 0, 40 + seed).map(
        (value, index) => value + (index < 1500 - count ? 0 : 50),
      );
      expect(stepChanges(series).steps).toEqual([]);
    }
  });

  it.each([0, 0.5, 0.9])(
    'have their full size in noise with φ = %d although a value is on the way',
    (phi) => {
      const errors = [6, 20, 150].flatMap((age) =>
        Array.from({ length: 10 }, (_, seed) => {
          const series = wandering(300, phi, 500 + age + seed).map(
            (value, index) => value + (index < 300 - age ? 0 : 30),
          );
          series[299 - age]! += 12 + (seed % 7);
          const { steps } = stepChanges(series);
          return Math.abs(steps.reduce((sum, { size }) => sum + size, 0) / 30 - 1);
        }),
      );
      // Taken for a value of one of the levels it makes errors of 0.02, 0.1 and 0.37.
      expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.015 + 0.06 * phi);
    },
  );

  it('put nothing aside of noise that wanders, but for 1 of 20 series with heavy tails', () => {
    for (const phi of [0, 0.5, 0.9, 1]) {
      let wrong = 0;
      for (let seed = 0; seed < 40; seed++) {
        const next = gaussianNoise(900 + seed);
        let last = 0;
        // Student's t with 3 degrees of freedom.
        const series = Float64Array.from({ length: 100 }, () => {
          last = phi * last + next() / Math.sqrt((next() ** 2 + next() ** 2 + next() ** 2) / 3);
          return last;
        });
        if (stepChanges(series).aside.length > 0) wrong++;
      }
      expect(wrong).toBeLessThanOrEqual(2);
    }
  });

  it('are lasting: a spike is none', () => {
    const series = wandering(200, 0, 3);
    series[100] = 40;
    expect(stepChanges(series).steps).toEqual([]);
  });

  it('stay the same when the series is made larger, and grow with it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        (seed, size) => {
          const series = wandering(120, 0.2, seed).map((value, index) => value + (index >= 70 ? size : 0));
          const once = stepChanges(series).steps;
          // A power of two, so that no digit is lost: a step at the border of the found ones would go with it.
          const larger = stepChanges(series.map((value) => 8 * value)).steps;
          expect(larger.map(({ index }) => index)).toEqual(once.map(({ index }) => index));
          for (const [at, step] of larger.entries()) expect(step.size).toBeCloseTo(8 * once[at]!.size, 6);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('stay the same when the series is moved', () => {
    const series = wandering(120, 0.2, 1).map((value, index) => value + (index >= 70 ? 25 : 0));
    const once = stepChanges(series).steps;
    const moved = stepChanges(series.map((value) => value + 1024)).steps;
    expect(once).not.toEqual([]);
    expect(moved.map(({ index }) => index)).toEqual(once.map(({ index }) => index));
    for (const [at, step] of moved.entries()) expect(step.size).toBeCloseTo(once[at]!.size, 6);
  });
});

const wild = fc
  .array(
    fc.oneof(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.constantFrom(0, 0, 1, 1e150, -1e150, 5e-324),
    ),
    { maxLength: 60 },
  )
  .map((values) => Float64Array.from(values));

describe('any series', () => {
  it('gives finite components that add up, and is not changed itself', () => {
    fc.assert(
      fc.property(wild, (series) => {
        const before = series.slice();
        const { steps, component } = stepChanges(series);
        expect(component.every(Number.isFinite)).toBe(true);
        expect(
          steps.every(({ index, size, strength }) => index > 0 && Number.isFinite(size) && strength > 0),
        ).toBe(true);
        const spikes = spikesAndDips(series, { periods: [7] });
        for (const [index, value] of series.entries()) {
          expect(spikes.cleaned[index]! + spikes.component[index]!).toBeCloseTo(
            value,
            -Math.log10(1e-9 * Math.abs(value) + 1e-9),
          );
        }
        expect(series).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });
});
