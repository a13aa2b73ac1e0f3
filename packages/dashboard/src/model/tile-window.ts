import { RANGE_NAMES, RANGES, type RangeName } from './url-state.js';

/** Samples a window should hold to show how the series moves. */
const SAMPLES_WANTED = 120;

/**
 * The window that shows a series at its own pace: 5 minutes for one sample a second, a day for one in five
 * minutes. `total` samples lie between `first` and `last` (seconds); `now` is the window's end.
 */
export function windowFor(total: number, first: number, last: number, now: number): RangeName {
  const spacing = total > 1 ? (last - first) / (total - 1) : 0;
  // What there is, up to the wanted number of samples, and the silence since then.
  const wanted = Math.min(spacing * SAMPLES_WANTED, last - first) + Math.max(0, now - last);
  return RANGE_NAMES.find((name) => RANGES[name] >= wanted * 0.8) ?? '30d';
}
