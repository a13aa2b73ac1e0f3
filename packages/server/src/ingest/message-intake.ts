import { AppError, ERROR_TABLE } from '../errors.js';
import type { Logger } from '../logger.js';
import { decodeMessage } from '../model/metric-message.js';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.js';
import type { DeliveredMessage, MessageIntake } from '../ports/message-intake.js';
import type { SampleWriter } from '../ports/sample-store.js';
import type { SelfMetrics } from '../self-metrics.js';
import { type Accepted, type AcceptOptions, Acceptor } from './accept.js';

export interface MessageIntakeOptions extends AcceptOptions {
  readonly writer: SampleWriter;
  readonly deadLetters: DeadLetters;
  readonly metrics: SelfMetrics;
  readonly log: Logger;
  /** Told of samples that became durable. */
  readonly onStored: (samples: number) => void;
}

/** The ingest stage behind a queue: what it takes was acknowledged to somebody already, so nothing is dropped. */
export function createMessageIntake(options: MessageIntakeOptions): MessageIntake {
  const { writer, metrics, onStored } = options;
  const acceptor = new Acceptor({ ...options, rejectionsListedMax: Number.POSITIVE_INFINITY });
  const bury = gravedigger(options);
  return {
    async take(message) {
      const decoded = decodeMessage(message);
      if (!decoded.ok) return bury(message, decoded);
      // A message that waited is as good as when it was sent.
      const accepted = acceptor.accept(decoded.items, message.publishedMs);
      const samples = accepted.batch.values.length;
      if (samples > 0) {
        try {
          await writer.append(accepted.batch, { messageId: message.id, publishedMs: message.publishedMs });
        } catch (error) {
          if (mayGoWellLater(error)) throw error;
          return bury(message, { reason: 'refused_by_store', error: (error as AppError).message });
        }
        metrics.samplesAccepted.inc(samples);
        onStored(samples);
      }
      if (accepted.rejected.length === 0) return;
      for (const [code, count] of accepted.rejectedByCode) metrics.itemsRejected.inc({ code }, count);
      const data = samples === 0 ? message.data : badItems(decoded.items, accepted);
      await bury({ ...message, data }, { reason: 'items_rejected', error: whatIsWrong(accepted) });
    },
  };
}

/** Anything unforeseen may be mended; only what the store itself calls hopeless is given up. */
function mayGoWellLater(error: unknown): boolean {
  return !(error instanceof AppError) || error.code === 'internal' || ERROR_TABLE[error.code].retry;
}

function gravedigger({ deadLetters, metrics, log }: MessageIntakeOptions) {
  return async (
    message: DeliveredMessage,
    { reason, error }: Pick<DeadLetter, 'reason' | 'error'>,
  ): Promise<void> => {
    await deadLetters.keep({
      reason,
      error,
      data: message.data,
      attributes: message.attributes,
      originalMessageId: message.id,
      originalPublishTime: new Date(message.publishedMs).toISOString(),
    });
    metrics.deadLetters.inc({ reason });
    log.warn(
      { event: 'dead_letter', reason, messageId: message.id, error },
      'A message, or a part of it, can never be stored: it is in the topic of dead letters.',
    );
  };
}

/** Each once, however many of its fields are bad. */
function badItems(items: unknown, { rejected }: Accepted): Uint8Array {
  const list = Array.isArray(items) ? (items as unknown[]) : [items];
  const indexes = new Set(rejected.map(({ index }) => index));
  return Buffer.from(JSON.stringify([...indexes].map((index) => list[index])));
}

/** `timestamp_missing: 3, value_not_finite: 1; the first: timestamp is missing …` */
function whatIsWrong({ rejected, rejectedByCode }: Accepted): string {
  const counts = [...rejectedByCode].map(([code, count]) => `${code}: ${count}`).join(', ');
  return `${counts}; the first: ${rejected[0]?.message ?? ''}`;
}
