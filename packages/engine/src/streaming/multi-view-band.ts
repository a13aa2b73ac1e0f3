import type { Verdict } from './detector.js';
import { predict } from './multi-view-model.js';
import { asTold, type Prediction } from './multi-view-prediction.js';
import { F } from './multi-view-state.js';
import type { TimeOfDay } from './time-of-day.js';

const { ERROR, HIGH, LOW } = F;

/** Halvings of a deviation: to a millionth of it. */
const HALVINGS = 20;
/** The farthest end of a band that a sample is outside of, in parts of its error. */
const JUST_INSIDE = 1 - 2 ** -HALVINGS;

/**
 * Half the width of the band that is told with an anomalous sample. What the views call anomalous within the single
 * sample's band is told with the deviation from which they do, found by halving, so that anomalous always means outside;
 * where they would call anything so, with the mean error, or just under this sample's own. `probe` is overwritten.
 */
export function toldBand(
  cells: Float64Array,
  at: number,
  timeOfDay: TimeOfDay,
  sample: Prediction,
  probe: Prediction,
): number {
  if (sample.error > sample.band) return sample.band;
  probe.timeMs = sample.timeMs;
  probe.singles = sample.singles;
  probe.wholes = sample.wholes;
  const { expected } = sample;
  const side = sample.value < expected ? -1 : 1;
  let calm = 0;
  let out = sample.error;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (calm + out) / 2;
    probe.raw = asTold(sample, expected + side * middle);
    predict(cells, at, timeOfDay, probe);
    if (probe.anomalous) out = middle;
    else calm = middle;
  }
  return Math.max(calm, Math.min(cells[at + ERROR]!, sample.error * JUST_INSIDE));
}

/** What is whole, and how near to it a series must have come to be taken for a percentage. */
const WHOLE_PERCENT = 100;
const NEARLY_WHOLE = 99;

/**
 * Ends the band that is told at 0 where the series has never been beyond, neither is it now nor expected there: most
 * measures have no values of the other sign. And at 100 where it has come as near as 99 and never over it, nor below 0:
 * it is a percentage, or its largest value lies there by a chance of one in two hundred. What is anomalous stays as it is.
 */
export function endAtLimits(cells: Float64Array, at: number, { raw: value }: Prediction, out: Verdict): void {
  const { expected, lower, upper } = out;
  const low = cells[at + LOW]!;
  const high = cells[at + HIGH]!;
  if (lower < 0 && lower > Number.NEGATIVE_INFINITY && low >= 0) {
    out.lower = Math.max(lower, Math.min(0, value, expected));
  }
  if (!(upper > 0 && upper < Number.POSITIVE_INFINITY)) return;
  if (high <= 0) out.upper = Math.min(upper, Math.max(0, value, expected));
  else if (upper > WHOLE_PERCENT && low >= 0 && high >= NEARLY_WHOLE && high <= WHOLE_PERCENT) {
    out.upper = Math.min(upper, Math.max(WHOLE_PERCENT, value, expected));
  }
}
