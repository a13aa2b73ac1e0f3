import { LazyClient } from '../adapters/gcp/lazy-client.js';
import type { BigQueryParts } from './bigquery-parts.js';
import type { RoleParts } from './role.js';

/** BigQuery for a role, whose client takes a large part of a cold start: loaded when first used, or by `warmUp`. */
export type LazyBigQuery = LazyClient<BigQueryParts>;

export function lazyBigQuery(parts: RoleParts): LazyBigQuery {
  return new LazyClient('BigQuery', async () => (await import('./bigquery-parts.js')).openBigQuery(parts));
}
