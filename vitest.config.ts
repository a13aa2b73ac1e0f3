import { availableParallelism } from 'node:os';
import process from 'node:process';
import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Minutes against emulators and with `bq`, for `npm run test:cloud`. Of the first tests/cloud/model-chain.test.ts is the
 * sample here, of the others tests/bigquery/npm-client.test.ts and python-client.test.ts.
 */
const SLOW =
  process.env.TEST_LENGTH === 'full'
    ? []
    : [
        'tests/cloud/model-store.test.ts',
        'tests/contract/bigquery-models.test.ts',
        'tests/bigquery/bq.test.ts',
        'tests/bigquery/bq-models.test.ts',
      ];

export default defineConfig({
  test: {
    exclude: [...configDefaults.exclude, ...SLOW],
    // Many tests wait for servers of their own more than they compute.
    maxWorkers: Math.max(4, availableParallelism()),
    // Far more than anything takes on two slow cores that do other work too: they only end what hangs.
    testTimeout: 400_000,
    hookTimeout: 400_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 120_000 } },
    setupFiles: ['tests/seed-properties.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.{ts,tsx}'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          // They load the whole server; what a file starts it ends, so that the next one finds nothing of it.
          isolate: false,
        },
      },
    ],
  },
});
