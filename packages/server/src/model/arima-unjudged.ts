import { type Expectations, gridIndex, gridTimeMs } from '@seismo/engine';

/** Why a model says nothing of a row: the first of these that is true of it. */
export const UNJUDGED_REASONS = [
  'no_value',
  'no_timestamp',
  'within_history',
  'past_horizon',
  'off_frequency',
  'unknown_series',
] as const;
export type UnjudgedReason = (typeof UNJUDGED_REASONS)[number];

/** Rows by reason; reasons without any are left out. */
export type UnjudgedCounts = Readonly<Partial<Record<UnjudgedReason, number>>>;

/**
 * Rows that a model has no answer for, counted by why; what is earlier than the history counts as within it.
 * @param hasAnswer saves looking at rows for which that is known
 */
export function unjudgedCounts(
  { grid, length, horizon }: Pick<Expectations, 'grid' | 'length' | 'horizon'>,
  { timesMs, values }: { readonly timesMs: Float64Array; readonly values: Float64Array },
  hasAnswer: (row: number) => boolean = () => false,
): UnjudgedCounts {
  const historyEndMs = gridTimeMs(grid, length - 1);
  const horizonEndMs = gridTimeMs(grid, length + horizon - 1);
  const counts: Partial<Record<UnjudgedReason, number>> = {};
  const count = (reason: UnjudgedReason) => {
    counts[reason] = (counts[reason] ?? 0) + 1;
  };
  for (let row = 0; row < timesMs.length; row++) {
    if (hasAnswer(row)) continue;
    const timeMs = timesMs[row]!;
    if (!Number.isFinite(values[row])) count('no_value');
    else if (Number.isNaN(timeMs)) count('no_timestamp');
    else if (timeMs <= historyEndMs) count('within_history');
    else if (timeMs > horizonEndMs) count('past_horizon');
    else if (gridIndex(grid, timeMs) === undefined) count('off_frequency');
  }
  return counts;
}
