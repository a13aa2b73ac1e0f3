import {
  type FittedMember,
  fitMember,
  forecastMember,
  MEMBER_METHODS,
  type MemberForecast,
  type MemberMethod,
} from './combined-members.js';

export interface CombinedOptions {
  /** Seasons that may be there, in values, ascending. */
  readonly periods: readonly number[];
  /** Steps ahead that matter, a whole number from 1: as far ahead the methods are tried on the end of the series. */
  readonly horizon: number;
  /** Of a series that is one already, or that is 0 at no place of its own, no further logarithms are tried. */
  readonly isLogarithm?: boolean;
  /** One more forecast to combine, of a series that ends earlier. */
  readonly baseline?: (history: Float64Array, horizon: number) => MemberForecast;
}

/** Plain numbers. */
export interface CombinedModel {
  /** The members are fitted to the series divided by this, a power of two. */
  readonly scale: number;
  readonly members: readonly { readonly weight: number; readonly fitted: FittedMember }[];
  /** Of the baseline's forecast; with those of the members it adds up to 1. */
  readonly baselineWeight: number;
  /** What is left of the weighed standard errors where errors cancel; models saved before it was known have all. */
  readonly errorShare?: number | undefined;
}

/** Ends of the series that are held out, one after the other, each as long as the horizon. */
const ORIGINS = 2;
/** A held-out end is no longer than this share of the series, and half of it stays in any case. */
const HELD_OUT_SHARE = 1 / 6;
const VALUES_LEAST = 6;
/**
 * With many held-out values weights go by 1 / squared error to this power, with few by less: at so many by half of it.
 * So does how far errors cancel.
 */
const SHARPNESS = 3;
const HELD_OUT_HALF = 36;
/** The members look at so many values, or so many of the longest season, from the end. */
const VALUES_MAX = 4000;
const SEASONS_MAX = 5;

/**
 * Combines the forecasts of several simple methods, on the values and on their logarithms: exponential smoothing with
 * the drift of Theta, with a damped trend, autoregressions on few and on many lags, each with seasons; and a baseline.
 * Each method is tried on the last two stretches of the series, fitted to what lies before, and weighs by how small
 * its squared errors were there; with little to try on, all weigh nearly the same.
 * Why: errors of different methods partly cancel, and no one method is the best for all series.
 * Cost: three fits of eight methods, some milliseconds each for 1,000 values; of longer series the last 4,000 values
 * or five of the longest season count.
 * Source: Bates & Granger (1969), Operational Research Quarterly 20, for weights by past errors; Assimakopoulos &
 * Nikolopoulos (2000), Int. J. Forecasting 16, for Theta; Gardner & McKenzie (1985), Management Science 31, for the
 * damped trend; Petropoulos & Svetunkov (2020), Int. J. Forecasting 36, for how well simple methods combine.
 * @param series regular, finite, oldest first, at least 3 values
 */
export function fitCombined(series: Float64Array, options: CombinedOptions): CombinedModel {
  const { periods, baseline, isLogarithm = false } = options;
  const kept = Math.max(VALUES_MAX, SEASONS_MAX * (periods.at(-1) ?? 0));
  const scale = scaleOf(series);
  const values = series.subarray(Math.max(0, series.length - kept)).map((value) => value / scale);
  const ends = heldOutEnds(values.length, options);
  const heldOut = ends.reduce((sum, { length }) => sum + length, 0);
  // Whether a series grows by shares must show on what was held out: of few values it would explode.
  const withLogarithms = !isLogarithm && ends.length > 0;
  const methods = MEMBER_METHODS.filter(({ logarithm }) => !logarithm || withLogarithms);
  const candidates = methods.flatMap((method) => {
    const candidate = tried(method, values, options, ends);
    return candidate === undefined ? [] : [candidate];
  });
  const errors = candidates.map((candidate) => candidate.errors);
  if (baseline !== undefined) {
    const offset = series.length - values.length;
    const own = ends.map(({ from, length }) => ({ from: from + offset, length }));
    const forecast = (history: Float64Array, horizon: number) => baseline(history, horizon).mean;
    errors.push(heldOutErrors(series, own, forecast, scale));
  }
  const weights = weightsOf(errors.map(sumOfSquares), heldOut);
  return {
    scale,
    members: candidates.map(({ fitted }, index) => ({ weight: weights[index]!, fitted })),
    baselineWeight: baseline === undefined ? 0 : weights[weights.length - 1]!,
    errorShare: 1 - cancelled(errors, weights) * knownShare(heldOut),
  };
}

/**
 * Which share of their size the errors of the methods lose to one another in the combination: 0 where all are wrong in
 * the same way.
 */
