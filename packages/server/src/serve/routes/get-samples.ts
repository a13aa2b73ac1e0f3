import { VERDICT_STATES } from '@seismo/engine/streaming';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import type { Series } from '../../model/series.js';
import type { SampleColumns } from '../../ports/sample-store.js';
import { withoutOutdated } from '../corrected-values.js';
import { describeRoute } from '../describe-route.js';
import { withFreshVerdicts } from '../fresh-verdicts.js';
import type { HttpServices } from '../http-services.js';
import { columnOrNull, secondsOf } from '../json-number.js';
import type { LiveFeed } from '../live/live-feed.js';
import { SamplesQuery } from '../parameters.js';
import { SamplesBody } from '../schemas.js';
import type { Guard } from '../security/guard.js';
import { parseRange } from '../time-parameter.js';

const RANGE_DEFAULT_MS = 3_600_000;

/** `GET /api/samples`: one series over a range of time, thinned out where it has more than `points`. */
export function getSamplesRoute(
  app: FastifyInstance,
  services: HttpServices,
  guard: Guard,
  feed: Pick<LiveFeed, 'recentCommits'>,
): void {
  app.route<{ Querystring: SamplesQuery }>({
    method: 'GET',
    url: '/api/samples',
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'samples',
      summary: 'One series over a range of time, with the verdicts that were given',
      querystring: SamplesQuery,
      answers: { 200: SamplesBody },
      errors: { 404: 'There is no such series.' },
    }),
    handler: async (request): Promise<SamplesBody> => {
      const { query } = request;
      const range = parseRange(query.from, query.to);
      const toMs = range.toMs ?? Math.max(services.clock.nowMs(), range.fromMs ?? 0);
      const fromMs = range.fromMs ?? toMs - RANGE_DEFAULT_MS;
      const series = seriesOf(query.series, services);
      const columns = await services.store.querySamples({
        seriesId: series.id,
        fromMs,
        toMs,
        points: query.points,
      });
      const judged = withFreshVerdicts(columns, series.id, feed.recentCommits());
      return samplesBody(series, fromMs, toMs, withoutOutdated(judged));
    },
  });
}

function seriesOf(key: string, services: HttpServices): Series {
  const series = services.registry.byKey(key);
  if (series !== undefined) return series;
  for (const one of services.registry.values()) {
    if (one.name !== key) continue;
    throw new AppError('not_found', `There is no series ${key} without labels.`, {
      field: 'series',
      hint: `Name one in full, such as ${one.key}.`,
    });
  }
  throw new AppError('not_found', `There is no series ${key.slice(0, 200)}.`, {
    field: 'series',
    hint: 'GET /api/series lists them.',
  });
}

function samplesBody(series: Series, fromMs: number, toMs: number, columns: SampleColumns): SamplesBody {
  return {
    series: series.key,
    from: secondsOf(fromMs),
    to: secondsOf(toMs),
    total: columns.total,
    downsampled: columns.downsampled,
    time: Array.from(columns.timesMs, secondsOf),
    value: Array.from(columns.values),
    state: Array.from(columns.states, (state) => VERDICT_STATES[state] ?? 'unknown'),
    expected: columnOrNull(columns.expected),
    lower_bound: columnOrNull(columns.lower),
    upper_bound: columnOrNull(columns.upper),
    anomaly_probability: columnOrNull(columns.probability),
    alarm: Array.from(columns.alarms, (alarm) => alarm === 1),
  };
}
