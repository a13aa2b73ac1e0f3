import { gzipSync } from 'node:zlib';
import { AppError } from '../../errors.js';
import type { MetricMessage } from '../../model/metric-message.js';
import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.js';

/** Pub/Sub's limits for the attributes of one message. */
const ATTRIBUTES_MAX = 100;
const VALUE_BYTES_MAX = 1024;
/** With attributes and what gRPC adds it must stay below 10 MB; what came in may have been as large as that. */
const DATA_BYTES_MAX = 9_000_000;

/** Publishes dead letters: the original data and attributes, and beside them why and which message it was. */
export function createPubSubDeadLetters(topic: {
  publish(messages: readonly MetricMessage[]): Promise<void>;
}): DeadLetters {
  return {
    async keep(letter) {
      try {
        await topic.publish([toMessage(letter)]);
      } catch (error) {
        // The message must not be acknowledged then, so Pub/Sub has to try again.
        if (!(error instanceof AppError) || error.code !== 'bad_request') throw error;
        throw new AppError('unreachable', error.message, { cause: error });
      }
    },
  };
}

function toMessage(letter: DeadLetter): MetricMessage {
  const tooLarge = letter.data.length > DATA_BYTES_MAX;
  const ours = {
    reason: letter.reason,
    error: cutToBytes(letter.error, VALUE_BYTES_MAX),
    original_message_id: letter.originalMessageId,
    original_publish_time: letter.originalPublishTime,
    ...(tooLarge ? { content_encoding: 'gzip' } : {}),
  };
  const theirs = Object.entries(letter.attributes)
    // Pub/Sub's own attributes, which nobody else may publish.
    .filter(([name]) => !name.startsWith('goog') && !(name in ours))
    .slice(0, ATTRIBUTES_MAX - Object.keys(ours).length);
  return {
    data: tooLarge ? gzipSync(letter.data) : Buffer.from(letter.data),
    attributes: { ...Object.fromEntries(theirs), ...ours },
  };
}

/** Whole characters only. */
function cutToBytes(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const cut = new TextDecoder().decode(Buffer.from(text).subarray(0, bytesMax - 6));
  return `${cut.replace(/\uFFFD+$/, '')}…`;
}
