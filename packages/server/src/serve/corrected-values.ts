import { VERDICT_STATES } from '@seismo/engine/streaming';
import type { SampleColumns } from '../ports/sample-store.js';

const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');
const UNKNOWN = VERDICT_STATES.indexOf('unknown');
/** Value and bounds are sums of the same numbers, rounded in another order. */
const ROUNDING = 4 * Number.EPSILON;

/**
 * Whether a verdict was given for another value than this one: it was corrected since, to the other side of a bound
 * of the band. Verdicts do not hold their value, but anomalous means outside the band.
 */
export function isOutdated(isAnomalous: boolean, value: number, lower: number, upper: number): boolean {
  const slack = upper > lower ? ROUNDING * largestEnd(lower, upper) : 0;
  // Without width, what is anomalous is that the series stands still, at this very value.
  return isAnomalous
    ? upper > lower && value >= lower + slack && value <= upper - slack
    : value < lower - slack || value > upper + slack;
}

/** Of a band that may have no end on one side. */
function largestEnd(lower: number, upper: number): number {
  const low = Number.isFinite(lower) ? Math.abs(lower) : 0;
  return Number.isFinite(upper) ? Math.max(low, Math.abs(upper)) : low;
}

/**
 * A corrected value that its verdict does not fit is shown as not judged. Its band stays: that was made of the samples
 * before it.
 */
export function withoutOutdated(columns: SampleColumns): SampleColumns {
  const { values, lower, upper } = columns;
  let fresh: SampleColumns | undefined;
  for (let row = 0; row < values.length; row++) {
    if (!isOutdated(columns.states[row] === ANOMALOUS, values[row]!, lower[row]!, upper[row]!)) continue;
    // What the store gave may be shared.
    fresh ??= {
      ...columns,
      states: columns.states.slice(),
      probability: columns.probability.slice(),
      alarms: columns.alarms.slice(),
    };
    fresh.states[row] = UNKNOWN;
    fresh.probability[row] = Number.NaN;
    fresh.alarms[row] = 0;
  }
  return fresh ?? columns;
}
