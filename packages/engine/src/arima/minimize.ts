/** What {@link minimize} found. */
export interface Minimum {
  readonly at: Float64Array;
  readonly value: number;
  readonly evaluations: number;
}

export interface MinimizeOptions {
  /** Stops once a step lowers the value by less than this share of (1 + |value|). Default 1e-13. */
  readonly valueTolerance?: number;
  /** Stops once no slope is steeper. Default 1e-7. */
  readonly slopeTolerance?: number;
  /** Default 200. */
  readonly stepsMax?: number;
}

const SLOPE_STEP = 1e-6;
/** Share of the decrease that the slope promises which a step must bring (Armijo). */
const SUFFICIENT = 1e-4;
const HALVINGS_MAX = 30;
/** How far one step may move a number; the numbers are inverse hyperbolic tangents, where 2 is a long way. */
const STEP_MAX = 2;

/**
 * Finds a local minimum of a smooth function of a few numbers: BFGS with slopes by forward differences and a line
 * search that halves. Deterministic: the same start gives the same result. The function may answer Infinity or NaN
 * outside its domain, but not at the start. Cost: k + 1 to k + 3 evaluations a step.
 * Source: Nocedal & Wright (2006), "Numerical Optimization", algorithms 6.1 and 3.1, equation 6.17.
 * @throws RangeError if the function is not finite at the start
 */
export function minimize(
  of: (numbers: Float64Array) => number,
  start: Float64Array,
  options: MinimizeOptions = {},
): Minimum {
  const { valueTolerance = 1e-13, slopeTolerance = 1e-7, stepsMax = 200 } = options;
  const search = new Search(of, start);
  for (let step = 0; step < stepsMax; step++) {
    if (search.steepest() < slopeTolerance) break;
    const before = search.value;
    if (!search.advance()) {
      if (search.fresh) break;
      search.forget();
      continue;
    }
    if (before - search.value < valueTolerance * (1 + Math.abs(search.value))) break;
  }
  return { at: search.at, value: search.value, evaluations: search.evaluations };
}

class Search {
  readonly at: Float64Array;
  value: number;
  evaluations = 0;
  /** Nothing has been learned of the curvature yet. */
  fresh = true;
  readonly #of: (numbers: Float64Array) => number;
  readonly #size: number;
  #slope: Float64Array;
  #slopeNext: Float64Array;
  readonly #next: Float64Array;
  readonly #direction: Float64Array;
  readonly #curved: Float64Array;
  /** Inverse of the second derivatives, as far as known. */
  readonly #inverse: Float64Array;

  constructor(of: (numbers: Float64Array) => number, start: Float64Array) {
    this.#of = of;
    this.#size = start.length;
    this.at = start.slice();
    this.value = this.#evaluate(this.at);
    if (!Number.isFinite(this.value)) throw new RangeError('the function must be finite at the start');
    this.#slope = new Float64Array(this.#size);
    this.#slopeNext = new Float64Array(this.#size);
    this.#next = new Float64Array(this.#size);
    this.#direction = new Float64Array(this.#size);
    this.#curved = new Float64Array(this.#size);
    this.#inverse = new Float64Array(this.#size * this.#size);
    this.forget();
    this.#slopeAt(this.at, this.value, this.#slope);
  }

  steepest(): number {
    return this.#slope.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
  }

  forget(): void {
    this.fresh = true;
    this.#inverse.fill(0);
    for (let i = 0; i < this.#size; i++) this.#inverse[i * this.#size + i] = 1;
  }

  /** One step along −H·slope. False if nothing lower was found there. */
  advance(): boolean {
    const promise = this.#point();
    if (!(promise < 0)) return false;
    let length = 1;
    for (let halving = 0; halving < HALVINGS_MAX; halving++) {
      for (let i = 0; i < this.#size; i++) this.#next[i] = this.at[i]! + length * this.#direction[i]!;
      const value = this.#evaluate(this.#next);
      if (value <= this.value + SUFFICIENT * length * promise && value < this.value) {
        this.#take(value);
        return true;
      }
      length /= 2;
    }
    return false;
  }

  #evaluate(numbers: Float64Array): number {
    this.evaluations++;
    const value = this.#of(numbers);
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  }

  /** Sets the direction, no longer than STEP_MAX, and returns the slope along it. */
  #point(): number {
    const size = this.#size;
    let longest = 0;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum -= this.#inverse[i * size + j]! * this.#slope[j]!;
      this.#direction[i] = sum;
      longest = Math.max(longest, Math.abs(sum));
    }
    const shrink = longest > STEP_MAX ? STEP_MAX / longest : 1;
    let promise = 0;
    for (let i = 0; i < size; i++) {
      this.#direction[i] = this.#direction[i]! * shrink;
      promise += this.#direction[i]! * this.#slope[i]!;
    }
    return promise;
  }

  #take(value: number): void {
    this.#slopeAt(this.#next, value, this.#slopeNext);
    this.#learn();
    this.at.set(this.#next);
    this.value = value;
    [this.#slope, this.#slopeNext] = [this.#slopeNext, this.#slope];
  }

  #slopeAt(at: Float64Array, value: number, slope: Float64Array): void {
    for (let i = 0; i < this.#size; i++) {
      const here = at[i]!;
      at[i] = here + SLOPE_STEP;
      const above = this.#evaluate(at);
      at[i] = here - SLOPE_STEP;
      // At the edge of the domain, the other side.
      slope[i] = Number.isFinite(above)
        ? (above - value) / SLOPE_STEP
        : (value - this.#evaluate(at)) / SLOPE_STEP;
      if (!Number.isFinite(slope[i]!)) slope[i] = 0;
      at[i] = here;
    }
  }

  /** The BFGS update of the inverse, with s = next − at and y the change of the slope. */
  #learn(): void {
    const size = this.#size;
    let sy = 0;
    let yy = 0;
    for (let i = 0; i < size; i++) {
      const y = this.#slopeNext[i]! - this.#slope[i]!;
      this.#direction[i] = this.#next[i]! - this.at[i]!;
      sy += this.#direction[i]! * y;
      yy += y * y;
    }
    if (!(sy > 1e-12 * yy) || !(yy > 0)) return;
    if (this.fresh) for (let i = 0; i < size; i++) this.#inverse[i * size + i] = sy / yy;
    this.fresh = false;
    let yHy = 0;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) {
        sum += this.#inverse[i * size + j]! * (this.#slopeNext[j]! - this.#slope[j]!);
      }
      this.#curved[i] = sum;
      yHy += sum * (this.#slopeNext[i]! - this.#slope[i]!);
    }
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const s = this.#direction[i]! * this.#direction[j]!;
        const cross = this.#curved[i]! * this.#direction[j]! + this.#direction[i]! * this.#curved[j]!;
        this.#inverse[i * size + j] = this.#inverse[i * size + j]! + (s * (1 + yHy / sy) - cross) / sy;
      }
    }
  }
}
