import type { FastifyInstance } from 'fastify';
import type { Series } from '../../model/series.js';
import { unitOf } from '../../model/units.js';
import type { LatestSample } from '../../ports/sample-store.js';
import { describeRoute } from '../describe-route.js';
import type { HttpServices } from '../http-services.js';
import { secondsOf } from '../json-number.js';
import { newestSample, withoutVerdict } from '../judged-sample.js';
import type { LatestAnomalies } from '../latest-anomalies.js';
import { SeriesQuery } from '../parameters.js';
import { SeriesBody, type SeriesItem } from '../schemas.js';
import type { Guard } from '../security/guard.js';
import { SeriesSelection } from '../series-selection.js';
import { isSilent } from '../silence.js';

const LATEST_KEPT_MS = 5000;

/** `GET /api/series`: every series with its state and newest sample, worst first. */
export function getSeriesRoute(
  app: FastifyInstance,
  services: HttpServices,
  guard: Guard,
  latestAnomalies: LatestAnomalies,
): void {
  const { registry, config, detection } = services;
  const readLatest = rememberLatest(services);
  app.route<{ Querystring: SeriesQuery }>({
    method: 'GET',
    url: '/api/series',
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'samples',
      summary: 'All series with their state and newest sample, worst first',
      querystring: SeriesQuery,
      answers: { 200: SeriesBody },
    }),
    handler: async (request): Promise<SeriesBody> => {
      await latestAnomalies.seeded();
      const chosen = SeriesSelection.ofQuery(request.query).select(registry);
      const needsStore = chosen.some((series) => detection.now(series.id) === undefined);
      const stored = needsStore ? await readLatest() : new Map<number, LatestSample>();
      const minutes = await lastMinutes(services);
      const items = chosen.map((series) => ({
        ...seriesItem(series, services, latestAnomalies, stored),
        last_minute: minutes.get(series.key) ?? null,
      }));
      items.sort(worstFirst);
      const status = detection.status();
      return {
        series: items.slice(0, request.query.limit),
        count: chosen.length,
        limit: config.seriesMax,
        detector: {
          name: status.detector,
          caught_up: status.caughtUp,
          rebuilding: status.rebuilding ?? null,
          series_with_state: status.seriesWithState,
          state_bytes: status.stateBytes,
          sensitivity: config.sensitivity,
          direction: config.direction,
          least_deviation: config.leastDeviation,
          least_relative_deviation: config.leastRelativeDeviation,
          time_zone: config.timeZone,
        },
      };
    },
  });
}

/** What models said of the newest minute of each series. */
async function lastMinutes({ models }: HttpServices) {
  const judged = new Map<string, NonNullable<SeriesItem['last_minute']>>();
  for (const { series, lastMinute } of (await models?.models()) ?? []) {
    if (lastMinute !== undefined)
      judged.set(series, { time: secondsOf(lastMinute.timeMs), state: lastMinute.state });
  }
  return judged;
}

function seriesItem(
  series: Series,
  services: HttpServices,
  latestAnomalies: LatestAnomalies,
  stored: ReadonlyMap<number, LatestSample>,
): Omit<SeriesItem, 'last_minute'> {
  const now = services.detection.now(series.id);
  const anomalyMs = latestAnomalies.timeMs(series.id);
  const common = {
    series: series.key,
    name: series.name,
    labels: series.labels,
    unit: unitOf(series.key),
    last_anomaly: anomalyMs === undefined ? null : secondsOf(anomalyMs),
  };
  if (now !== undefined) {
    const last = newestSample(series, now);
    const { have, need } = last;
    const silent = isSilent(last.time * 1000, now.periodMs, services.clock.nowMs());
    const state = now.newer === undefined ? last.state : now.verdict.state;
    return { ...common, state: silent ? 'no_data' : state, have, need, last };
  }
  // A series whose detector state was given up still has its samples.
  const latest = stored.get(series.id);
  const last =
    latest === undefined ? null : withoutVerdict(series, latest, { state: 'unknown', have: 0, need: 0 });
  return { ...common, state: 'no_data', have: 0, need: 0, last };
}

const RANK: Record<SeriesItem['state'], number> = {
  anomalous: 0,
  no_data: 2,
  unknown: 2,
  ok: 1,
  warming_up: 1,
};

function worstFirst(a: SeriesItem, b: SeriesItem): number {
  if (RANK[a.state] !== RANK[b.state]) return RANK[a.state] - RANK[b.state];
  const anomaly = (b.last_anomaly ?? 0) - (a.last_anomaly ?? 0);
  if (anomaly !== 0) return anomaly;
  return a.series < b.series ? -1 : 1;
}

/** Reading the newest sample of every series is not cheap: asked once in a while, whoever asks. */
function rememberLatest({ store, clock }: HttpServices): () => Promise<Map<number, LatestSample>> {
  let kept: Promise<Map<number, LatestSample>> | undefined;
  let keptAtMs = 0;
  return () => {
    const nowMs = clock.nowMs();
    if (kept === undefined || nowMs - keptAtMs > LATEST_KEPT_MS) {
      keptAtMs = nowMs;
      kept = store.readLatest().then((rows) => new Map(rows.map((row) => [row.seriesId, row])));
      kept.catch(() => {
        kept = undefined;
      });
    }
    return kept;
  };
}
