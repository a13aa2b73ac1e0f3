import type { StreamingDetector } from '@seismo/engine/streaming';

/** Samples so few that a late one is taken for the beginning of a recording, not for a straggler. */
const FEW_SAMPLES = 5;

/**
 * Whether a series that is still warming up, with `have` samples learned, is to learn anew from this sample:
 * when it is older than all of them, or older than the last while they are few. So a recording of the past may
 * follow a first try or two, whatever their times; nothing was judged by that state yet.
 */
export function startsOver(detector: StreamingDetector, slot: number, timeMs: number, have: number): boolean {
  if (timeMs < detector.firstTimeMs(slot)) return true;
  return have <= FEW_SAMPLES && timeMs < detector.lastTimeMs(slot);
}
