import type { Track } from './track.js';

/** A sample, or a whole minute by its start. */
export interface Spot {
  readonly time: number;
  readonly isMinute: boolean;
}

/**
 * The next anomaly after a spot (`sign` 1) or before it (−1), among samples and whole minutes (by time); from the
 * respective end where there is no spot. Of one time the sample comes before the minute.
 */
export function nextAnomaly(
  track: Track,
  minutes: readonly { readonly time: number }[],
  from: Spot | null,
  sign: 1 | -1,
): Spot | null {
  const spot = from ?? { time: sign * Number.NEGATIVE_INFINITY, isMinute: sign < 0 };
  const sample = sampleBeside(track, spot, sign);
  const minute = minuteBeside(minutes, spot, sign);
  if (sample === null || minute === null) return sample ?? minute;
  const by = (sample.time - minute.time) * sign;
  if (by === 0) return sign > 0 ? sample : minute;
  return by < 0 ? sample : minute;
}

function sampleBeside(track: Track, { time, isMinute }: Spot, sign: 1 | -1): Spot | null {
  let i = track.indexFrom(time);
  const isHere = i < track.length && track.time[i] === time;
  if (sign > 0 && isHere) i++;
  if (sign < 0 && !(isHere && isMinute)) i--;
  while (i >= 0 && i < track.length && !track.isAnomalous(i)) i += sign;
  return i < 0 || i >= track.length ? null : { time: track.time[i]!, isMinute: false };
}

function minuteBeside(
  minutes: readonly { readonly time: number }[],
  { time, isMinute }: Spot,
  sign: 1 | -1,
): Spot | null {
  const found =
    sign > 0
      ? minutes.find((one) => one.time > time || (one.time === time && !isMinute))
      : minutes.findLast((one) => one.time < time);
  return found === undefined ? null : { time: found.time, isMinute: true };
}
