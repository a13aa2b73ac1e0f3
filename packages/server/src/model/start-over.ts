import type { StreamingDetector } from '@seismo/engine/streaming';

/** Samples so few that a late one is taken for the beginning of a recording, not for a straggler. */
const FEW_SAMPLES = 5;

/**
 * Whether a series that is still warming up, with `have` samples learned, is to learn anew from this sample: when it
 * is older than the last of a few. So a recording of the past may follow a first try or two, whatever their times;
 * nothing was judged by that state yet. Once there are more, a late sample leaves a live series alone.
 */
export function startsOver(detector: StreamingDetector, slot: number, timeMs: number, have: number): boolean {
  return have <= FEW_SAMPLES && timeMs < detector.lastTimeMs(slot);
}
