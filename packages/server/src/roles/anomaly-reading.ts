import type { FastifyInstance } from 'fastify';
import { SeriesRegistry } from '../model/series-registry.js';
import type { AnomalyReader } from '../ports/sample-store.js';
import { getAnomaliesRoute } from '../serve/routes/get-anomalies.js';
import type { Guard } from '../serve/security/guard.js';
import type { RoleParts } from './role.js';

/** Names only help to write one answer; how many are kept from the answers before. */
const SERIES_KEPT_MAX = 100_000;

/** `GET /get_anomalies` over BigQuery, whose client is loaded by the first question or by `warmUp`. */
export function addAnomalyReading(app: FastifyInstance, guard: Guard, parts: RoleParts) {
  const registry = new SeriesRegistry();
  let opening: Promise<AnomalyReader> | undefined;
  const open = () => {
    opening ??= import('./bigquery-parts.js').then(({ openAnomalies }) => openAnomalies(parts, registry));
    return opening;
  };
  const store: AnomalyReader = {
    async queryAnomalies(query) {
      const reader = await open();
      // Between two questions: an answer is written in the same turn in which its rows have come.
      if (registry.size > SERIES_KEPT_MAX) registry.remove([...registry.values()].map(({ id }) => id));
      return reader.queryAnomalies(query);
    },
  };
  getAnomaliesRoute(app, { store, registry }, guard);
  return { warmUp: () => void open() };
}
