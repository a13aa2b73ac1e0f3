/** Intervals shorter than this many values hold no step that could be told from noise. */
export const STEP_SIDE_LEAST = 5;

/**
 * How strongly a stretch of a series speaks for a step at a place, given noise that is autoregressive of order 1: the
 * t-statistic of the step in the generalised least squares fit of level + slope · t + step, that is, after
 * z_t = y_t − φ y_{t−1}. With φ = 0 that compares the means of both sides (less a line), with φ = 1 one change
 * with the others. The local slope keeps trends from being taken for steps.
 * Cost: two prefix sums once, then some ten operations a place.
 * Source: Baranowski, Chen & Fryzlewicz (2019), J. Royal Statistical Society B 81, section 2.2, for contrasts on
 * intervals; Chakar, Lebarbier, Lévy-Leduc & Robin (2017), Bernoulli 23, equation 3, for the transformation.
 */
export class StepContrast {
  /** Of the last search: where the step is strongest (its first value), how strong, and how large. */
  at = 0;
  strength = 0;
  size = 0;
  readonly #z: Float64Array;
  readonly #sums: Float64Array;
  readonly #momentSums: Float64Array;
  /** What a lasting step of 1 leaves of itself after the transformation: 1 − φ. */
  readonly #kept: number;
  readonly #deviation: number;

  /** @param transformed z of the whole series; its first value is not looked at */
  constructor(transformed: Float64Array, phi: number, deviation: number) {
    this.#z = transformed;
    this.#kept = 1 - phi;
    this.#deviation = deviation;
    this.#sums = new Float64Array(transformed.length + 1);
    this.#momentSums = new Float64Array(transformed.length + 1);
    for (let index = 1; index < transformed.length; index++) {
      this.#sums[index + 1] = this.#sums[index]! + transformed[index]!;
      this.#momentSums[index + 1] = this.#momentSums[index]! + index * transformed[index]!;
    }
  }

  /**
   * Looks at every place of the values from..to − 1 that leaves enough on both sides.
   * @returns whether there is such a place
   */
  search(from: number, to: number): boolean {
    const z = this.#z;
    const sums = this.#sums;
    const kept = this.#kept;
    const count = to - from - 1;
    const middle = (from + to) / 2;
    const end = sums[to]!;
    const total = end - sums[from + 1]!;
    const slopeSum = this.#momentSums[to]! - this.#momentSums[from + 1]! - middle * total;
    const perCount = 1 / count;
    const perSquare = 12 / (count * (count * count - 1));
    let best = 0;
    let bestExplained = 0;
    let bestInformation = 1;
    for (let at = from + STEP_SIDE_LEAST; at <= to - STEP_SIDE_LEAST; at++) {
      const lasting = kept * (to - 1 - at);
      const stepSum = 1 + lasting;
      const stepTime = at - middle + lasting * ((at + to) / 2 - middle);
      const slope = stepTime * perSquare;
      const mean = stepSum * perCount;
      const explained = z[at]! + kept * (end - sums[at + 1]!) - mean * total - slope * slopeSum;
      const information = 1 + kept * lasting - stepSum * mean - slope * stepTime;
      // Compared without dividing: this is the innermost loop.
      if (explained * explained > best * information) {
        best = (explained * explained) / information;
        bestExplained = explained;
        bestInformation = information;
        this.at = at;
      }
    }
    this.size = bestExplained / bestInformation;
    this.strength = Math.sqrt(best) / this.#deviation;
    return to - from >= 2 * STEP_SIDE_LEAST;
  }
}
