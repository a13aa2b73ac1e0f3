import {
  COMPONENTS,
  createVerdict,
  type StreamingDetector,
  VERDICT_STATES,
  type VerdictState,
} from '../streaming/detector.js';

/** What a detector said of every row of a series. */
export interface ReplayedSeries {
  /** Index in VERDICT_STATES; rows not later than one before them are `unknown`, NaN `no_data`. */
  readonly states: Uint8Array;
  /** 1 where an alarm was raised. */
  readonly alarms: Uint8Array;
  /** Index in COMPONENTS + 1 of what says so; 0 where nothing is anomalous. */
  readonly components: Uint8Array;
  /** NaN where nothing was judged; so are the others. */
  readonly scores: Float64Array;
  readonly expected: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * Puts past samples through a detector one by one, as a server that runs does with new ones: each is scored by what
 * came before it, then learned; one that is not later than the newest is not judged. The slot is fresh, and given up afterwards.
 * @throws RangeError if the lengths differ
 */
export function replaySeries(
  detector: StreamingDetector,
  timesMs: Float64Array,
  values: Float64Array,
): ReplayedSeries {
  const rows = timesMs.length;
  if (values.length !== rows) throw new RangeError(`${rows} times do not go with ${values.length} values`);
  const numbers = () => new Float64Array(rows).fill(Number.NaN);
  const replayed = {
    states: new Uint8Array(rows).fill(UNKNOWN),
    alarms: new Uint8Array(rows),
    components: new Uint8Array(rows),
    scores: numbers(),
    expected: numbers(),
    lower: numbers(),
    upper: numbers(),
  };
  const verdict = createVerdict();
  const slot = detector.open();
  for (let row = 0; row < rows; row++) {
    const timeMs = timesMs[row]!;
    const value = values[row]!;
    if (!(timeMs > detector.lastTimeMs(slot))) continue;
    detector.score(slot, timeMs, value, verdict);
    detector.learn(slot, timeMs, value);
    replayed.states[row] = Number.isNaN(value) ? NO_DATA : CODES[verdict.state];
    replayed.alarms[row] = verdict.alarm ? 1 : 0;
    replayed.components[row] = verdict.component === null ? 0 : COMPONENTS.indexOf(verdict.component) + 1;
    replayed.scores[row] = verdict.score;
    replayed.expected[row] = verdict.expected;
    replayed.lower[row] = verdict.lower;
    replayed.upper[row] = verdict.upper;
  }
  detector.close(slot);
  return replayed;
}

const CODES = Object.fromEntries(VERDICT_STATES.map((state, code) => [state, code])) as Record<
  VerdictState,
  number
>;
const UNKNOWN = CODES.unknown;
const NO_DATA = CODES.no_data;
