import { AppError } from '../errors.js';
import { type Ingest, type IngestResult, REJECT_CODES } from '../ports/ingest.js';
import type { Publisher } from '../ports/publisher.js';
import type { SelfMetrics } from '../self-metrics.js';
import { type AcceptOptions, Acceptor } from './accept.js';

/** The ingest stage: accepts items, publishes what is good of them, and counts both in this one place. */
export function createIngest(
  options: AcceptOptions & { readonly publisher: Publisher; readonly metrics: SelfMetrics },
): Ingest {
  const { publisher, metrics } = options;
  const acceptor = new Acceptor(options);
  // To Prometheus the step from no counter to 1 is no increase.
  for (const code of REJECT_CODES) metrics.itemsRejected.inc({ code }, 0);
  return {
    async ingest(items: unknown): Promise<IngestResult> {
      const { batch, rejected, rejectedByCode } = acceptor.accept(items);
      let rejectedCount = 0;
      for (const [code, count] of rejectedByCode) {
        metrics.itemsRejected.inc({ code }, count);
        rejectedCount += count;
      }
      const accepted = batch.values.length;
      if (accepted > 0) {
        await publisher.publish(batch);
        metrics.samplesAccepted.inc(accepted);
      } else if (rejectedByCode.size === 1 && rejectedByCode.has('series_limit')) {
        throw seriesLimitReached(options);
      }
      return { accepted, rejected, rejectedCount };
    },

    refuse(code, message): IngestResult {
      metrics.itemsRejected.inc({ code });
      return { accepted: 0, rejected: [{ index: 0, code, message }], rejectedCount: 1 };
    },
  };
}

function seriesLimitReached({ active, idleWords = 'a day' }: AcceptOptions): AppError {
  return new AppError(
    'series_limit',
    `all ${active.max} places for series are taken, so no new series gets in`,
    {
      hint: `series without samples for ${idleWords} make room; --series-max sets the limit`,
    },
  );
}
