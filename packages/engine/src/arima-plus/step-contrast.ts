import { over, spread } from './autoregressive-noise.js';
import type { ObservedSeries } from './observed-series.js';

/** Intervals shorter than this many values hold no step that could be told from noise. */
export const STEP_SIDE_LEAST = 5;

/**
 * How strongly a stretch of a series speaks for a step at a place, given noise that is autoregressive of order 1: the
 * t-statistic of the step in the generalised least squares fit of level + slope · t + step, that is, after
 * z_t = y_t − φ y_{t−1}. With φ = 0 that compares the means of both sides (less a line), with φ = 1 one change
 * with the others. The local slope keeps trends from being taken for steps. Over a gap of g steps
 * z_t = y_t − φ^g y_{t−g}, which is Σ φ^k z_{t−k} of what was not observed, with a variance of Σ φ^{2k}.
 * Cost: two passes over the stretch, some thirty operations a place.
 * Source: Baranowski, Chen & Fryzlewicz (2019), J. Royal Statistical Society B 81, section 2.2, for contrasts on
 * intervals; Chakar, Lebarbier, Lévy-Leduc & Robin (2017), Bernoulli 23, equation 3, for the transformation.
 */
export class StepContrast {
  /** Of the last search: where the step is strongest (its first observed value), how strong, and how large. */
  at = 0;
  strength = 0;
  size = 0;
  /** Each divided by the standard deviation of its noise: z, and what a lasting level and slope of 1 add to it. */
  readonly #z: Float64Array;
  readonly #levels: Float64Array;
  readonly #times: Float64Array;
  /** What a step of 1 adds to the z it begins with. */
  readonly #firsts: Float64Array;
  /** What a lasting step of 1 leaves of itself after the transformation: 1 − φ, in units of a level's. */
  readonly #kept: number;
  readonly #deviation: number;

  /** @param observed its first value is only looked back at */
  constructor(observed: ObservedSeries, phi: number, deviation: number) {
    const { values, places, gaps } = observed;
    this.#kept = 1 - phi;
    this.#deviation = deviation;
    this.#z = new Float64Array(values.length);
    this.#levels = new Float64Array(values.length);
    this.#times = new Float64Array(values.length);
    this.#firsts = new Float64Array(values.length);
    for (let at = 1; at < values.length; at++) {
      const gap = gaps[at]!;
      const weight = 1 / Math.sqrt(spread(phi, gap));
      // Of z over a gap: Σ φ^k and Σ φ^k (t − k).
      let [level, time, power] = [0, 0, 1];
      for (let back = 0; back < gap; back++, power *= phi) {
        level += power;
        time += power * (places[at]! - back);
      }
      this.#z[at] = weight * (values[at]! - over(phi, gap) * values[at - 1]!);
      this.#levels[at] = weight * level;
      this.#times[at] = weight * time;
      this.#firsts[at] = weight;
    }
  }

  /**
   * Looks at every place of the values from..to − 1 that leaves enough on both sides.
   * @param after so many values from the step on are enough
   * @returns whether there is such a place
   */
  search(from: number, to: number, after = STEP_SIDE_LEAST): boolean {
    const [z, levels, times, firsts, kept] = [this.#z, this.#levels, this.#times, this.#firsts, this.#kept];
    // From the middle on, so that squares of times keep their digits.
    const middle = this.#middle(from, to);
    let [levelLevel, levelTime, timeTime, levelZ, timeZ] = [0, 0, 0, 0, 0];
    for (let at = from + 1; at < to; at++) {
      const level = levels[at]!;
      const time = times[at]! - middle * level;
      levelLevel += level * level;
      levelTime += level * time;
      timeTime += time * time;
      levelZ += level * z[at]!;
      timeZ += time * z[at]!;
    }
    const tilt = levelTime / levelLevel;
    const slopeZ = timeZ - tilt * levelZ;
    const perLevel = 1 / levelLevel;
    const perSlope = 1 / (timeTime - tilt * levelTime);
    let [laterLevel, laterTime, laterZ] = [0, 0, 0];
    let best = Number.MIN_VALUE;
    let bestExplained = 0;
    let bestInformation = 1;
    for (let at = to - 1; at >= from + STEP_SIDE_LEAST; at--) {
      const first = firsts[at]!;
      const level = levels[at]!;
      const time = times[at]! - middle * level;
      if (at <= to - after) {
        const stepLevel = first * level + kept * laterLevel;
        const mean = stepLevel * perLevel;
        const slopeStep = first * time + kept * laterTime - tilt * stepLevel;
        const slope = slopeStep * perSlope;
        const explained = first * z[at]! + kept * laterZ - mean * levelZ - slope * slopeZ;
        const information = first * first + kept * kept * laterLevel - stepLevel * mean - slope * slopeStep;
        // Compared without dividing: this is the innermost loop.
        if (information > 0 && explained * explained >= best * information) {
          best = (explained * explained) / information;
          bestExplained = explained;
          bestInformation = information;
          this.at = at;
        }
      }
      laterLevel += level * level;
      laterTime += level * time;
      laterZ += level * z[at]!;
    }
    this.size = bestExplained / bestInformation;
    this.strength = Math.sqrt(best) / this.#deviation;
    return to - from >= STEP_SIDE_LEAST + after;
  }

  #middle(from: number, to: number): number {
    if (to - from < 2) return 0;
    return (
      (this.#times[from + 1]! / this.#levels[from + 1]! + this.#times[to - 1]! / this.#levels[to - 1]!) / 2
    );
  }
}
