import { minimize } from '../arima/minimize.js';

export interface SmoothingOptions {
  /** Values in one season, a whole number from 1; there are at least two seasons. */
  readonly period: number;
  /** What is left of a slope after a season, above 0 to 1. Default 1: it goes on as it is. */
  readonly damping?: number;
}

export interface ExtrapolationOptions extends SmoothingOptions {
  /** Steps ahead, a whole number from 1. */
  readonly horizon: number;
}

interface Smoothing {
  readonly level: number;
  readonly slope: number;
  readonly damping: number;
}

/** A season as it stands at the end of its history: all that its continuation follows from. Plain numbers. */
export interface SmoothedSeason extends Smoothing {
  readonly period: number;
  /** Values smoothed. */
  readonly length: number;
  /** Last level and slope of each place of the season, in turn. */
  readonly ends: Float64Array;
  /** Root mean square of the errors one season ahead, in units of the series. */
  readonly deviation: number;
}

const SEARCH = { valueTolerance: 1e-8, slopeTolerance: 1e-6, stepsMax: 50 };

/**
 * Smooths a seasonal part by double exponential smoothing, to continue it: each place of the season is a series over
 * the seasons, with the same two weights for all, those with the least squared errors one season ahead.
 * Deterministic. Cost: some 60 passes.
 * Source: Holt (1957), reprinted in International J. Forecasting 20 (2004); Gardner & McKenzie (1985), Management
 * Science 31, for the damping; Hyndman et al. (2008), "Forecasting with exponential smoothing", section 2.3.
 * @param seasonal from {@link stl} or {@link mstl}, finite
 * @throws RangeError on options out of range, or fewer than two seasons
 */
export function smoothSeason(seasonal: Float64Array, options: SmoothingOptions): SmoothedSeason {
  const { period, damping = 1 } = options;
  positiveInteger('period', period);
  if (!(damping > 0 && damping <= 1)) throw new RangeError(`damping is above 0 to 1, not ${damping}`);
  const { length } = seasonal;
  if (length < 2 * period) {
    throw new RangeError(`a period of ${period} needs ${2 * period} values, not ${length}`);
  }
  const largest = largestOf(seasonal);
  const ends = new Float64Array(2 * period);
  if (largest === 0) return { period, length, ends, level: 0, slope: 0, damping, deviation: 0 };
  const weights = bestWeights(
    seasonal.map((value) => value / largest),
    period,
    damping,
  );
  return { ...weights, period, length, ...smoothed(seasonal, period, weights) };
}

/** Where the season of {@link smoothSeason} ends, from its weights alone: the same to the last bit, in one pass. */
export function seasonEnds(
  seasonal: Float64Array,
  weights: Pick<SmoothedSeason, 'period' | 'level' | 'slope' | 'damping'>,
): Float64Array {
  return smoothed(seasonal, weights.period, weights).ends;
}

function smoothed(
  seasonal: Float64Array,
  period: number,
  weights: Smoothing,
): Pick<SmoothedSeason, 'ends' | 'deviation'> {
  const largest = largestOf(seasonal) || 1;
  const ends = new Float64Array(2 * period);
  const scaled = seasonal.map((value) => value / largest);
  const squares = smooth(scaled, period, weights, ends);
  for (let at = 0; at < ends.length; at++) ends[at] = ends[at]! * largest;
  return { ends, deviation: largest * Math.sqrt(squares / (seasonal.length - period)) };
}

function largestOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/**
 * Continues a smoothed season: values of the steps 1 to horizon ahead. One that never changed goes on unchanged.
 * @throws RangeError if the horizon is not a whole number from 1
 */
export function continueSeason(season: SmoothedSeason, horizon: number): Float64Array {
  positiveInteger('horizon', horizon);
  const { period, ends, damping } = season;
  return Float64Array.from({ length: horizon }, (_, step) => {
    const place = (season.length + step) % period;
    return ends[2 * place]! + slopesAhead(damping, seasonsAhead(period, step)) * ends[2 * place + 1]!;
  });
}

/**
 * Variances of the errors of {@link continueSeason}, in squared units of the series:
 * σ² (1 + Σ_{j<k} α² (1 + β φ_j)²) k seasons ahead, φ_j the sum of the dampings over j seasons.
 * Source: Hyndman et al. (2008), table 6.1, class 1.
 */
export function seasonVariances(season: SmoothedSeason, horizon: number): Float64Array {
  const { period, level, slope, damping, deviation } = season;
  const out = new Float64Array(horizon);
  let sum = 1;
  for (let step = 0; step < horizon; step++) {
    if (step > 0 && step % period === 0) {
      sum += (level * (1 + slope * slopesAhead(damping, step / period))) ** 2;
    }
    out[step] = deviation * deviation * sum;
  }
  return out;
}

/**
 * Continues a seasonal part ahead, by {@link smoothSeason}.
 * @throws RangeError on options out of range, or fewer than two seasons
 */
export function extrapolateSeason(seasonal: Float64Array, options: ExtrapolationOptions): Float64Array {
  positiveInteger('horizon', options.horizon);
  return continueSeason(smoothSeason(seasonal, options), options.horizon);
}

/** Seasons from the last one at hand to that of a step, which counts from 0. */
function seasonsAhead(period: number, step: number): number {
  return Math.floor(step / period) + 1;
}

function positiveInteger(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${name} is a whole number from 1, not ${value}`);
  }
}

/** Damping + damping² + … over so many seasons. */
function slopesAhead(damping: number, seasons: number): number {
  return damping === 1 ? seasons : (damping * (1 - damping ** seasons)) / (1 - damping);
}

/** Both weights within (0, 1), by the logistic function. */
function bestWeights(values: Float64Array, period: number, damping: number): Smoothing {
  const logistic = (value: number) => 1 / (1 + Math.exp(-value));
  const ends = new Float64Array(2 * period);
  const weightsOf = (at: Float64Array) => ({ level: logistic(at[0]!), slope: logistic(at[1]!), damping });
  const cost = (at: Float64Array) => smooth(values, period, weightsOf(at), ends) / values.length;
  return weightsOf(minimize(cost, Float64Array.of(0, -2), SEARCH).at);
}

/** Smooths every place; leaves its last level and slope in `ends` and returns the squared errors one season ahead. */
function smooth(values: Float64Array, period: number, weights: Smoothing, ends: Float64Array): number {
  let squares = 0;
  for (let place = 0; place < period; place++) {
    let level = values[place]!;
    let slope = 0;
    for (let index = place + period; index < values.length; index += period) {
      const expected = level + weights.damping * slope;
      const error = values[index]! - expected;
      squares += error * error;
      level = expected + weights.level * error;
      slope = weights.damping * slope + weights.level * weights.slope * error;
    }
    ends[2 * place] = level;
    ends[2 * place + 1] = slope;
  }
  return squares;
}
