import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import { unitOf } from '../../model/units.js';
import type { SeriesMinutes, SeriesSpan } from '../../ports/model-store.js';
import { describeRoute } from '../describe-route.js';
import type { HttpServices } from '../http-services.js';
import { modelOf, NO_SUCH_MODEL } from '../known-models.js';
import { explainedPoint, judgedPoint, modelState } from '../model-bodies.js';
import { ExplainQuery, MINUTES_MAX, ModelName } from '../model-parameters.js';
import { ExplainBody } from '../model-schemas.js';
import type { Guard } from '../security/guard.js';
import { parseRange } from '../time-parameter.js';

const MINUTE_MS = 60_000;

/** `GET /api/models/{name}/explain`: the parts that a model sees in each minute, and the same in words. */
export function explainModelRoute(app: FastifyInstance, services: HttpServices, guard: Guard): void {
  app.route<{ Params: ModelName; Querystring: ExplainQuery }>({
    method: 'GET',
    url: '/api/models/:name/explain',
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'models',
      summary: 'What a model sees in each minute: trend, seasons, steps, in numbers and in words',
      params: ModelName,
      querystring: ExplainQuery,
      answers: { 200: ExplainBody },
      errors: { 404: NO_SUCH_MODEL },
    }),
    handler: async ({ params, query }): Promise<ExplainBody> => {
      const range = explainedRange(query, services.clock.nowMs());
      const { judged } = query;
      const timeZone = query.time_zone ?? services.config.timeZone;
      checkTimeZone(timeZone);
      const { kept, model } = await modelOf(params.name, services);
      const { series, stepChanges = [] } = model;
      const wordsIn = { timeZone, unit: unitOf(series) };
      const points = (await kept.explain({ series, ...range })).map((point) =>
        explainedPoint(point, stepChanges, wordsIn),
      );
      if (!judged || 'minutes' in range) return { ...modelState(model), points };
      const verdicts = await kept.explainVerdicts({ series, ...range });
      return {
        ...modelState(model),
        points: inPlace(
          points,
          verdicts.map((one) => judgedPoint(one, wordsIn)),
        ),
      };
    },
  });
}

/** Minutes that were judged in the places of the same minutes as the model sees them now. */
function inPlace(points: readonly Point[], judged: readonly Point[]): Point[] {
  const byTime = new Map([...points, ...judged].map((point) => [point.time, point]));
  return [...byTime.values()].sort((a, b) => a.time - b.time);
}
type Point = ExplainBody['points'][0];

type Range = Omit<SeriesMinutes, 'series'> | Omit<SeriesSpan, 'series'>;

function explainedRange({ from, to, minutes, judged }: ExplainQuery, nowMs: number): Range {
  if (from === undefined && to === undefined && !judged) return { minutes: minutes ?? EXPLAINED_DEFAULT };
  if (minutes !== undefined) {
    throw new AppError('bad_request', 'The parameter minutes cannot stand beside from, to and judged.', {
      field: 'minutes',
    });
  }
  const range = parseRange(from, to);
  const toMs = range.toMs ?? Math.max(nowMs, range.fromMs ?? 0);
  const fromMs = range.fromMs ?? toMs - EXPLAINED_DEFAULT * MINUTE_MS;
  if (toMs - fromMs > MINUTES_MAX * MINUTE_MS) {
    throw new AppError(
      'bad_request',
      `The parameter from must be at most ${MINUTES_MAX} minutes before to.`,
      {
        field: 'from',
      },
    );
  }
  // A minute is named by its start: the one that holds `from` belongs to the span.
  return { fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS, toMs };
}
const EXPLAINED_DEFAULT = 60;

function checkTimeZone(name: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    throw new AppError('bad_request', 'The parameter time_zone must be the name of a time zone.', {
      field: 'time_zone',
      hint: 'As IANA writes it, such as Europe/Berlin or UTC.',
    });
  }
}
