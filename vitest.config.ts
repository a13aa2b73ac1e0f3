import { availableParallelism } from 'node:os';
import process from 'node:process';
import { configDefaults, defineConfig } from 'vitest/config';

/** Minutes against the emulator: for `npm run test:cloud`. Of them tests/cloud/model-chain.test.ts is the sample here. */
const SLOW =
  process.env.SEISMO_CLOUD_FAULTS === 'full'
    ? []
    : ['tests/cloud/model-store.test.ts', 'tests/contract/bigquery-models.test.ts'];

export default defineConfig({
  test: {
    setupFiles: ['tests/seed-properties.ts'],
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'tests/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...SLOW],
    // Many tests wait for servers of their own more than they compute.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
