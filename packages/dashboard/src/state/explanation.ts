import { signal } from '@preact/signals';
import type { ModelItem } from '@seismo/server/serve/model-schemas';
import { ApiError, fetchExplanation } from '../api/client.js';
import type { ExplainedPoint } from '../model/stack.js';

export interface Explanation {
  /** What was asked for: the series, and the start of the minute. */
  readonly series: string;
  readonly minute: number;
  /** Null where the model does not know that time. */
  readonly point: ExplainedPoint | null;
}

export const explanation = signal<Explanation | null>(null);
export const explanationError = signal<ApiError | null>(null);

const MINUTE = 60;
const SETTLE_MS = 150;
let wanted = '';
let timer: ReturnType<typeof setTimeout> | undefined;

/** Fetches what the model sees at that time, once one has settled on it; again when it was trained anew. */
export function wantExplanation({ name, series, trained_at }: ModelItem, time: number, utc: boolean): void {
  const minute = Math.floor(time / MINUTE) * MINUTE;
  const timeZone = utc ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
  const want = `${minute} ${trained_at} ${timeZone} ${series}`;
  if (want === wanted) return;
  wanted = want;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      const { points } = await fetchExplanation(name, minute, timeZone);
      if (want !== wanted) return;
      explanation.value = { series, minute, point: points[0] ?? null };
      explanationError.value = null;
    } catch (error) {
      if (want !== wanted) return;
      wanted = '';
      explanationError.value = error instanceof ApiError ? error : new ApiError(0, String(error));
    }
  }, SETTLE_MS);
}
