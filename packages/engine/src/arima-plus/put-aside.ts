import { fillGaps } from '../series/fill-gaps.js';
import { quantile } from './robust-scale.js';
import type { SpikesAndDips } from './spikes-and-dips.js';
import { STEP_SIDE_LEAST } from './step-contrast.js';

type Spikes = Pick<SpikesAndDips, 'component' | 'indices'>;

/**
 * Counts values that belong to no level as spikes: what they are off the line between those around them, or, where the
 * series ends with them, off the level before. Cost: some passes.
 * @param spikes those found before
 * @param trend the series without spikes, seasons and steps
 * @param aside indices, ascending
 * @param filled 1 where a value is interpolated
 */
export function withAside(
  spikes: Spikes,
  trend: Float64Array,
  aside: readonly number[],
  filled: Uint8Array,
): Spikes {
  if (aside.length === 0) return spikes;
  const away = filled.slice();
  for (const index of aside) away[index] = 1;
  const line = trend.slice();
  const last = away.lastIndexOf(0);
  const newest = trend.filter((_, index) => away[index] === 0 && index <= last).subarray(-STEP_SIDE_LEAST);
  fillGaps(line, away);
  line.fill(quantile(newest, 0.5), last + 1);
  const component = spikes.component.slice();
  for (const index of aside) component[index] = component[index]! + trend[index]! - line[index]!;
  const indices = [...new Set([...spikes.indices, ...aside])].sort((a, b) => a - b);
  return { component, indices };
}
