import { createHash } from 'node:crypto';
import { AppError } from '../errors.js';
import type { AnomalyPosition } from '../ports/sample-store.js';

/** Where a page ended, as text that nobody needs to understand. It names a row, so newer rows do not move it. */
export function writeCursor(last: AnomalyPosition, query: Filters): string {
  const parts = [last.timeMs, last.series, last.detector, filterHash(query)];
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

export function readCursor(text: string, query: Filters): AnomalyPosition {
  const { hash, position } = parseCursor(text);
  // One without may be used with whatever filters: written by hand, or by the example in the API's description.
  if (hash === undefined || hash === filterHash(query)) return position;
  throw new AppError('bad_request', 'The parameter cursor was given out for other filters.', {
    field: 'cursor',
    hint: 'Use the same filters as for the first page, or leave cursor out to begin anew.',
  });
}

function parseCursor(text: string): { position: AnomalyPosition; hash: unknown } {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && (parts.length === 3 || parts.length === 4)) {
      const [timeMs, series, detector, hash] = parts as unknown[];
      if (Number.isSafeInteger(timeMs) && typeof series === 'string' && typeof detector === 'string') {
        return { position: { timeMs: timeMs as number, series, detector }, hash };
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
