import { afterEach, expect, it, vi } from 'vitest';
import { AppError } from './errors.js';
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

it('tries the retention again each minute while the store has no memory for it, and says so after five', async () => {
  vi.useFakeTimers();
  const shortage = new AppError('not_ready', 'no memory');
  const failures: unknown[] = [
    shortage,
    shortage,
    undefined,
    new Error('of its own'),
    ...Array(7).fill(shortage),
  ];
  const said: string[] = [];
  let rounds = 0;
  const options = {
    samples: {
      statistics: async () => ({ full: false }),
      compact: async () => {},
      stopUpkeep: async () => {},
      enforceRetention: async () => {
        const failure = failures[rounds++];
        if (failure !== undefined) throw failure;
        return [];
      },
    },
    config: { retentionMs: 2000, verdictRetentionMs: 1000, diskReserveBytes: 0 },
    clock: { nowMs: () => 10_000 },
    registry: { remove: () => {} },
    detection: { forget: () => {} },
    log: {
      debug: (_: unknown, message: string) => said.push(message),
      error: ({ error }: { error: string }, message: string) => said.push(`${message}: ${error}`),
    },
  } as unknown as UpkeepOptions;
  const upkeep = await startUpkeep(options);
  await vi.advanceTimersByTimeAsync(180_000);
  expect({ rounds, said }).toEqual({
    rounds: 3,
    said: ['retention is tried again', 'retention is tried again'],
  });
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(said.splice(2)).toEqual(['retention failed: Error: of its own']);
  await vi.advanceTimersByTimeAsync(HOUR_MS + 300_000);
  expect(said.splice(2)).toEqual([
    ...Array(5).fill('retention is tried again'),
    'retention failed: AppError: no memory',
  ]);
  await upkeep.stop();
  await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
  expect(rounds).toBe(10);
});
