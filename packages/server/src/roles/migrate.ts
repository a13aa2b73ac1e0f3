import { createBigQueryClient } from '../adapters/gcp/bigquery-client.js';
import { migrate } from '../adapters/gcp/migrations.js';
import type { RoleParts } from './role.js';

/** Brings the dataset up to date, and says what it did. */
export async function runMigrations({
  config,
  clock,
  log,
}: Pick<RoleParts, 'config' | 'clock' | 'log'>): Promise<void> {
  const { project, region, dataset, retentionMs, maxBytesBilled } = config;
  const client = createBigQueryClient({ project, location: region });
  const options = { client, dataset, location: region, retentionMs, clock, log, maxBytesBilled };
  const { applied, adopted } = await migrate(options);
  const what = applied.length === 0 ? 'was up to date' : `is up to date, ${applied.length} migrations later`;
  log.info({ event: 'migrated', dataset, applied, ...adopted }, `The dataset ${dataset} ${what}.`);
}
