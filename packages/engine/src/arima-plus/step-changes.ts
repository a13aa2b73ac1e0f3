import { autoregressiveNoise } from './autoregressive-noise.js';
import { type ObservedSeries, observedSeries } from './observed-series.js';
import { quantile } from './robust-scale.js';
import { besideLevels } from './step-borders.js';
import { type StepChange, stepComponent } from './step-component.js';
import { STEP_SIDE_LEAST, StepContrast } from './step-contrast.js';
import { fitSteppedLine } from './stepped-line.js';

export interface StepChanges {
  /** In order of time. */
  readonly steps: readonly StepChange[];
  /** Sum of the steps so far, 0 before the first: what to take off the series so that it goes on at its first level. */
  readonly component: Float64Array;
  /**
   * Indices of values that belong to none of the levels, ascending: one on the way from a level to the next, and a
   * shift that the series ends with, too young to be told from a spike.
   */
  readonly aside: readonly number[];
}

/** Each layer of intervals is shorter than the one before by this. Kovács et al. (2023), section 2.2. */
const DECAY = Math.SQRT1_2;
const PASSES_MAX = 10;
/** Searches, each without the values that the one before put aside. */
const ROUNDS_MAX = 4;
/** A place is searched again so far to both sides; beyond lies nothing that could show a step of 0.15 deviations. */
const SETTLED_REACH = 4000;

/**
 * Finds lasting changes of level, with noise that may be anything from white to a random walk, and with trends.
 * Seeded binary segmentation: some n log n intervals of all lengths are each searched for their strongest step; the
 * shortest interval with one that is strong enough settles where it is, and those that hold it are dropped; the
 * stretches between are then split further. Each step is searched again between its neighbours, and must still be
 * strong, and last. In the end the strongest k are kept such that a line with autoregressive noise plus those steps is
 * most likely, each having to pay for itself: what a wandering series does without steps is not taken for steps.
 * A step comes into question beyond √(2 ln n) standard errors, and is kept if it adds 2 ln n + 9 to twice the
 * log-likelihood: about 1 of 100 series of noise get a step (measured on 30 to 1,000 values, white to random walk).
 * Noise with tails far heavier than normal that adds up is another matter: its jumps do last.
 * A value on the way from one level to the next, and a shift at the end that is too young, would show a level that no
 * data had: steps are then searched without them (step-borders.ts).
 * Values that fill gaps do not count: a step is one of the values that were observed, and begins with one.
 * Cost: some 150 ns · n log₂ n and 90 bytes a value.
 * Source: Kovács, Bühlmann, Li & Munk (2023), "Seeded binary segmentation", Biometrika 110; narrowest over threshold
 * by Baranowski, Chen & Fryzlewicz (2019), J. Royal Statistical Society B 81; the choice of k after Shi, Gallagher,
 * Lund & Killick (2022), Computational Statistics & Data Analysis 170, section 2.
 * @param series regular, finite, oldest first, without season and spikes; of fewer than 10 observed values none has a step
 * @param filled as long as the series, 1 where a value is interpolated. Default: none is
 */
export function stepChanges(series: Float64Array, filled?: Uint8Array): StepChanges {
  const largest = series.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // By a power of two, so that squares of squares neither overflow nor vanish and no digit changes.
  const scale = 2 ** Math.floor(Math.log2(largest));
  if (largest === 0) return { steps: [], component: new Float64Array(series.length), aside: [] };
  const scaled = series.map((value) => value / scale);
  const left = filled?.slice() ?? new Uint8Array(series.length);
  const aside = new Set<number>();
  let found = stepsOf(scaled, left);
  for (let round = 1; round < ROUNDS_MAX && found.aside.length > 0; round++) {
    for (const index of found.aside) {
      left[index] = 1;
      aside.add(index);
    }
    found = stepsOf(scaled, left);
  }
  const steps = found.steps.map((step) => ({ ...step, size: step.size * scale }));
  const component = stepComponent(steps, 0, series.length);
  return { steps, component, aside: besides(steps, [...aside], left) };
}

/** Of the values put aside, those beside a step that was found without them, and those that the series ends with. */
function besides(
  steps: readonly StepChange[],
  aside: readonly number[],
  left: Uint8Array,
): readonly number[] {
  const firsts = new Set(steps.map(({ index }) => index));
  return aside
    .filter((index) => {
      let next = index + 1;
      while (next < left.length && left[next] === 1) next++;
      return next === left.length || firsts.has(next);
    })
    .sort((a, b) => a - b);
}

/** Steps of what was observed, and which values belong to none of the levels. */
function stepsOf(series: Float64Array, filled: Uint8Array): Pick<StepChanges, 'steps' | 'aside'> {
  const none = { steps: [], aside: [] };
  const observed = observedSeries(series, filled);
  const { values, places } = observed;
  const { length } = values;
  if (length < 2 * STEP_SIDE_LEAST) return none;
  const { phi, deviation } = autoregressiveNoise(observed);
  if (!(deviation > 0)) return none;
  const contrast = new StepContrast(observed, phi, deviation);
  const threshold = Math.sqrt(2 * Math.log(length));
  const found = settled(values, narrowest(length, contrast, threshold), contrast, threshold, deviation);
  const price = threshold ** 2 + 9;
  const steps = mostLikely(observed, found, phi, price);
  const aside = besideLevels({ observed, steps, deviation, price }, contrast);
  return {
    steps: steps.map((step) => ({ ...step, index: places[step.index]! })),
    aside: aside.map((number) => places[number]!),
  };
}

