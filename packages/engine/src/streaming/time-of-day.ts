/** A shorter call: what is short is always compiled into its caller. */
const { floor } = Math;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Every zone in use changes its offset at a whole quarter of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;
const CACHED_MAX = 10_000;

/** Milliseconds since local midnight, in [0, 86,400,000). */
export type TimeOfDay = (timeMs: number) => number;

/**
 * The time of day in a zone. UTC is arithmetic; for another zone the offset is asked of Intl once for each
 * quarter of an hour and kept, since asking costs microseconds.
 *
 * @throws RangeError when `timeZone` is not an IANA name that this system knows.
 */
export function createTimeOfDay(timeZone = 'UTC'): TimeOfDay {
  const utc: TimeOfDay = (timeMs) => floorMod(timeMs, DAY_MS);
  // Intl takes tens of milliseconds to come up.
  if (timeZone === 'UTC') return utc;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  if (format.resolvedOptions().timeZone === 'UTC') return utc;

  const offsets = new Map<number, number>();
  let lastQuarter = Number.NaN;
  let lastOffsetMs = 0;
  return (timeMs) => {
    const quarter = Math.floor(timeMs / QUARTER_MS);
    if (quarter !== lastQuarter) {
      let offsetMs = offsets.get(quarter);
      if (offsetMs === undefined) {
        if (offsets.size >= CACHED_MAX) offsets.clear();
        offsetMs = offsetAt(format, quarter * QUARTER_MS);
        offsets.set(quarter, offsetMs);
      }
      lastQuarter = quarter;
      lastOffsetMs = offsetMs;
    }
    return floorMod(timeMs + lastOffsetMs, DAY_MS);
  };
}

/** Local minus UTC, modulo a day: all that a time of day needs. */
function offsetAt(format: Intl.DateTimeFormat, timeMs: number): number {
  let localMs = 0;
  for (const { type, value } of format.formatToParts(timeMs)) {
    if (type === 'hour') localMs += Number(value) * 60 * MINUTE_MS;
    else if (type === 'minute') localMs += Number(value) * MINUTE_MS;
    else if (type === 'second') localMs += Number(value) * 1000;
  }
  return localMs - floorMod(timeMs, DAY_MS);
}

function floorMod(value: number, by: number): number {
  return value - floor(value / by) * by;
}
