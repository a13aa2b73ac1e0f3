import type { FastifyInstance } from 'fastify';
import { SeriesRegistry } from '../model/series-registry.js';
import type { AnomalyReader } from '../ports/sample-store.js';
import { getAnomaliesRoute } from '../serve/routes/get-anomalies.js';
import type { Guard } from '../serve/security/guard.js';
import type { LazyBigQuery } from './lazy-bigquery.js';

/** Names only help to write one answer; how many are kept from the answers before. */
const SERIES_KEPT_MAX = 100_000;

/** `GET /get_anomalies` over BigQuery. */
export function addAnomalyReading(app: FastifyInstance, guard: Guard, bigquery: LazyBigQuery): void {
  const registry = new SeriesRegistry();
  const store: AnomalyReader = {
    async queryAnomalies(query) {
      // Before anything is waited for: another answer, whose rows have just come, is written in a turn of its own.
      if (registry.size > SERIES_KEPT_MAX) registry.remove([...registry.values()].map(({ id }) => id));
      return (await bigquery.get()).anomalies(registry).queryAnomalies(query);
    },
  };
  getAnomaliesRoute(app, { store, registry }, guard);
}
