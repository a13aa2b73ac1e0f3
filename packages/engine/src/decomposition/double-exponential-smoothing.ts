import { minimize } from '../arima/minimize.js';

export interface ExtrapolationOptions {
  /** Values in one season, a whole number from 1; there are at least two seasons. */
  readonly period: number;
  /** Steps ahead, a whole number from 1. */
  readonly horizon: number;
  /** What is left of a slope after a season, above 0 to 1. Default 1: it goes on as it is. */
  readonly damping?: number;
}

interface Smoothing {
  readonly level: number;
  readonly slope: number;
  readonly damping: number;
}

const SEARCH = { valueTolerance: 1e-8, slopeTolerance: 1e-6, stepsMax: 50 };

/**
 * Continues a seasonal part ahead: each place of the season is a series over the seasons and goes on by double
 * exponential smoothing, with the same two weights for all, those with the least squared errors one season ahead.
 * A season that never changes goes on unchanged. Deterministic. Cost: some 60 passes.
 * Source: Holt (1957), reprinted in International J. Forecasting 20 (2004); Gardner & McKenzie (1985), Management
 * Science 31, for the damping; Hyndman et al. (2008), "Forecasting with exponential smoothing", section 2.3.
 * @param seasonal from {@link stl} or {@link mstl}, finite
 * @throws RangeError on options out of range, or fewer than two seasons
 */
export function extrapolateSeason(seasonal: Float64Array, options: ExtrapolationOptions): Float64Array {
  const { period, horizon, damping = 1 } = options;
  for (const [name, value] of Object.entries({ period, horizon })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name} is a whole number from 1, not ${value}`);
    }
  }
  if (!(damping > 0 && damping <= 1)) throw new RangeError(`damping is above 0 to 1, not ${damping}`);
  if (seasonal.length < 2 * period) {
    throw new RangeError(`a period of ${period} needs ${2 * period} values, not ${seasonal.length}`);
  }
  const largest = seasonal.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const out = new Float64Array(horizon);
  if (largest === 0) return out;
  const scaled = seasonal.map((value) => value / largest);
  const weights = bestWeights(scaled, period, damping);
  const ends = new Float64Array(2 * period);
  smooth(scaled, period, weights, ends);
  for (let step = 0; step < horizon; step++) {
    const next = seasonal.length + step;
    const place = next % period;
    const seasons = Math.floor(next / period) - Math.floor((seasonal.length - 1 - place) / period);
    out[step] = largest * (ends[2 * place]! + slopesAhead(damping, seasons) * ends[2 * place + 1]!);
  }
  return out;
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
