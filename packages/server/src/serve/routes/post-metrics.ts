import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppError, ERROR_TABLE } from '../../errors.js';
import type { IngestResult } from '../../ports/ingest.js';
import { errorBody, sendError, setRetryAfter } from '../http-errors.js';
import type { HttpServices } from '../http-services.js';
import { notJson } from '../request-body.js';
import type { Guard } from '../security/guard.js';

/** `POST /metrics`: the way in. Answers after the samples are durable, and says of each bad item what is wrong. */
export function postMetricsRoute(app: FastifyInstance, services: HttpServices, guard: Guard): void {
  const { ingest, metrics, log } = services;
  app.route({
    method: 'POST',
    url: '/metrics',
    onRequest: guard.write,
    errorHandler: (error, request, reply) => {
      if (!(error instanceof AppError) || error.code !== 'not_json') {
        return sendError(error, request, reply, log);
      }
      metrics.itemsRejected.inc({ code: 'not_json' });
      const rejected = [{ index: 0, code: 'not_json', message: error.message }];
      return reply.code(400).send({ ...errorBody(error), accepted: 0, rejected, rejected_count: 1 });
    },
    handler: async (request, reply) => {
      if (request.body === undefined) throw notJson('The body is empty.');
      const result = await ingest.ingest(request.body);
      reply.code(202);
      if (result.rejectedCount === 0) return { accepted: result.accepted };
      if (result.accepted === 0) return nothingAccepted(result, reply);
      return {
        accepted: result.accepted,
        rejected: result.rejected,
        rejected_count: result.rejectedCount,
      };
    },
  });
}

/** 429 where room for new series was the reason, since that can change; 400 otherwise. */
function nothingAccepted(result: IngestResult, reply: FastifyReply) {
  const first = result.rejected.find((one) => one.code === 'series_limit') ?? result.rejected[0];
  const limited = first?.code === 'series_limit';
  reply.code(limited ? ERROR_TABLE.series_limit.status : 400);
  if (limited) setRetryAfter('series_limit', reply);
  return {
    error: {
      code: first?.code ?? 'bad_request',
      message:
        result.rejectedCount === 1
          ? (first?.message ?? 'Nothing was accepted.')
          : `None of it was accepted (${result.rejectedCount} problems); one of them: ${first?.message ?? ''}`,
      ...(first?.field === undefined ? {} : { field: first.field }),
    },
    accepted: 0,
    rejected: result.rejected,
    rejected_count: result.rejectedCount,
  };
}
