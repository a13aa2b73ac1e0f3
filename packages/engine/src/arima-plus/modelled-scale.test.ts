import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  errorAtCentre,
  errorFromModelled,
  fromModelled,
  type Limits,
  type ModelledScale,
  modelledScaleOf,
  plainUnits,
  scaleAround,
  toModelled,
} from './modelled-scale.js';

const FREE: Limits = { lowerLimit: Number.NEGATIVE_INFINITY, upperLimit: Number.POSITIVE_INFINITY };
const share = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
/** Limits of any kind, a centre and a value within. */
const cases = fc
  .record({
    from: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    span: fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
    kind: fc.constantFrom('lower', 'upper', 'both'),
    ...{ centre: share, value: share },
  })
  .map(({ from, span, kind, centre, value }) => {
    const limits = {
      lowerLimit: kind === 'upper' ? FREE.lowerLimit : from,
      upperLimit: kind === 'lower' ? FREE.upperLimit : from + span,
    };
    return { scale: scaleAround(limits, from + span * centre)!, span, value: from + span * value };
  })
  .filter(({ scale, value }) => value > scale.lowerLimit && value < scale.upperLimit);
const plain: [string, Limits, (value: number) => number][] = [
  ['log(y − a)', { ...FREE, lowerLimit: -3 }, (value) => Math.log(value + 3)],
  ['−log(b − y)', { ...FREE, upperLimit: 100 }, (value) => -Math.log(100 - value)],
  [
    'log((y − a)/(b − y))',
    { lowerLimit: -3, upperLimit: 100 },
    (value) => Math.log((value + 3) / (100 - value)),
  ],
];

describe('the scale between limits', () => {
  it.each(plain)('is %s, stretched to a slope of 1 at its centre', (_, limits, logarithm) => {
    const scale = scaleAround(limits, 20)!;
    const { factor, shift } = plainUnits(scale);
    for (const value of [-2.999, 0, 5, 19.9, 20, 20.1, 60, 99.999]) {
      expect(toModelled(scale, value) * factor + shift).toBeCloseTo(logarithm(value), 12);
    }
    expect(toModelled(scale, 20)).toBe(0);
    expect((toModelled(scale, 20.001) - toModelled(scale, 19.999)) / 0.002).toBeCloseTo(1, 6);
  });

  it('leads back to every value, and keeps the order', () => {
    fc.assert(
      fc.property(cases, share, ({ scale, span, value }, other) => {
        const back = fromModelled(scale, toModelled(scale, value));
        const size = Math.max(span, Math.abs(value));
        expect(Math.abs(back - value)).toBeLessThanOrEqual(1e-11 * size);
        const higher = value + (Math.min(scale.upperLimit, value + span) - value) * other;
        if (higher > value && higher < scale.upperLimit) {
          expect(toModelled(scale, higher)).toBeGreaterThanOrEqual(toModelled(scale, value));
        }
      }),
    );
  });

  it('leads to finite numbers strictly within, from wherever', () => {
    const anywhere = fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(-1e308, -1e6, -800, 800, 1e6, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    );
    fc.assert(
      fc.property(cases, anywhere, ({ scale }, modelled) => {
        const value = fromModelled(scale, modelled);
        expect(Number.isFinite(value)).toBe(true);
        expect(value > scale.lowerLimit && value < scale.upperLimit).toBe(true);
      }),
    );
    expect(toModelled(scaleAround({ lowerLimit: 0, upperLimit: 100 }, 50), 100)).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(toModelled(scaleAround({ ...FREE, lowerLimit: 0 }, 50), -1)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('is the series itself without limits, and nearly so with limits far away', () => {
    const values = Float64Array.from([3, 5, 4]);
    expect(modelledScaleOf(FREE, values)).toBeUndefined();
    expect(modelledScaleOf({ lowerLimit: -1e300, upperLimit: 1e300 }, values)).toBeUndefined();
    const far = modelledScaleOf({ lowerLimit: -1e15, upperLimit: 1e18 }, values)!;
    expect(far.centre).toBe(4);
    for (const value of values) expect(toModelled(far, value) + 4).toBeCloseTo(value, 12);
    expect(fromModelled(far, 1.25)).toBeCloseTo(5.25, 12);
    expect(errorFromModelled(far, 0.5, 0.7)).toBeCloseTo(0.7, 12);
  });

  it('moves and grows with limits and values', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: -20, max: 20 }), ({ scale, value }, power) => {
        const factor = 2 ** power;
        const grown: ModelledScale = {
          lowerLimit: scale.lowerLimit * factor,
          upperLimit: scale.upperLimit * factor,
          centre: scale.centre * factor,
        };
        expect(toModelled(grown, value * factor)).toBe(toModelled(scale, value) * factor);
      }),
    );
  });

  it('tells errors by the width of the 95% interval, and finds them again at its centre', () => {
    const errors = fc.double({ min: 1e-4, max: 3, noNaN: true });
    fc.assert(
      fc.property(cases, errors, ({ scale }, times) => {
        const error = times / plainUnits(scale).factor;
        const told = errorFromModelled(scale, 0, error);
        const half = 1.959963984540054 * error;
        const [lower, upper] = [fromModelled(scale, -half), fromModelled(scale, half)];
        const width = upper - lower;
        expect(Math.abs(2 * 1.959963984540054 * told - width)).toBeLessThanOrEqual(
          1e-14 * (Math.abs(upper) + Math.abs(lower)),
        );
        // A width of a few units in the last place tells little.
        fc.pre(width > 1e-6 * Math.abs(scale.centre));
        expect(errorAtCentre(scale, told) / error).toBeCloseTo(1, 5);
      }),
    );
    const between = scaleAround({ lowerLimit: 0, upperLimit: 1 }, 0.5)!;
    expect(errorAtCentre(between, 10)).toBe(Number.POSITIVE_INFINITY);
    expect(errorAtCentre(between, 0)).toBe(0);
  });
});
