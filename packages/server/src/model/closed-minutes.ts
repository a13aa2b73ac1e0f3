const MINUTE_MS = 60_000;
/** A minute is closed so long after its end, when its samples are through; detect-minutes.sql has it too. */
const CLOSING_MS = MINUTE_MS / 2;

/** The first minute that is not closed yet, as its first millisecond since 1970. */
export function closedUntilMs(nowMs: number): number {
  return Math.floor((nowMs - CLOSING_MS) / MINUTE_MS) * MINUTE_MS;
}
