import { afterEach, expect, it, vi } from 'vitest';
import { startUpkeep, type UpkeepOptions } from './upkeep.js';

afterEach(() => vi.useRealTimers());

const HOUR_MS = 3_600_000;

it('keeps the retention within a minute of the start, then each hour, until it stops', async () => {
  vi.useFakeTimers();
  const before: unknown[] = [];
  const samples = {
    statistics: async () => ({ full: false }),
    compact: async () => {},
    stopUpkeep: async () => {},
    enforceRetention: async (times: unknown) => {
      before.push(times);
      return [7];
    },
  };
  const forgotten: (readonly number[])[] = [];
  const options = {
    samples,
    registry: { remove: () => {} },
    active: { isActive: () => false },
    detection: { forget: (ids: readonly number[]) => forgotten.push(ids) },
    config: { retentionMs: 2000, verdictRetentionMs: 1000, diskReserveBytes: 0 },
    clock: { nowMs: () => 10_000 },
    log: { info: () => {} },
  } as unknown as UpkeepOptions;
  const upkeep = await startUpkeep(options);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(before).toEqual([{ samplesMs: 8000, verdictsMs: 9000 }]);
  expect(forgotten).toEqual([[7]]);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(before).toHaveLength(2);
  await upkeep.stop();
  await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
  expect(before).toHaveLength(2);
});
