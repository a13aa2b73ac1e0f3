import { createBaseServer } from '../serve/base-server.js';
import { addAnomalyReading } from './anomaly-reading.js';
import { lazyBigQuery } from './lazy-bigquery.js';
import type { RoleParts, RoleService } from './role.js';

/** Answers what was found, from BigQuery. */
export async function createRole(parts: RoleParts): Promise<RoleService> {
  const { app, guard } = createBaseServer({ ...parts, readiness: () => ({ ready: true }) });
  const bigquery = lazyBigQuery(parts);
  addAnomalyReading(app, guard, bigquery);
  bigquery.warmUp();
  return { app, stop: async () => {} };
}
