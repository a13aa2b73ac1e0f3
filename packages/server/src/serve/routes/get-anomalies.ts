import type { FastifyInstance } from 'fastify';
import type { SeriesRegistry } from '../../model/series-registry.js';
import type { AnomalyQuery, AnomalyReader } from '../../ports/sample-store.js';
import { readCursor, writeCursor } from '../anomaly-cursor.js';
import { anomalyItem } from '../anomaly-item.js';
import { describeRoute } from '../describe-route.js';
import { AnomaliesQuery } from '../parameters.js';
import { AnomaliesBody } from '../schemas.js';
import type { Guard } from '../security/guard.js';
import { SeriesSelection } from '../series-selection.js';
import { parseRange } from '../time-parameter.js';

export interface AnomalySource {
  readonly store: AnomalyReader;
  /** Knows the series of what the store gives. */
  readonly registry: SeriesRegistry;
}

/** `GET /get_anomalies`: what detection found, newest first, in pages. */
export function getAnomaliesRoute(app: FastifyInstance, services: AnomalySource, guard: Guard): void {
  const { store, registry } = services;
  app.route<{ Querystring: AnomaliesQuery }>({
    method: 'GET',
    url: '/get_anomalies',
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'anomalies',
      summary: 'What detection found, newest first',
      querystring: AnomaliesQuery,
      answers: { 200: AnomaliesBody },
    }),
    handler: async (request): Promise<AnomaliesBody> => {
      const { limit } = request.query;
      const found = await store.queryAnomalies(storeQuery(request.query));
      // One row more than asked for tells whether there is a next page.
      const page = found.slice(0, limit).flatMap((anomaly) => {
        const series = registry.byId(anomaly.seriesId);
        return series === undefined ? [] : [{ anomaly, series }];
      });
      const last = page.at(-1);
      return {
        anomalies: page.map(({ anomaly, series }) => anomalyItem(anomaly, series)),
        next_cursor:
          found.length > limit && last !== undefined
            ? writeCursor({ ...last.anomaly, series: last.series.key }, request.query)
            : null,
      };
    },
  });
}

function storeQuery(query: AnomaliesQuery): AnomalyQuery {
  const { fromMs, toMs } = parseRange(query.from, query.to);
  const selection = SeriesSelection.ofQuery(query);
  return {
    limit: query.limit + 1,
    alarmsOnly: query.alarms_only,
    ...(selection.isEverything ? {} : { series: selection.filter }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(query.min_probability === undefined ? {} : { minProbability: query.min_probability }),
    ...(query.detector === undefined ? {} : { detector: query.detector }),
    ...(query.cursor === undefined ? {} : { after: readCursor(query.cursor, query) }),
  };
}
