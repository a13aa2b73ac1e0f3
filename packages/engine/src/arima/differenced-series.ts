import { checkValues } from './arima-model.js';
import { difference } from './differencing.js';

/** A series made ready for the likelihood: differenced, centred, scaled to a root mean square of 1. */
export interface DifferencedSeries {
  /** (Δ^d y − centre) / scale. */
  readonly values: Float64Array;
  readonly d: number;
  /** Mean of Δ^d y where a constant is estimated, else 0. */
  readonly centre: number;
  readonly scale: number;
  /** All differences are the same, as far as double precision tells: there is nothing to fit. */
  readonly constant: boolean;
  /** Least standard deviation that a likelihood may take, in units of the series: the digits end there. */
  readonly deviationMin: number;
}

/** Rounding of sums and differences stays below this share of the largest value. */
const ROUNDING = 1e-13;
/** Stands for the digits of a series of zeros. */
const DEVIATION_LEAST = 1e-150;

/**
 * Prepares a series for models of one d, with or without a constant. Cost: d + 4 passes.
 * @throws RangeError if values are not finite, beyond 1e150, or no more than d
 */
export function prepareSeries(series: Float64Array, d: number, withConstant: boolean): DifferencedSeries {
  checkValues(series);
  const values = difference(series, d);
  const largest = series.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const deviationMin = Math.max(DEVIATION_LEAST, ROUNDING * largest);
  const centre = withConstant ? mean(values) : 0;
  let widest = 0;
  for (const value of values) widest = Math.max(widest, Math.abs(value - centre));
  const constant = widest <= deviationMin;
  let squares = 0;
  if (!constant) for (const value of values) squares += ((value - centre) / widest) ** 2;
  const scale = constant ? 1 : widest * Math.sqrt(squares / values.length);
  for (let index = 0; index < values.length; index++) values[index] = (values[index]! - centre) / scale;
  return { values, d, centre, scale, constant, deviationMin };
}

/** From the first value on, so that the mean of a constant is that constant. */
function mean(values: Float64Array): number {
  const first = values[0]!;
  let sum = 0;
  for (const value of values) sum += value - first;
  return first + sum / values.length;
}
