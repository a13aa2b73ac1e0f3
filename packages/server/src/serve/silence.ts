import { FUTURE_MAX_MS } from '../ports/ingest.js';

const PERIODS = 5;
const SHORTEST_MS = 15_000;
/** For a series of which only one sample is known. */
const WITHOUT_PERIOD_MS = 300_000;

/** True when a series has said nothing for long past its own period: its state is then `no_data`. */
export function isSilent(lastTimeMs: number, periodMs: number, nowMs: number): boolean {
  const patienceMs = Number.isFinite(periodMs)
    ? Math.max(PERIODS * periodMs, SHORTEST_MS)
    : WITHOUT_PERIOD_MS;
  return nowMs - lastTimeMs > patienceMs;
}

/** True when the server's clock has gone back since the newest sample: what comes now is late, and none of it is judged. */
export function isAhead(lastTimeMs: number, nowMs: number): boolean {
  return lastTimeMs - nowMs > FUTURE_MAX_MS;
}
