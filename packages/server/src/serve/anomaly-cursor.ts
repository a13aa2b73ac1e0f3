import { AppError } from '../errors.js';
import type { Anomaly } from '../model/verdict.js';
import type { AnomalyQuery } from '../ports/sample-store.js';

type After = NonNullable<AnomalyQuery['after']>;

/** Where a page ended, as text that nobody needs to understand. It names a row, so newer rows do not move it. */
export function writeCursor(last: Anomaly): string {
  return Buffer.from(JSON.stringify([last.timeMs, last.seriesId, last.detector])).toString('base64url');
}

export function readCursor(text: string): After {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 3) {
      const [timeMs, seriesId, detector] = parts as unknown[];
      if (Number.isSafeInteger(timeMs) && Number.isSafeInteger(seriesId) && typeof detector === 'string') {
        return { timeMs: timeMs as number, seriesId: seriesId as number, detector };
      }
    }
  } catch {
    // Falls through to the sentence below.
  }
  throw new AppError('bad_request', 'The parameter cursor is not one that was given out.', {
    field: 'cursor',
    hint: 'Take next_cursor of the page before as it is, or leave it out for the first page.',
  });
}
