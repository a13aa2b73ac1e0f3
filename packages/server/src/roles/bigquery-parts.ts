import { createBigQueryAnomalyReader } from '../adapters/gcp/bigquery-anomaly-reader.js';
import { createBigQueryClient } from '../adapters/gcp/bigquery-client.js';
import { createBigQueryModelStore } from '../adapters/gcp/bigquery-model-store.js';
import { BigQueryStatements } from '../adapters/gcp/bigquery-statements.js';
import type { SeriesRegistry } from '../model/series-registry.js';
import type { ModelStore } from '../ports/model-store.js';
import type { AnomalyReader } from '../ports/sample-store.js';
import type { RoleParts } from './role.js';

/** What roles ask of the dataset. */
export interface BigQueryParts {
  /** Series that are found go into the registry. */
  anomalies(registry: SeriesRegistry): AnomalyReader;
  readonly models: ModelStore;
}

/** Over one client for all of it, which then looks up once who it is and where the dataset lies. */
export function openBigQuery({
  config,
  clock,
  log,
}: Pick<RoleParts, 'config' | 'clock' | 'log'>): BigQueryParts {
  const { project, region, dataset, maxBytesBilled } = config;
  const client = createBigQueryClient({ project, location: region });
  const statements = new BigQueryStatements({ client, dataset, maxBytesBilled });
  return {
    anomalies: (registry) => createBigQueryAnomalyReader({ statements, registry }),
    models: createBigQueryModelStore({ statements, clock, log }),
  };
}
