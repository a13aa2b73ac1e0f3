import { takeOff } from './arima-plus-model.js';
import { autoregressiveNoise } from './autoregressive-noise.js';
import type { ObservedSeries } from './observed-series.js';
import { quantile } from './robust-scale.js';
import { type StepChange, stepComponent } from './step-component.js';
import { STEP_SIDE_LEAST, type StepContrast } from './step-contrast.js';

/** So far back is the level before looked for. */
const REACH = 4000;
/** Of fewer values what never was says too little of what may come: about 1 of 100 series of noise has a step as well. */
const HISTORY_LEAST = 100;
/** Without any noise, what is nearer than this to a level belongs to it. */
const ROUNDING = 1e-9;

export interface FoundSteps {
  readonly observed: ObservedSeries;
  /** By number among the observed values. */
  readonly steps: readonly StepChange[];
  /** Of what comes to the noise from one value to the next. */
  readonly deviation: number;
  /** What a step has to add to twice the log-likelihood. */
  readonly price: number;
}

/**
 * Values that belong to none of the levels, and would make of a shift a step too small, or one to a level that no data
 * had: either the one on the way from a level to the next (a shift that falls within the time of a mean leaves one), or
 * all of a shift that the series ends with, while it is younger than a step can be.
 * The shift has to be larger than all that the series does without steps, from its lowest to its highest value: one
 * that wanders goes on from its last value, wherever that is, and so does one with a short history.
 * @returns numbers among the observed values, ascending
 */
export function besideLevels(found: FoundSteps, contrast: StepContrast): readonly number[] {
  const { observed, steps, deviation } = found;
  const { length } = observed.values;
  const young = youngShift(found, contrast);
  if (young === undefined && steps.length === 0) return [];
  // A level of more than a few values widens what the noise looks like: the noise without the steps.
  const values = observed.values.slice();
  takeOff(values, stepComponent(steps, 0, length));
  const least = {
    shift: rangeOf(observed.values.subarray(0, young === undefined ? length : young.at - 1), steps),
    apart:
      Math.sqrt(found.price) *
      (steps.length === 0 ? deviation : autoregressiveNoise({ ...observed, values }).deviation),
  };
  if (young !== undefined && Math.abs(young.shift) > least.shift) {
    const isWay = isOnTheWay(observed, young.at - 1, young.from, length, least);
    const first = isWay ? young.at - 1 : young.at;
    return Array.from({ length: length - first }, (_, number) => first + number);
  }
  return steps.flatMap(({ index }, number) => {
    const from = steps[number - 1]?.index ?? 0;
    const to = steps[number + 1]?.index ?? length;
    return [index - 1, index].filter((at) => isOnTheWay(observed, at, from, to, least)).slice(0, 1);
  });
}

/**
 * A place so near to the end that a step cannot be there, where one would pay for itself: a search that leaves enough
 * values after a step finds none, or one too early and half as large, and an ARIMA forecasts a level in between.
 */
function youngShift({ observed: { values }, steps, price }: FoundSteps, contrast: StepContrast) {
  const { length } = values;
  const before = steps.findLast(({ index }) => index < length - 2 * STEP_SIDE_LEAST);
  const from = Math.max(before?.index ?? 0, length - REACH);
  if (!contrast.search(from, length, 1)) return undefined;
  const { at, strength } = contrast;
  if (at < HISTORY_LEAST || at <= length - STEP_SIDE_LEAST || strength ** 2 <= price) return undefined;
  // Not of the value before, which may be on the way.
  const level = quantile(values.subarray(Math.max(from, at - 1 - STEP_SIDE_LEAST), at - 1), 0.5);
  return { at, from, shift: quantile(values.subarray(at), 0.5) - level };
}

/** From the lowest to the highest value of the longest stretch without a step. */
function rangeOf(values: Float64Array, steps: readonly StepChange[]): number {
  // Without the values on either side of a step, which may be on the way.
  const ends = [
    ...steps.map(({ index }) => index).filter((index) => index < values.length),
    values.length + 1,
  ];
  const stretches = ends.map((end, number) => values.subarray((ends[number - 1] ?? -1) + 1, end - 1));
  const longest = stretches.reduce((most, one) => (one.length > most.length ? one : most));
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of longest) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}

/** Between the level of the values before and that of those after, so far from each that to leave it out pays. */
function isOnTheWay(
  { values }: ObservedSeries,
  at: number,
  from: number,
  to: number,
  least: { readonly shift: number; readonly apart: number },
): boolean {
  if (at <= from || at >= to - 1) return false;
  const left = quantile(values.subarray(Math.max(from, at - STEP_SIDE_LEAST), at), 0.5);
  const reached = quantile(values.subarray(at + 1, Math.min(to, at + 1 + STEP_SIDE_LEAST)), 0.5);
  const gone = values[at]! - left;
  const ahead = reached - values[at]!;
  const shift = Math.abs(reached - left);
  const apart = Math.max(least.apart, ROUNDING * shift);
  return gone * ahead > 0 && Math.min(Math.abs(gone), Math.abs(ahead)) > apart && shift > least.shift;
}