function cancelled(errors: readonly Float64Array[], weights: readonly number[]): number {
  const together = new Float64Array(errors[0]?.length ?? 0);
  let apart = 0;
  for (const [number, own] of errors.entries()) {
    apart += weights[number]! * Math.sqrt(sumOfSquares(own));
    for (let at = 0; at < together.length; at++) together[at] = together[at]! + weights[number]! * own[at]!;
  }
  return apart > 0 ? 1 - Math.sqrt(sumOfSquares(together)) / apart : 0;
}

/**
 * Steps 1 to horizon ahead. The standard error is made of the members', less what of it cancelled on the stretches held
 * out, and of how far they are apart.
 * @param baseline of the whole series, as long as the horizon, if the model was fitted with one
 */
export function forecastCombined(
  model: CombinedModel,
  horizon: number,
  baseline?: MemberForecast,
): MemberForecast {
  const parts = model.members.map(({ weight, fitted }) => ({
    weight,
    ...scaled(forecastMember(fitted, horizon), model.scale),
  }));
  if (baseline !== undefined) parts.push({ weight: model.baselineWeight, ...baseline });
  const mean = new Float64Array(horizon);
  const standardErrors = new Float64Array(horizon);
  const { errorShare = 1 } = model;
  for (let step = 0; step < horizon; step++) {
    let error = 0;
    for (const part of parts) {
      mean[step] = mean[step]! + part.weight * part.mean[step]!;
      error += part.weight * part.standardErrors[step]!;
    }
    let apart = 0;
    for (const part of parts) apart += part.weight * (part.mean[step]! - mean[step]!) ** 2;
    standardErrors[step] = Math.sqrt((errorShare * error) ** 2 + apart);
  }
  return { mean, standardErrors };
}

/** So that no square overflows or vanishes, and no digit changes. */
function scaleOf(series: Float64Array): number {
  const largest = series.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest > 0 ? 2 ** Math.floor(Math.log2(largest)) : 1;
}

function scaled({ mean, standardErrors }: MemberForecast, scale: number): MemberForecast {
  const times = (value: number) => value * scale;
  return { mean: mean.map(times), standardErrors: standardErrors.map(times) };
}

interface HeldOut {
  /** Values before it. */
  readonly from: number;
  readonly length: number;
}

/** The earliest first. */
function heldOutEnds(count: number, { periods, horizon }: CombinedOptions): HeldOut[] {
  const length = Math.min(horizon, Math.max(1, Math.floor(count * HELD_OUT_SHARE)));
  const seasons = periods.filter((period) => count > 2 * period).map((period) => 2 * period + 1);
  const least = Math.max(count / 2, VALUES_LEAST, ...seasons);
  const ends: HeldOut[] = [];
  for (let back = ORIGINS; back >= 1; back--) {
    const from = count - back * length;
    if (from >= least) ends.push({ from, length });
  }
  return ends;
}

/** Fitted before each end, and at last to all: each fit is the start of the next. */
function tried(
  method: MemberMethod,
  values: Float64Array,
  { periods, horizon: most }: CombinedOptions,
  ends: readonly HeldOut[],
) {
  let fitted: FittedMember | undefined;
  let missing = false;
  const errors = heldOutErrors(values, ends, (history, horizon) => {
    fitted = fitMember(method, history, periods, fitted);
    missing ||= fitted === undefined;
    return fitted === undefined ? new Float64Array(horizon) : forecastMember(fitted, horizon).mean;
  });
  fitted = missing ? undefined : fitMember(method, values, periods, fitted);
  if (fitted === undefined || !Number.isFinite(sumOfSquares(errors))) return undefined;
  const ahead = forecastMember(fitted, most);
  const isSound = [ahead.mean, ahead.standardErrors].every((numbers) => numbers.every(Number.isFinite));
  return isSound ? { fitted, errors } : undefined;
}

/** Of one stretch after the other. */
function heldOutErrors(
  series: Float64Array,
  ends: readonly HeldOut[],
  forecast: (history: Float64Array, horizon: number) => Float64Array,
  scale = 1,
): Float64Array {
  const errors: number[] = [];
  for (const { from, length } of ends) {
    const mean = forecast(series.subarray(0, from), length);
    for (let step = 0; step < length; step++) errors.push(series[from + step]! / scale - mean[step]! / scale);
  }
  return Float64Array.from(errors);
}

function sumOfSquares(errors: Float64Array): number {
  let sum = 0;
  for (const error of errors) sum += error * error;
  return sum;
}

/** How far so many held-out values are to be trusted. */
function knownShare(heldOut: number): number {
  return heldOut / (heldOut + HELD_OUT_HALF);
}

/** 1 / error to a power that grows with what is known, adding up to 1. */
function weightsOf(errors: readonly number[], heldOut: number): number[] {
  const power = SHARPNESS * knownShare(heldOut);
  const least = Math.min(...errors);
  const raw = errors.map((error) => (error === least ? 1 : least > 0 ? (least / error) ** power : 0));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}
