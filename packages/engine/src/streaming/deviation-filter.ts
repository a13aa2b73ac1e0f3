import { type DeviationLimits, DIRECTIONS, type Verdict } from './detector.js';
import { OWN_FIELD } from './slot-pages.js';

/** What keeps an alarm from being told again: a sample off by at least this share of the least deviations (hysteresis). */
const CALM_SHARE = 0.8;
/** Field of a slot: 0, or while an alarm that was told stands, 1 + the calm samples in a row since. */
const TOLD = OWN_FIELD;

/**
 * The filter for these limits; undefined where they leave nothing out.
 *
 * @throws RangeError for a direction that there is none, or a deviation that is not a number of 0 or more.
 */
export function createDeviationFilter(limits: DeviationLimits): DeviationFilter | undefined {
  const { direction = 'both', leastDeviation = 0, leastRelativeDeviation = 0 } = limits;
  if (!DIRECTIONS.includes(direction)) throw new RangeError(`direction must be ${DIRECTIONS.join(', ')}`);
  refuseUnlessLeast('leastDeviation', leastDeviation);
  refuseUnlessLeast('leastRelativeDeviation', leastRelativeDeviation);
  if (direction === 'both' && leastDeviation === 0 && leastRelativeDeviation === 0) return undefined;
  return new DeviationFilter({ direction, leastDeviation, leastRelativeDeviation });
}

/**
 * Leaves out of what a detector tells the samples that are not off far enough, or the other way. The detector learns
 * as ever, so that its state serves under any limits; the filter adds one field of its own to a slot. An excursion
 * that begins with samples that are left out is told at the first one that is not.
 */
export class DeviationFilter {
  readonly #up: boolean;
  readonly #down: boolean;
  readonly #least: number;
  readonly #leastRelative: number;

  constructor({ direction, leastDeviation, leastRelativeDeviation }: Required<DeviationLimits>) {
    this.#up = direction !== 'down';
    this.#down = direction !== 'up';
    this.#least = leastDeviation;
    this.#leastRelative = leastRelativeDeviation;
  }

  /** Narrows the verdict of a sample to what is told; the band widens to what is not, without end where nothing is. */
  narrow(cells: Float64Array, at: number, value: number, out: Verdict): void {
    const { expected } = out;
    const least = this.#leastAt(expected);
    out.lower = this.#down ? Math.min(out.lower, expected - least) : Number.NEGATIVE_INFINITY;
    out.upper = this.#up ? Math.max(out.upper, expected + least) : Number.POSITIVE_INFINITY;
    if (out.state !== 'anomalous') return;
    if (this.#isOff(value, expected, 1)) out.alarm ||= cells[at + TOLD] === 0;
    else {
      out.state = 'ok';
      out.alarm = false;
      out.component = null;
    }
  }

  /**
   * Follows what was told by one more sample.
   * @param anomalous what the detector itself says of the sample
   * @param phase where the detector's own excursion is after it: 0 over, 1 not calm, above 1 + the calm samples in a row
   * @param recoverySamples calm samples after which the next alarm may be told
   */
  learn(
    cells: Float64Array,
    at: number,
    value: number,
    expected: number,
    anomalous: boolean,
    phase: number,
    recoverySamples: number,
  ): void {
    const told = cells[at + TOLD]!;
    if (anomalous && this.#isOff(value, expected, 1)) cells[at + TOLD] = 1;
    else if (told === 0) return;
    else if (phase === 0) cells[at + TOLD] = 0;
    else if (phase === 1 && this.#isOff(value, expected, CALM_SHARE)) cells[at + TOLD] = 1;
    else cells[at + TOLD] = told > recoverySamples ? 0 : told + 1;
  }

  #leastAt(expected: number): number {
    return Math.max(this.#least, this.#leastRelative * Math.abs(expected));
  }

  #isOff(value: number, expected: number, share: number): boolean {
    const deviation = value - expected;
    if (deviation > 0 ? !this.#up : !this.#down) return false;
    return Math.abs(deviation) >= share * this.#leastAt(expected);
  }
}

function refuseUnlessLeast(name: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
    throw new RangeError(`${name} must be a number of 0 or more`);
}
