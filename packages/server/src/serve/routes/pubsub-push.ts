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
  app.route<{ Body: PushBody }>({
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
    handler: async (request, reply) => {
      await intake.take(deliveredMessage(request.body));
      return reply.code(204).send();
    },
  });
}

function deliveredMessage({ message }: PushBody): DeliveredMessage {
  const id = message.messageId ?? message.message_id;
  const published = Date.parse(message.publishTime ?? message.publish_time ?? '');
  if (id === undefined || Number.isNaN(published)) {
    throw new AppError('bad_request', 'The message has no messageId, or no publishTime that is a time.', {
      field: 'message',
      hint: 'The subscription must wrap its messages (it does unless --push-no-wrapper was set).',
    });
  }
  return {
    id,
    publishedMs: published,
    attributes: message.attributes ?? {},
    data: Buffer.from(message.data ?? '', 'base64'),
  };
}
