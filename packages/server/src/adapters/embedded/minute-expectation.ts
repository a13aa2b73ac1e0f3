import { errorAtCentre, fromModelled, scaleAround, toModelled } from '@seismo/engine/modelled-scale';

/** What was forecast of a minute, as rows hold it. */
export interface MinuteExpectation {
  readonly expected: number;
  readonly deviation: number;
  /** Infinite unless the model is of the logarithm or logit, where they are never reached. */
  readonly lowerLimit: number;
  readonly upperLimit: number;
}

/** Sums of the same samples in another order are no change. */
const ROUNDING = 1e-9;

/** Bounds so many deviations off; with limits on the scale between them. */
export function boundsOf(
  minute: MinuteExpectation,
  point: number,
): { readonly lower: number; readonly upper: number } {
  const { expected, deviation } = minute;
  const scale = scaleAround(minute, expected);
  if (scale === undefined) {
    return { lower: expected - point * deviation, upper: expected + point * deviation };
  }
  const half = point * errorAtCentre(scale, deviation);
  return { lower: fromModelled(scale, -half), upper: fromModelled(scale, half) };
}

/** How many deviations off; a series without any spread is infinitely far off at every move, as any is at a limit. */
export function deviationsOff(minute: MinuteExpectation, value: number): number {
  const { expected, deviation } = minute;
  const off = Math.abs(value - expected);
  if (off <= ROUNDING * Math.abs(expected)) return 0;
  const scale = scaleAround(minute, expected);
  if (scale === undefined) return off / deviation;
  return Math.abs(toModelled(scale, value)) / errorAtCentre(scale, deviation);
}
