import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import type { DeliveredMessage, MessageIntake } from '../../ports/message-intake.js';
import { describeRoute } from '../describe-route.js';
import { PushBody } from '../push-schemas.js';
import { Type } from '../schema-type.js';
import type { IdentityGuard } from '../security/identity-guard.js';

/**
 * `POST /pubsub/push`: where Pub/Sub delivers. 204 acknowledges the message: its samples are stored, or kept as a
 * dead letter. Anything else brings it again.
 */
export function pubSubPushRoute(
  app: FastifyInstance,
  intake: MessageIntake,
  onlyPubSub: IdentityGuard,
): void {
  app.route({
    method: 'POST',
    url: '/pubsub/push',
    onRequest: onlyPubSub,
    schema: describeRoute({
      tag: 'samples',
      identity: true,
      summary: 'Where Pub/Sub delivers samples',
      description:
        'The data of a message is a body of `POST /metrics`, in base64. Asks for the identity token of the account ' +
        'that Pub/Sub pushes as.',
      body: PushBody,
      answers: { 204: Type.Null() },
      errors: {
        400: 'This is no delivery of Pub/Sub.',
        429: 'Too much waits to be stored: Pub/Sub tries again.',
        503: 'It cannot be stored now: Pub/Sub tries again.',
      },
    }),
    // Checked below: making the validator would delay the first message of a new instance.
    validatorCompiler: () => () => true,
    handler: async (request, reply) => {
      await intake.take(deliveredMessage(request.body));
      return reply.code(204).send();
    },
  });
}

function deliveredMessage(body: unknown): DeliveredMessage {
  const message = recordOf(recordOf(body)?.message);
  if (message === undefined) throw noDelivery('The body holds no message.');
  const id = message.messageId ?? message.message_id;
  const published = message.publishTime ?? message.publish_time;
  const publishedMs = typeof published === 'string' ? Date.parse(published) : Number.NaN;
  if (typeof id !== 'string' || Number.isNaN(publishedMs)) {
    throw noDelivery('The message has no messageId, or no publishTime that is a time.');
  }
  const { data = '', attributes = {} } = message;
  if (typeof data !== 'string') throw noDelivery('The data of the message must be text, in base64.');
  const named = recordOf(attributes);
  if (named === undefined || !Object.values(named).every((value) => typeof value === 'string')) {
    throw noDelivery('The attributes of the message must be texts.');
  }
  return {
    id,
    publishedMs,
    attributes: named as Record<string, string>,
    data: Buffer.from(data, 'base64'),
  };
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function noDelivery(message: string): AppError {
  return new AppError('bad_request', message, {
    field: 'message',
    hint: 'The subscription must wrap its messages (it does unless --push-no-wrapper was set).',
  });
}
