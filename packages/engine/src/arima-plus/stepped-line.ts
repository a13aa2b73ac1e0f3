import { autoregressiveDeviance } from './autoregressive-fit.js';
import { over, spread } from './autoregressive-noise.js';
import type { ObservedSeries } from './observed-series.js';

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
 * y_t − φ y_{t−1}, or over a gap of g in (y_t − φ^g y_{t−g}) / √Σ φ^{2k}. Without steps and gaps the fit is exact;
 * without steps but with gaps it is the better one of two, from either end of φ. Cost: some ten passes.
 * Source: Cochrane & Orcutt (1949), J. American Statistical Association 44.
 * @param starts first values of the stretches but the first, by number among the observed, ascending, from 1
 * @param phi to start from, 0 to 1
 */
export function fitSteppedLine(
  observed: ObservedSeries,
  starts: readonly number[],
  phi: number,
): SteppedLine {
  if (starts.length > 0) return fitted(new LevelEquations(observed, starts), phi);
  const levels = new Float64Array(1);
  if (observed.places.at(-1) === observed.values.length - 1) {
    return { levels, deviance: autoregressiveDeviance(observed.values) };
  }
  const line = new LevelEquations(observed, starts);
  return { levels, deviance: Math.min(fitted(line, phi).deviance, fitted(line, 1).deviance) };
}

function fitted(line: LevelEquations, phi: number): SteppedLine {
  let current = Math.min(phi, PHI_MAX);
  for (let round = 0; round < ROUNDS; round++) {
    line.solve(current);
    const next = Math.min(PHI_MAX, Math.max(0, line.autocorrelation()));
    if (next === current) break;
    current = next;
  }
  line.solve(current);
  return { levels: line.levels, deviance: line.deviance(current) };
}

class LevelEquations {
  readonly levels: Float64Array;
  slope = 0;
  readonly #observed: ObservedSeries;
  readonly #bounds: readonly number[];
  readonly #middle: number;
  readonly #noise: Float64Array;

  constructor(observed: ObservedSeries, starts: readonly number[]) {
    const { values, places } = observed;
    this.#observed = observed;
    this.#bounds = [0, ...starts, values.length];
    this.#middle = (places[0]! + places.at(-1)!) / 2;
    this.levels = new Float64Array(starts.length + 1);
    this.#noise = new Float64Array(values.length);
  }

  solve(phi: number): void {
    const { values: series, places, gaps } = this.#observed;
    const middle = this.#middle;
    const count = this.levels.length;
    const diagonal = new Float64Array(count);
    const beside = new Float64Array(count);
    const values = new Float64Array(count);
    const times = new Float64Array(count);
    let [timeSquares, timeValues] = [0, 0];
    for (let number = 0; number < count; number++) {
      const from = this.#bounds[number]!;
      const to = this.#bounds[number + 1]!;
      let ones = 0;
      let [ownValues, ownTimes] = [0, 0];
      for (let index = Math.max(1, from); index < to; index++) {
        const gap = gaps[index]!;
        if (gap === 1 && index > from) {
          // As below, with all that is 1 left out: this is the innermost loop.
          const value = series[index]! - phi * series[index - 1]!;
          const time = (1 - phi) * (places[index]! - middle) + phi;
          timeSquares += time * time;
          timeValues += time * value;
          ones++;
          ownValues += (1 - phi) * value;
          ownTimes += (1 - phi) * time;
          continue;
        }
        const held = over(phi, gap);
        const weight = 1 / spread(phi, gap);
        const value = series[index]! - held * series[index - 1]!;
        const time = (1 - held) * (places[index]! - middle) + held * gap;
        const own = index === from ? 1 : 1 - held;
        timeSquares += weight * time * time;
        timeValues += weight * time * value;
        diagonal[number]! += weight * own * own;
        ownValues += weight * own * value;
        ownTimes += weight * own * time;
        if (index > from) continue;
        diagonal[number - 1]! += weight * held * held;
        beside[number]! = -weight * held;
        values[number - 1]! -= weight * held * value;
        times[number - 1]! -= weight * held * time;
      }
      // Not one by one, which would cost digits.
      diagonal[number]! += ones * (1 - phi) ** 2;
      // Of the next stretch only its first value reaches back.
      values[number]! += ownValues;
      times[number]! += ownTimes;
    }
    const ofValues = solveTridiagonal(diagonal, beside, values);
    const ofTimes = solveTridiagonal(diagonal, beside, times);
    this.slope = (timeValues - dot(times, ofValues)) / (timeSquares - dot(times, ofTimes));
    if (!Number.isFinite(this.slope)) this.slope = 0;
    for (let at = 0; at < count; at++) this.levels[at] = ofValues[at]! - this.slope * ofTimes[at]!;
    this.#setNoise();
  }

  /** Of neighbours that are as far apart as most. */
  autocorrelation(): number {
    const { gaps, pace } = this.#observed;
    const noise = this.#noise;
    let [squares, products] = [0, 0];
    for (let index = 1; index < noise.length; index++) {
      if (gaps[index] !== pace) continue;
      squares += noise[index - 1]! ** 2;
      products += noise[index - 1]! * noise[index]!;
    }
    if (!(squares > 0 && products > 0)) return 0;
    return pace === 1 ? products / squares : (products / squares) ** (1 / pace);
  }

  deviance(phi: number): number {
    const { values, gaps } = this.#observed;
    const count = this.#noise.length - 1;
    let squares = 0;
    let rounding = Number.MIN_VALUE;
    let logVariances = 0;
    for (let index = 1; index <= count; index++) {
      const gap = gaps[index]!;
      const variance = spread(phi, gap);
      squares += (this.#noise[index]! - over(phi, gap) * this.#noise[index - 1]!) ** 2 / variance;
      rounding += 1e-24 * values[index]! ** 2;
      if (gap > 1) logVariances += Math.log(variance);
    }
    return count * Math.log(Math.max(squares, rounding) / count) + logVariances;
  }

  #setNoise(): void {
    const { values, places } = this.#observed;
    const [noise, middle, slope] = [this.#noise, this.#middle, this.slope];
    for (const [number, level] of this.levels.entries()) {
      const to = this.#bounds[number + 1]!;
      for (let index = this.#bounds[number]!; index < to; index++) {
        noise[index] = values[index]! - (level + slope * (places[index]! - middle));
      }
    }
  }
}

/** Elimination for a positive definite matrix. @param beside what is left of each diagonal element; of the first none */
function solveTridiagonal(diagonal: Float64Array, beside: Float64Array, right: Float64Array): Float64Array {
  const pivots = diagonal.slice();
  const solution = right.slice();
  for (let at = 1; at < pivots.length; at++) {
    const factor = beside[at]! / pivots[at - 1]!;
    pivots[at]! -= factor * beside[at]!;
    solution[at]! -= factor * solution[at - 1]!;
  }
  for (let at = pivots.length - 1; at >= 0; at--) {
    const later = at + 1 < pivots.length ? beside[at + 1]! * solution[at + 1]! : 0;
    solution[at] = (solution[at]! - later) / pivots[at]!;
  }
  return solution;
}

function dot(one: Float64Array, other: Float64Array): number {
  return one.reduce((sum, value, at) => sum + value * other[at]!, 0);
}
