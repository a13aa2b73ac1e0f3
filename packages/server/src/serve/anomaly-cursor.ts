import { createHash } from 'node:crypto';
import { AppError } from '../errors.js';
import type { Anomaly } from '../model/verdict.js';
import type { AnomalyQuery } from '../ports/sample-store.js';

type After = NonNullable<AnomalyQuery['after']>;

/** Where a page ended, as text that nobody needs to understand. It names a row, so newer rows do not move it. */
export function writeCursor(last: Anomaly, query: Filters): string {
  const parts = [last.timeMs, last.seriesId, last.detector, filterHash(query)];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

type Filters = Readonly<Record<string, unknown>>;

/** Short: it tells a slip from the right thing, nothing more. How many rows a page has is free to change. */
function filterHash(query: Filters): string {
  const filters = Object.keys(query)
    .filter((name) => name !== 'cursor' && name !== 'limit')
    .sort()
    .map((name) => [name, Array.isArray(query[name]) ? [...query[name]].sort() : query[name]]);
  return createHash('sha256').update(JSON.stringify(filters)).digest('base64url').slice(0, 8);
}

export function readCursor(text: string, query: Filters): After {
  const { hash, ...after } = parseCursor(text);
  // One without was given out by an older version, for whatever filters.
  if (hash === undefined || hash === filterHash(query)) return after;
  throw new AppError('bad_request', 'The parameter cursor was given out for other filters.', {
    field: 'cursor',
    hint: 'Use the same filters as for the first page, or leave cursor out to begin anew.',
  });
}

function parseCursor(text: string): After & { hash: unknown } {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && (parts.length === 3 || parts.length === 4)) {
      const [timeMs, seriesId, detector, hash] = parts as unknown[];
      if (Number.isSafeInteger(timeMs) && Number.isSafeInteger(seriesId) && typeof detector === 'string') {
        return { timeMs: timeMs as number, seriesId: seriesId as number, detector, hash };
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
