import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import { describeRoute } from '../describe-route.js';
import type { LiveFeed } from '../live/live-feed.js';
import { LiveQuery } from '../parameters.js';
import { LiveText } from '../schemas.js';
import type { Guard } from '../security/guard.js';
import { SeriesSelection } from '../series-selection.js';

const CLIENTS_MAX = 500;

/** `GET /api/live`: samples with their verdicts as they are judged, as server-sent events. */
export function liveRoute(app: FastifyInstance, feed: LiveFeed, guard: Guard): void {
  app.route<{ Querystring: LiveQuery }>({
    method: 'GET',
    url: '/api/live',
    exposeHeadRoute: false,
    onRequest: guard.read,
    schema: describeRoute({
      tag: 'live',
      summary: 'Samples with their verdicts as they are judged, as server-sent events',
      querystring: LiveQuery,
      answers: { 200: LiveText },
      errors: { 429: 'Too many connections are open.' },
      produces: ['text/event-stream'],
    }),
    handler: (request, reply) => {
      if (feed.clientCount >= CLIENTS_MAX) {
        throw new AppError('too_many_requests', `There are ${CLIENTS_MAX} open connections already.`);
      }
      const lastSeq = lastSeqOf(request.headers['last-event-id'], request.query.last_event_id);
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies that gather answers would hold the events back.
        'x-accel-buffering': 'no',
      });
      feed.add(reply.raw, SeriesSelection.ofQuery(request.query), lastSeq);
    },
  });
}

/** Undefined for a first visit; NaN never matches a kept commit, so that nonsense is answered by a reset. */
function lastSeqOf(header: string | string[] | undefined, parameter: string | undefined): number | undefined {
  const text = typeof header === 'string' && header !== '' ? header : parameter;
  if (text === undefined || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
