import { gridIndex, gridTimeMs } from '../series/time-grid.js';
import type { ArimaPlusHistory, ArimaPlusModel } from './arima-plus-model.js';
import { forecastParts, limited } from './forecast-arima-plus.js';
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

/** What one value is compared with. */
export interface Expected {
  readonly mean: number;
  readonly standardError: number;
}

/** Differences up to this share of the largest value are rounding. */
const ROUNDING = 1e-12;

/**
 * Judges values. Without data: those of the history, each against what its trend was expected to be from the values
 * before it, plus the other parts but spikes and dips; interpolated ones have no verdict, as they were no values. With
 * data: those after the history and within the horizon; all others, and those off the grid, have no verdict.
 * With z = (value − expected) / standard error: probability erf(|z|/√2), an anomaly above the threshold, bounds
 * expected ± Φ⁻¹((1 + threshold)/2) standard errors. Under a model of a constant any move has probability 1.
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
  const { anomalyProbThreshold: threshold = 0.95 } = options;
  share('anomaly_prob_threshold', threshold);
  const rows = data ?? measuredHistory(model);
  const expected = data ? expectedAhead(model, data.timesMs) : expectedInHistory(model);
  return judged(model, rows, expected, threshold);
}

/** The history with NaN for what was interpolated. */
function measuredHistory(model: ArimaPlusModel): TimedValues {
  const { values, filled } = historyFor(model, 'detecting anomalies without data');
  return {
    timesMs: Float64Array.from({ length: values.length }, (_, index) => gridTimeMs(model.grid, index)),
    values: values.map((value, index) => (filled[index] === 1 ? Number.NaN : value)),
  };
}

/** @throws RangeError if the model was fitted without one */
export function historyFor(model: ArimaPlusModel, purpose: string): ArimaPlusHistory {
  if (model.history) return model.history;
  throw new RangeError(
    `${purpose} needs the history: fit the model with DECOMPOSE_TIME_SERIES = true, its default`,
  );
}

/** Value less residual and spike: what was expected before the value came. */
export function expectedInHistory(model: ArimaPlusModel): (index: number) => Expected {
  const { values, residuals, startVariances, spikeIndices, spikeSizes } = historyFor(
    model,
    'judging the history',
  );
  const spikes = new Map(spikeIndices.map((index, number) => [index, spikeSizes[number]!]));
  const deviation = Math.sqrt(model.arima.variance);
  return (index) => ({
    mean: limited(model, values[index]! - residuals[index]! - (spikes.get(index) ?? 0)),
    standardError: deviation * Math.sqrt(startVariances[index] ?? 1),
  });
}

/** By row of the data; undefined where the model does not tell. */
export function expectedAhead(
  model: ArimaPlusModel,
  timesMs: Float64Array,
): (row: number) => Expected | undefined {
  const steps = Float64Array.from(timesMs, (timeMs) => {
    const step = (gridIndex(model.grid, timeMs) ?? Number.NaN) - model.length;
    return step >= 0 && step < model.options.horizon ? step : Number.NaN;
  });
  const last = steps.reduce((most, step) => (step > most ? step : most), -1);
  if (last < 0) return () => undefined;
  const { values, standardErrors } = forecastParts(model, last + 1);
  return (row) => {
    const step = steps[row]!;
    if (Number.isNaN(step)) return undefined;
    return { mean: values[step]!, standardError: standardErrors[step]! };
  };
}

function judged(
  model: ArimaPlusModel,
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
    lower![row] = limited(model, one.mean - point * one.standardError);
    upper![row] = limited(model, one.mean + point * one.standardError);
    probability![row] = anomalyProbability(model, values[row]!, one);
    isAnomaly[row] = probability![row]! > threshold ? 1 : 0;
  }
  return { timesMs, values, isAnomaly, lower: lower!, upper: upper!, probability: probability! };
}

function anomalyProbability(model: ArimaPlusModel, value: number, expected: Expected): number {
  const difference = Math.abs(value - expected.mean);
  if (difference <= ROUNDING * model.magnitude) return 0;
  return probabilityWithin(difference / expected.standardError);
}
