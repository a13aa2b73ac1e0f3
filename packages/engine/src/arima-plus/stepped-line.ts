import { autoregressiveDeviance } from './autoregressive-fit.js';

/** A series as levels on a line, with autoregressive noise. */
export interface SteppedLine {
  /** Levels of the stretches, one more than there are steps. */
  readonly levels: Float64Array;
  /** n ln σ²: −2 times the log-likelihood, but for constants. */
  readonly deviance: number;
}

/** Short of a random walk, of which the level would be undetermined. */
const PHI_MAX = 0.9999;
const ROUNDS = 6;

/**
 * Fits y_t = level of its stretch + slope · t + n_t, n_t = φ n_{t−1} + e_t, by generalised least squares, φ and the
 * rest in turn. The normal equations of the levels are tridiagonal, since only neighbouring levels meet in
 * y_t − φ y_{t−1}. Without steps the fit is exact. Cost: some ten passes.
 * Source: Cochrane & Orcutt (1949), J. American Statistical Association 44.
 * @param starts first indices of the stretches but the first, ascending, from 1
 * @param phi to start from, 0 to 1
 */
export function fitSteppedLine(series: Float64Array, starts: readonly number[], phi: number): SteppedLine {
  if (starts.length === 0) {
    return { levels: new Float64Array(1), deviance: autoregressiveDeviance(series) };
  }
  const line = new LevelEquations(series, starts);
  let current = Math.min(phi, PHI_MAX);
  for (let round = 0; round < ROUNDS; round++) {
    line.solve(current);
    current = Math.min(PHI_MAX, Math.max(0, line.autocorrelation()));
  }
  line.solve(current);
  return { levels: line.levels, deviance: line.deviance(current) };
}

class LevelEquations {
  readonly levels: Float64Array;
  slope = 0;
  readonly #series: Float64Array;
  readonly #bounds: readonly number[];
  readonly #middle: number;
  readonly #noise: Float64Array;

  constructor(series: Float64Array, starts: readonly number[]) {
    this.#series = series;
    this.#bounds = [0, ...starts, series.length];
    this.#middle = (series.length - 1) / 2;
    this.levels = new Float64Array(starts.length + 1);
    this.#noise = new Float64Array(series.length);
  }

  solve(phi: number): void {
    const count = this.levels.length;
    const rest = 1 - phi;
    const diagonal = new Float64Array(count);
    const values = new Float64Array(count);
    const times = new Float64Array(count);
    let [timeSquares, timeValues] = [0, 0];
    for (let number = 0; number < count; number++) {
      const from = this.#bounds[number]!;
      const to = this.#bounds[number + 1]!;
      diagonal[number]! += rest * rest * (to - from - 1) + (number > 0 ? 1 : 0);
      if (number > 0) diagonal[number - 1]! += phi * phi;
      for (let index = Math.max(1, from); index < to; index++) {
        const value = this.#series[index]! - phi * this.#series[index - 1]!;
        const time = rest * (index - this.#middle) + phi;
        timeSquares += time * time;
        timeValues += time * value;
        const own = index === from ? 1 : rest;
        values[number]! += own * value;
        times[number]! += own * time;
        if (index > from) continue;
        values[number - 1]! -= phi * value;
        times[number - 1]! -= phi * time;
      }
    }
    const ofValues = solveTridiagonal(diagonal, -phi, values);
    const ofTimes = solveTridiagonal(diagonal, -phi, times);
    this.slope = (timeValues - dot(times, ofValues)) / (timeSquares - dot(times, ofTimes));
    if (!Number.isFinite(this.slope)) this.slope = 0;
    for (let at = 0; at < count; at++) this.levels[at] = ofValues[at]! - this.slope * ofTimes[at]!;
    this.#setNoise();
  }

  autocorrelation(): number {
    let [squares, products] = [0, 0];
    for (let index = 1; index < this.#noise.length; index++) {
      squares += this.#noise[index - 1]! ** 2;
      products += this.#noise[index - 1]! * this.#noise[index]!;
    }
    return squares > 0 ? products / squares : 0;
  }

  deviance(phi: number): number {
    const count = this.#noise.length - 1;
    let squares = 0;
    let rounding = Number.MIN_VALUE;
    for (let index = 1; index <= count; index++) {
      squares += (this.#noise[index]! - phi * this.#noise[index - 1]!) ** 2;
      rounding += 1e-24 * this.#series[index]! ** 2;
    }
    return count * Math.log(Math.max(squares, rounding) / count);
  }

  #setNoise(): void {
    for (const [number, level] of this.levels.entries()) {
      for (let index = this.#bounds[number]!; index < this.#bounds[number + 1]!; index++) {
        this.#noise[index] = this.#series[index]! - level - this.slope * (index - this.#middle);
      }
    }
  }
}

/** Elimination for a positive definite matrix with the same number beside its diagonal everywhere. */
function solveTridiagonal(diagonal: Float64Array, beside: number, right: Float64Array): Float64Array {
  const pivots = diagonal.slice();
  const solution = right.slice();
  for (let at = 1; at < pivots.length; at++) {
    const factor = beside / pivots[at - 1]!;
    pivots[at]! -= factor * beside;
    solution[at]! -= factor * solution[at - 1]!;
  }
  for (let at = pivots.length - 1; at >= 0; at--) {
    const later = at + 1 < pivots.length ? beside * solution[at + 1]! : 0;
    solution[at] = (solution[at]! - later) / pivots[at]!;
  }
  return solution;
}

function dot(one: Float64Array, other: Float64Array): number {
  return one.reduce((sum, value, at) => sum + value * other[at]!, 0);
}
