import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Ingest, IngestResult } from '../../ports/ingest.js';
import { describeRoute } from '../describe-route.js';
import { errorBody, sendError } from '../http-errors.js';
import { AcceptedBody, MetricsBody, NothingAcceptedBody } from '../ingest-schemas.js';
import { notJson } from '../request-body.js';
import type { Guard } from '../security/guard.js';

const BODY_HINT = 'Send an object such as {"timestamp": 1743548330, "latency": 312.0}, or an array of them.';

/** `POST /metrics`: the way in. Answers after the samples are durable, and says of each bad item what is wrong. */
export function postMetricsRoute(
  app: FastifyInstance,
  { ingest, log }: { readonly ingest: Ingest; readonly log: Logger },
  guard: Guard,
): void {
  app.route({
    method: 'POST',
    url: '/metrics',
    onRequest: guard.write,
    schema: describeRoute({
      tag: 'samples',
      summary: 'Send samples',
      description:
        'Answers after the samples are safe: on disk, or on Google Cloud in Pub/Sub. Sending a sample again changes nothing; another value for the ' +
        'same series and millisecond replaces the old one.',
      body: MetricsBody,
      answers: { 202: AcceptedBody, 400: NothingAcceptedBody },
      errors: {
        413: 'The body is larger than 16 MiB, packed or unpacked.',
        415: 'The body is not JSON by its Content-Type, or packed otherwise than with gzip.',
        429: 'Too much waits to be written, or there is no room for new series. See Retry-After.',
        503: 'The disk is full, Pub/Sub does not answer, or the server is not ready. See Retry-After.',
      },
    }),
    // Items are judged one by one, so that the good ones of a batch get in.
    validatorCompiler: () => () => true,
    errorHandler: (error, request, reply) => {
      if (!(error instanceof AppError) || error.code !== 'not_json') {
        return sendError(error, request, reply, log);
      }
      const refused = nothingAccepted(ingest.refuse('not_json', error.message));
      const hinted = new AppError('not_json', error.message, { hint: BODY_HINT });
      return reply.code(400).send({ ...refused, ...errorBody(hinted) });
    },
    handler: async (request, reply) => {
      if (request.body === undefined) throw notJson('The body is empty.');
      const result = await ingest.ingest(request.body);
      if (result.accepted === 0 && result.rejectedCount > 0) {
        reply.code(400);
        return nothingAccepted(result);
      }
      reply.code(202);
      if (result.rejectedCount === 0) return { accepted: result.accepted };
      return {
        accepted: result.accepted,
        rejected: result.rejected,
        rejected_count: result.rejectedCount,
      };
    },
  });
}

/** The error tells the first reason, the list all of them. */
function nothingAccepted(result: IngestResult) {
  const first = result.rejected[0];
  const message = first?.message ?? 'Nothing was accepted.';
  return {
    error: {
      code: first?.code ?? 'bad_request',
      message:
        result.rejectedCount > 1
          ? `None of it was accepted (${result.rejectedCount} problems); the first: ${message}`
          : message,
      ...(first?.field === undefined ? {} : { field: first.field }),
    },
    accepted: 0,
    rejected: result.rejected,
    rejected_count: result.rejectedCount,
  };
}
