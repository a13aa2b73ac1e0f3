import { gridIndex, type TimeGrid } from '../series/time-grid.js';
import type { ArimaPlusHistory, ArimaPlusModel } from './arima-plus-model.js';
import { type ForecastParts, forecastParts, rangeOf } from './forecast-arima-plus.js';
import { bound, type ModelledErrors, type ValueRange } from './forecast-limits.js';
import { errorFromModelled, type Limits, toModelled } from './modelled-scale.js';

/** The history of a series as it was expected, in equally long arrays from the grid's first time on. */
export interface ExpectedHistory {
  /** NaN for what was interpolated, as it was no value. */
  readonly values: Float64Array;
  readonly expected: Float64Array;
  readonly standardErrors: Float64Array;
  /** The same on the scale of the model. */
  readonly modelled: ModelledErrors;
  /** Where they are others than ahead, as of a sum that not all of its series are in yet. */
  readonly lowerLimits?: Float64Array;
  readonly upperLimits?: Float64Array;
}

/** What values of a series are judged and evaluated by, be it one with a model or the sum of several. */
export interface Expectations extends ValueRange {
  readonly grid: TimeGrid;
  /** Values in the history: the forecast begins at this index of the grid. */
  readonly length: number;
  /** Steps ahead that it tells of. */
  readonly horizon: number;
  /** Largest value of the history, either way: differences below its rounding are none. */
  readonly magnitude: number;
  /** What the scaled error of an evaluation divides by. */
  readonly naiveError: number;
  /** The first steps ahead, at most as many as the horizon. */
  ahead(steps: number): Pick<ForecastParts, 'values' | 'modelled'>;
  /** @throws RangeError if there is none; the message says that `purpose` needs it */
  history(purpose: string): ExpectedHistory;
}

/** What one value is compared with. */
export interface Expected {
  readonly value: number;
  /** On the scale of the model. */
  readonly mean: number;
  readonly standardError: number;
  /** Where they are others than those of the series. */
  readonly limits?: Limits;
}

export function expectationsOf(model: ArimaPlusModel): Expectations {
  const { grid, length, options, magnitude, naiveError } = model;
  return {
    ...{ grid, length, horizon: options.horizon, magnitude, naiveError },
    ...rangeOf(model),
    ahead: (steps) => forecastParts(model, steps),
    history: (purpose) => expectedHistory(model, purpose),
  };
}

/** @throws RangeError if the model was fitted without one */
export function historyFor(model: ArimaPlusModel, purpose: string): ArimaPlusHistory {
  if (model.history) return model.history;
  throw new RangeError(
    `${purpose} needs the history: fit the model with DECOMPOSE_TIME_SERIES = true, its default`,
  );
}

/** Expected is the value less residual and spike, on the scale of the model: what was expected before the value came. */
function expectedHistory(model: ArimaPlusModel, purpose: string): ExpectedHistory {
  const { values, filled, residuals, startVariances, spikeIndices, spikeSizes } = historyFor(model, purpose);
  const { scale, arima } = model;
  const range = rangeOf(model);
  const sums = values.map((value, index) => toModelled(scale, value) - residuals[index]!);
  spikeIndices.forEach((index, number) => {
    sums[index] = sums[index]! - spikeSizes[number]!;
  });
  const means = scale === undefined ? sums.map((value) => bound(range, value)) : sums;
  const deviation = Math.sqrt(arima.variance);
  const standardErrors = values.map((_, index) => deviation * Math.sqrt(startVariances[index] ?? 1));
  return {
    values: values.map((value, index) => (filled[index] === 1 ? Number.NaN : value)),
    expected: means.map((mean) => bound(range, mean)),
    standardErrors: standardErrors.map((error, index) => errorFromModelled(scale, means[index]!, error)),
    modelled: { means, standardErrors },
  };
}

/** By row of the data; undefined where nothing is expected. */
export function expectedAhead(
  of: Expectations,
  timesMs: Float64Array,
): (row: number) => Expected | undefined {
  const steps = Float64Array.from(timesMs, (timeMs) => {
    const step = (gridIndex(of.grid, timeMs) ?? Number.NaN) - of.length;
    return step >= 0 && step < of.horizon ? step : Number.NaN;
  });
  const last = steps.reduce((most, step) => (step > most ? step : most), -1);
  if (last < 0) return () => undefined;
  const { values, modelled } = of.ahead(last + 1);
  return (row) => {
    const step = steps[row]!;
    if (Number.isNaN(step)) return undefined;
    return expectedAt(values, modelled, step);
  };
}

/** By index of the history. */
export function expectedInHistory(history: ExpectedHistory): (index: number) => Expected {
  const { expected, modelled, lowerLimits, upperLimits } = history;
  return (index) => {
    const one = expectedAt(expected, modelled, index);
    if (lowerLimits === undefined || upperLimits === undefined) return one;
    return { ...one, limits: { lowerLimit: lowerLimits[index]!, upperLimit: upperLimits[index]! } };
  };
}

function expectedAt(
  values: Float64Array,
  { means, standardErrors }: ModelledErrors,
  index: number,
): Expected {
  return { value: values[index]!, mean: means[index]!, standardError: standardErrors[index]! };
}
