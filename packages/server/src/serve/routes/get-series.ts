import type { FastifyInstance } from 'fastify';
import type { Series } from '../../model/series.js';
import { unitOf } from '../../model/units.js';
import type { LatestSample } from '../../ports/sample-store.js';
import { describeRoute } from '../describe-route.js';
import type { HttpServices } from '../http-services.js';
import { secondsOf } from '../json-number.js';
import { newestSample, newestState, withoutVerdict } from '../judged-sample.js';
import type { LatestAnomalies } from '../latest-anomalies.js';
import { SeriesQuery } from '../parameters.js';
import { SeriesBody, type SeriesItem } from '../schemas.js';
import type { Guard } from '../security/guard.js';
import { searchOf, worstSeries } from '../series-list.js';
import { SeriesSelection } from '../series-selection.js';
import { isAhead, isSilent } from '../silence.js';

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
      const { limit, search } = request.query;
      const chosen = SeriesSelection.ofQuery(request.query).select(registry);
      const standing = (series: Series) => ({
        state: stateOf(series, services),
        anomalyMs: latestAnomalies.timeMs(series.id),
      });
      const { worst, count, states } = await worstSeries(chosen, searchOf(search), standing, limit);
      const needsStore = worst.some((series) => detection.now(series.id) === undefined);
      const stored = needsStore ? await readLatest() : new Map<number, LatestSample>();
      const minutes = await lastMinutes(services);
      const items = worst.map((series) => ({
        ...seriesItem(series, services, latestAnomalies, stored),
        last_minute: minutes.get(series.key) ?? null,
      }));
      const status = detection.status();
      return {
        series: items,
        count,
        limit: config.seriesMax,
        states,
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
    return { ...common, state: stateOf(series, services), have, need, last };
  }
  // A series whose detector state was given up still has its samples.
  const latest = stored.get(series.id);
  const last =
    latest === undefined ? null : withoutVerdict(series, latest, { state: 'unknown', have: 0, need: 0 });
  return { ...common, state: 'no_data', have: 0, need: 0, last };
}

/** The state that its newest sample left it in; `no_data` where that is long ago, `unknown` where it is still to come. */
function stateOf({ id }: Series, { detection, clock }: HttpServices): SeriesItem['state'] {
  const now = detection.now(id);
  if (now === undefined) return 'no_data';
  const { timeMs } = now.newer ?? now;
  if (isSilent(timeMs, now.periodMs, clock.nowMs())) return 'no_data';
  if (isAhead(timeMs, clock.nowMs())) return 'unknown';
  return newestState(now);
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