/** Of the sets of the strongest steps, the one that makes the series most likely after each has paid its price. */
function mostLikely(
  observed: ObservedSeries,
  steps: readonly StepChange[],
  phi: number,
  price: number,
): readonly StepChange[] {
  const byStrength = [...steps].sort((a, b) => b.strength - a.strength);
  let best: readonly StepChange[] = [];
  let least = Number.POSITIVE_INFINITY;
  const attempt = (count: number) => {
    const chosen = byStrength.slice(0, count).sort((a, b) => a.index - b.index);
    const line = fitSteppedLine(
      observed,
      chosen.map(({ index }) => index),
      phi,
    );
    const cost = line.deviance + count * price;
    if (cost >= least) return;
    least = cost;
    const { levels } = line;
    best = chosen.map((step, number) => ({ ...step, size: levels[number + 1]! - levels[number]! }));
  };
  // One by one while they are few; with many, the sets grow by a quarter, up to all of them.
  for (let count = 0; count < steps.length; count += Math.max(1, count >> 2)) attempt(count);
  attempt(steps.length);
  return best;
}

interface Interval {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly strength: number;
}

/** Places of steps, ascending, at least a side apart. */
function narrowest(length: number, contrast: StepContrast, threshold: number): number[] {
  const strong: Interval[] = [];
  for (let span = length, layer = 0; span >= 2 * STEP_SIDE_LEAST; layer++) {
    const count = 2 * Math.ceil((1 / DECAY) ** layer - 1e-9) - 1;
    const shift = count > 1 ? (length - span) / (count - 1) : 0;
    for (let number = 0; number < count; number++) {
      const from = Math.floor(number * shift);
      const to = Math.min(length, Math.ceil(number * shift + span));
      if (contrast.search(from, to) && contrast.strength > threshold) {
        strong.push({ from, to, at: contrast.at, strength: contrast.strength });
      }
    }
    span *= DECAY;
  }
  strong.sort((a, b) => a.to - a.from - (b.to - b.from) || b.strength - a.strength || a.at - b.at);
  const taken = new Uint8Array(length);
  const places: number[] = [];
  for (const { from, to, at } of strong) {
    const low = Math.min(from + 1, at - STEP_SIDE_LEAST + 1);
    if (taken.subarray(Math.max(0, low), Math.max(to, at + STEP_SIDE_LEAST)).includes(1)) continue;
    taken[at] = 1;
    places.push(at);
  }
  return split(places, length, contrast, threshold);
}

/** Between the places found, what is left of larger intervals may show more: the strongest, then to both sides of it. */
function split(
  places: readonly number[],
  length: number,
  contrast: StepContrast,
  threshold: number,
): number[] {
  const sorted = [...places].sort((a, b) => a - b);
  const open = [0, ...sorted].map((from, number): [number, number] => [from, sorted[number] ?? length]);
  for (let stretch = open.pop(); stretch !== undefined; stretch = open.pop()) {
    const [from, to] = stretch;
    if (!contrast.search(from, to) || contrast.strength <= threshold) continue;
    sorted.push(contrast.at);
    open.push([from, contrast.at], [contrast.at, to]);
  }
  return sorted.sort((a, b) => a - b);
}

/** Searches each place again between its neighbours; what is too weak then, or does not last, goes. */
function settled(
  series: Float64Array,
  places: number[],
  contrast: StepContrast,
  threshold: number,
  deviation: number,
): StepChange[] {
  let current = places;
  for (let pass = 0; ; pass++) {
    const steps: StepChange[] = [];
    for (const [number, at] of current.entries()) {
      const from = Math.max(steps.at(-1)?.index ?? 0, at - SETTLED_REACH);
      const to = Math.min(current[number + 1] ?? series.length, at + SETTLED_REACH);
      if (!contrast.search(from, to) || contrast.strength <= threshold) continue;
      const { at: index, size, strength } = contrast;
      if (lasts(series, from, to, index, size, deviation)) steps.push({ index, size, strength });
    }
    const same =
      steps.length === current.length && steps.every(({ index }, number) => index === current[number]);
    if (same || pass === PASSES_MAX) return steps;
    current = steps.map(({ index }) => index);
  }
}

/** A spike is no step: medians of both sides, over as many values as the noise asks for, must differ by half of it. */
function lasts(
  series: Float64Array,
  from: number,
  to: number,
  at: number,
  size: number,
  deviation: number,
): boolean {
  const side = Math.max(STEP_SIDE_LEAST, Math.ceil(50 * (deviation / size) ** 2));
  const before = quantile(series.subarray(Math.max(from, at - side), at), 0.5);
  const after = quantile(series.subarray(at, Math.min(to, at + side)), 0.5);
  return (after - before) * Math.sign(size) > Math.abs(size) / 2;
}
