import { createBigQueryAnomalyReader } from '../adapters/gcp/bigquery-anomaly-reader.js';
import { createBigQueryClient } from '../adapters/gcp/bigquery-client.js';
import { createBigQueryModelStore } from '../adapters/gcp/bigquery-model-store.js';
import { BigQueryStatements } from '../adapters/gcp/bigquery-statements.js';
import type { SeriesRegistry } from '../model/series-registry.js';
import type { ModelStore } from '../ports/model-store.js';
import type { AnomalyReader } from '../ports/sample-store.js';
import type { RoleParts } from './role.js';

type Parts = Pick<RoleParts, 'config' | 'clock' | 'log'>;

/** The anomalies of the dataset; series that are found go into the registry. */
export function openAnomalies({ config }: Parts, registry: SeriesRegistry): AnomalyReader {
  const { dataset, maxBytesBilled } = config;
  const statements = new BigQueryStatements({ client: clientOf(config), dataset, maxBytesBilled });
  return createBigQueryAnomalyReader({ statements, registry });
}

/** The models of the dataset. */
export function openModels({ config, clock, log }: Parts): ModelStore {
  const { dataset, maxBytesBilled } = config;
  return createBigQueryModelStore({ client: clientOf(config), dataset, clock, log, maxBytesBilled });
}

function clientOf({ project, region }: Parts['config']) {
  return createBigQueryClient({ project, location: region });
}
