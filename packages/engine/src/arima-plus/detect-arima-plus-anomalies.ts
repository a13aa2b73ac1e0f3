import { gridTimeMs } from '../series/time-grid.js';
import type { ArimaPlusModel } from './arima-plus-model.js';
import {
  type Expectations,
  type Expected,
  expectationsOf,
  expectedAhead,
  expectedInHistory,
} from './expectations.js';
import { bound, type ValueRange } from './forecast-limits.js';
import { toModelled } from './modelled-scale.js';
import { normalPoint, probabilityWithin } from './normal-distribution.js';
import { share } from './options.js';

export interface DetectOptions {
  /** A value is an anomaly if its probability is above this: at least 0 and below 1. Default 0.95. */
  readonly anomalyProbThreshold?: number | undefined;
}

/** Values of a series, in any order. */
export interface TimedValues {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** Columns of ML.DETECT_ANOMALIES, one row a value. NaN is its NULL. */
export interface ArimaPlusAnomalies extends TimedValues {
  /** 1 for an anomaly, 0 for none, −1 for NULL. */
  readonly isAnomaly: Int8Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** How likely a value that follows the model lies nearer to the one expected, 0 to 1. */
  readonly probability: Float64Array;
}

/** Differences up to this share of the largest value are rounding. */
const ROUNDING = 1e-12;

/**
 * Judges values. Without data: those of the history, each against what its trend was expected to be from the values
 * before it, plus the other parts but spikes and dips; interpolated ones have no verdict, as they were no values. With
 * data: those after the history and within the horizon; all others, and those off the grid, have no verdict.
 * With z = (value − expected) / standard error: probability erf(|z|/√2), an anomaly above the threshold, bounds
 * expected ± Φ⁻¹((1 + threshold)/2) standard errors; with FORECAST_LIMIT bounds on the logarithm or logit, where a value
 * at a limit or beyond is infinitely far off. Under a model of a constant any move has probability 1.
 * Cost: some 100 ns a value, plus the forecast up to the last one.
 * Source: BigQuery ML's documentation, "The ML.DETECT_ANOMALIES function".
 * @throws RangeError on a threshold out of range, times and values that do not pair, or without data for a model that
 *   was fitted with DECOMPOSE_TIME_SERIES = false
 */
export function detectArimaPlusAnomalies(
  model: ArimaPlusModel,
  options: DetectOptions = {},
  data?: TimedValues,
): ArimaPlusAnomalies {
  return detectBy(expectationsOf(model), options, data);
}

/** As {@link detectArimaPlusAnomalies}, by expectations that may be those of a sum. */
export function detectBy(of: Expectations, options: DetectOptions, data?: TimedValues): ArimaPlusAnomalies {
  const { anomalyProbThreshold: threshold = 0.95 } = options;
  share('anomaly_prob_threshold', threshold);
  if (data !== undefined) return judged(of, data, expectedAhead(of, data.timesMs), threshold);
  const history = of.history('detecting anomalies without data');
  const timesMs = history.values.map((_, index) => gridTimeMs(of.grid, index));
  return judged(of, { timesMs, values: history.values }, expectedInHistory(history), threshold);
}

function judged(
  of: Expectations,
  { timesMs, values }: TimedValues,
  expected: (row: number) => Expected | undefined,
  threshold: number,
): ArimaPlusAnomalies {
  if (timesMs.length !== values.length) {
    throw new RangeError(`${timesMs.length} times and ${values.length} values do not pair`);
  }
  const count = values.length;
  const isAnomaly = new Int8Array(count).fill(-1);
  const [lower, upper, probability] = [0, 1, 2].map(() => new Float64Array(count).fill(Number.NaN));
  const point = normalPoint(threshold);
  for (let row = 0; row < count; row++) {
    const one = Number.isFinite(values[row]) ? expected(row) : undefined;
    if (one === undefined) continue;
    const range: ValueRange = one.limits ?? of;
    lower![row] = bound(range, one.mean - point * one.standardError);
    upper![row] = bound(range, one.mean + point * one.standardError);
    probability![row] = anomalyProbability(of, values[row]!, one);
    isAnomaly[row] = probability![row]! > threshold ? 1 : 0;
  }
  return { timesMs, values, isAnomaly, lower: lower!, upper: upper!, probability: probability! };
}

function anomalyProbability({ magnitude, scale }: Expectations, value: number, expected: Expected): number {
  if (Math.abs(value - expected.value) <= ROUNDING * magnitude) return 0;
  const difference = Math.abs(toModelled(scale, value) - expected.mean);
  return probabilityWithin(difference / expected.standardError);
}
