import { probabilityWithin } from '@seismo/engine/normal-distribution';

/**
 * Two-sided CUSUM with mean 0 and deviation 1 known: S⁺ = max(0, S⁺ + z − k), S⁻ = max(0, S⁻ − z − k), an alarm where
 * either exceeds h, then both start at 0 again. Source: Page (1954), "Continuous inspection schemes", Biometrika 41.
 * It knows what a detector has to learn, so its delay is the least that can be asked for.
 */
export class Cusum {
  #reference;
  #limit;
  #up = 0;
  #down = 0;

  /**
   * @param {number} reference k, half the shift to be found soonest
   * @param {number} limit h, from {@link limitFor}
   */
  constructor(reference, limit) {
    this.#reference = reference;
    this.#limit = limit;
  }

  /** Whether this sample raises an alarm. */
  takes(z) {
    this.#up = Math.max(0, this.#up + z - this.#reference);
    this.#down = Math.max(0, this.#down - z - this.#reference);
    if (this.#up <= this.#limit && this.#down <= this.#limit) return false;
    this.#up = 0;
    this.#down = 0;
    return true;
  }
}

/** States of the Markov chain; the run length then is right to a part of a thousand. */
const STATES = 120;

/** The h at which two one-sided CUSUMs together run so long on noise. */
export function limitFor(reference, runLength) {
  const isShort = (limit) => oneSidedRunLength(reference, limit) / 2 < runLength;
  // Up in steps: far above the answer run lengths are too long for the numbers.
  let high = 0.5;
  while (isShort(high)) high += 0.5;
  let low = high - 0.5;
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    if (isShort(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Mean samples until a one-sided CUSUM on noise exceeds h, from 0: the sum's range in slices is a Markov chain, and the run
 * lengths from each slice solve a linear system. Source: Brook & Evans (1972), Biometrika 59.
 */
function oneSidedRunLength(reference, limit) {
  const width = (2 * limit) / (2 * STATES - 1);
  const rows = Array.from({ length: STATES }, (_, from) => {
    const row = new Float64Array(STATES + 1);
    for (let to = 0; to < STATES; to++) {
      const centre = (to - from) * width + reference;
      const below = to === 0 ? 0 : normalCdf(centre - width / 2);
      row[to] = (from === to ? 1 : 0) - (normalCdf(centre + width / 2) - below);
    }
    row[STATES] = 1;
    return row;
  });
  return solve(rows)[0];
}

/** Gauss elimination; the matrix is 1 − P with rows that sum to less than 1, so no pivot is 0. */
function solve(rows) {
  const size = rows.length;
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const factor = rows[row][pivot] / rows[pivot][pivot];
      if (factor === 0) continue;
      for (let column = pivot; column <= size; column++) rows[row][column] -= factor * rows[pivot][column];
    }
  }
  const solution = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    let sum = rows[row][size];
    for (let column = row + 1; column < size; column++) sum -= rows[row][column] * solution[column];
    solution[row] = sum / rows[row][row];
  }
  return solution;
}

function normalCdf(z) {
  return 0.5 + (Math.sign(z) * probabilityWithin(z)) / 2;
}
