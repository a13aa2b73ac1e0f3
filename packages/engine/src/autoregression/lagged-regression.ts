import { forecastVariance } from '../exponential-smoothing/forecast-variance.js';
import { lagProducts, lagSums } from './lag-products.js';

/** A fitted autoregression on chosen lags: y_t = c + Σ φ_l y_{t−l} + e_t. Plain numbers. */
export interface LaggedRegression {
  /** Ascending. */
  readonly lags: readonly number[];
  /** φ, one a lag. */
  readonly coefficients: Float64Array;
  readonly constant: number;
  /** Of the one-step errors, with what estimating it from few adds. */
  readonly variance: number;
  /** The values that the next ones rest on: the last max(lags), oldest first. */
  readonly tail: Float64Array;
}

/** Share of each lag's own sum of squares that is added to it: keeps lags that say nearly the same from cancelling out. */
const RIDGE = 1e-4;
/** Rows for each coefficient, at least. */
const ROWS_LEAST = 2;

/**
 * Fits an autoregression on the lags given by least squares with a little ridge. Where the lags reach a season and a
 * little beyond, it is the seasonal autoregression of Box & Jenkins with the products' coefficients set free.
 * Undefined where there are fewer than twice as many rows as coefficients, where the values never change, and where
 * the fit would run away.
 * Cost: values for each distance between lags, lags³ / 6, and some lags · max(lags).
 * Source: Box & Jenkins (1976), chapter 9; Hoerl & Kennard (1970), Technometrics 12.
 * @param series regular, finite, oldest first
 * @param lags whole numbers from 1, ascending
 */
export function fitLaggedRegression(
  series: Float64Array,
  lags: readonly number[],
): LaggedRegression | undefined {
  const size = lags.length;
  const most = lags[size - 1] ?? 0;
  const rows = series.length - most;
  if (size === 0 || rows < ROWS_LEAST * (size + 1)) return undefined;
  let mean = 0;
  for (const value of series) mean += value / series.length;
  const centred = series.map((value) => value - mean);
  const products = lagProducts(centred, [0, ...lags]);
  const sums = lagSums(centred, [0, ...lags]);
  for (let i = 0; i <= size; i++) {
    for (let j = 0; j <= size; j++) {
      products[i * (size + 1) + j] = products[i * (size + 1) + j]! - (sums[i]! * sums[j]!) / rows;
    }
  }
  const free = leastSquares(products, size);
  if (free === undefined) return undefined;
  let constant = sums[0]! / rows + mean;
  let squares = products[0]!;
  for (let i = 0; i < size; i++) {
    constant -= free[i]! * (sums[i + 1]! / rows + mean);
    squares -= 2 * free[i]! * products[i + 1]!;
    for (let j = 0; j < size; j++) squares += free[i]! * free[j]! * products[(i + 1) * (size + 1) + j + 1]!;
  }
  const tail = series.slice(series.length - most);
  const coefficients = tamed(lags, free);
  // At the level where the series ends, the next value stays as expected.
  let level = 0;
  for (const value of tail) level += value / most;
  for (let i = 0; i < size; i++) constant += (free[i]! - coefficients[i]!) * level;
  return {
    lags,
    coefficients,
    constant,
    variance: forecastVariance(Math.max(0, squares), rows, size + 1),
    tail,
  };
}

/** Steps 1 to horizon ahead: each forecast stands in for its value in those after it. Cost: horizon · lags. */
export function forecastLaggedRegression(
  model: LaggedRegression,
  horizon: number,
): { mean: Float64Array; standardErrors: Float64Array } {
  const { lags, coefficients, constant, variance, tail } = model;
  const most = tail.length;
  const values = new Float64Array(most + horizon);
  values.set(tail);
  for (let at = most; at < values.length; at++) {
    let value = constant;
    for (let index = 0; index < lags.length; index++)
      value += coefficients[index]! * values[at - lags[index]!]!;
    values[at] = value;
  }
  let sum = 0;
  const standardErrors = responses(lags, coefficients, horizon).map((response) => {
    sum += response * response;
    return Math.sqrt(variance * sum);
  });
  return { mean: values.slice(most), standardErrors };
}

/** What an error of 1 is after 0, 1, … steps: ψ. */
function responses(lags: readonly number[], coefficients: Float64Array, count: number): Float64Array {
  const psi = new Float64Array(count);
  for (let step = 0; step < count; step++) {
    let response = step === 0 ? 1 : 0;
    for (let index = 0; index < lags.length && lags[index]! <= step; index++) {
      response += coefficients[index]! * psi[step - lags[index]!]!;
    }
    psi[step] = response;
  }
  return psi;
}

/** Growth that is left counts as none. */
const GROWTH = 1e-9;
const TAMINGS_MAX = 20;
/** Growth is told from steps so far apart. */
const WINDOW_LEAST = 64;

/** With roots outside the unit circle drawn in to it, so that no forecast runs away: φ_l r^l. */
function tamed(lags: readonly number[], free: Float64Array): Float64Array {
  const window = Math.max(WINDOW_LEAST, lags.at(-1)!);
  const largest = (values: Float64Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let coefficients = free;
  for (let round = 0; round < TAMINGS_MAX; round++) {
    const psi = responses(lags, coefficients, 4 * window);
    const growth = largest(psi.subarray(3 * window)) / largest(psi.subarray(2 * window, 3 * window));
    if (!(growth > 1 + GROWTH)) break;
    const radius = growth ** (-1 / window);
    coefficients = coefficients.map((value, index) => value * radius ** lags[index]!);
  }
  return coefficients;
}

/** By Cholesky; the target's products stand in row 0. Undefined where the lags do not tell apart. */
function leastSquares(products: Float64Array, size: number): Float64Array | undefined {
  const lower = new Float64Array(size * size);
  const out = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = products[(i + 1) * (size + 1) + j + 1]! * (i === j ? 1 + RIDGE : 1);
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      if (i !== j) lower[i * size + j] = sum / lower[j * size + j]!;
      else if (sum > 0) lower[i * size + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  for (let i = 0; i < size; i++) {
    let sum = products[i + 1]!;
    for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * out[k]!;
    out[i] = sum / lower[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = out[i]!;
    for (let k = i + 1; k < size; k++) sum -= lower[k * size + i]! * out[k]!;
    out[i] = sum / lower[i * size + i]!;
  }
  return out;
}
