import { createRequire } from 'node:module';

/**
 * DuckDB's own package. Required, since it is CommonJS of 180 files that hand on each other's names: `import` reads all
 * of them once more to find those names, which took longer than everything else that the store's thread loads.
 */
export const duckdb = createRequire(import.meta.url)('@duckdb/node-api') as typeof import('@duckdb/node-api');
