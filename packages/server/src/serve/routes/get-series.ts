import type { FastifyInstance } from 'fastify';
import type { Series } from '../../model/series.js';
import type { LatestSample } from '../../ports/sample-store.js';
import { describeRoute } from '../describe-route.js';
import type { HttpServices } from '../http-services.js';
import { secondsOf } from '../json-number.js';
import { newestSample } from '../judged-sample.js';
import type { LatestAnomalies } from '../latest-anomalies.js';
import { SeriesQuery } from '../parameters.js';
import { type JudgedSample, SeriesBody, type SeriesItem } from '../schemas.js';
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
      const items = chosen.map((series) => seriesItem(series, services, latestAnomalies, stored));
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
        },
      };
    },
  });
}

function seriesItem(
  series: Series,
  services: HttpServices,
  latestAnomalies: LatestAnomalies,
  stored: ReadonlyMap<number, LatestSample>,
): SeriesItem {
  const now = services.detection.now(series.id);
  const anomalyMs = latestAnomalies.timeMs(series.id);
  const common = {
    series: series.key,
    name: series.name,
    labels: series.labels,
    last_anomaly: anomalyMs === undefined ? null : secondsOf(anomalyMs),
  };
  if (now !== undefined) {
    const silent = isSilent(now.timeMs, now.periodMs, services.clock.nowMs());
    const last = newestSample(series, now);
    return { ...common, state: silent ? 'no_data' : last.state, have: last.have, need: last.need, last };
  }
  const latest = stored.get(series.id);
  const last = latest === undefined ? null : unjudgedSample(series, latest);
  return { ...common, state: 'no_data', have: 0, need: 0, last };
}

/** A series whose detector state was given up still has its samples. */
function unjudgedSample(series: Series, latest: LatestSample): JudgedSample {
  return {
    series: series.key,
    time: secondsOf(latest.timeMs),
    value: latest.value,
    state: 'unknown',
    expected: null,
    lower_bound: null,
    upper_bound: null,
    anomaly_probability: null,
    score: null,
    is_anomaly: false,
    alarm: false,
    have: 0,
    need: 0,
  };
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
