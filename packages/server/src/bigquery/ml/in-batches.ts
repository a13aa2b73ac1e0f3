/** What each series costs besides its rows, in rows. */
const SERIES_ROWS = 500;
const BATCH_ROWS_LEAST = 4000;
const BATCHES_PER_THREAD = 8;

/** Neighbouring series put together, so that each thread gets several batches of about the same size. */
export function batchesOf(rowCounts: readonly number[], threads: number): { from: number; to: number }[] {
  const total = rowCounts.reduce((sum, rows) => sum + rows + SERIES_ROWS, 0);
  const target = Math.max(BATCH_ROWS_LEAST, total / (threads * BATCHES_PER_THREAD));
  const batches: { from: number; to: number }[] = [];
  let size = 0;
  for (const [number, rows] of rowCounts.entries()) {
    const last = batches.at(-1);
    size += rows + SERIES_ROWS;
    if (last === undefined || size > target) {
      batches.push({ from: number, to: number + 1 });
      size = rows + SERIES_ROWS;
    } else last.to = number + 1;
  }
  return batches;
}

export interface InOrderOptions {
  /** So many parts are asked ahead of the one whose answer is next. */
  readonly ahead: number;
  readonly signal?: AbortSignal;
}

/**
 * Answers in the order of the parts, several asked at once. Whoever stops reading, or an answer that fails, ends what
 * was asked: its signal is aborted.
 */
export async function* inOrder<Part, Answer>(
  parts: readonly Part[],
  ask: (part: Part, signal: AbortSignal) => Promise<Answer>,
  { ahead, signal }: InOrderOptions,
): AsyncGenerator<Answer> {
  const end = new AbortController();
  const signals = AbortSignal.any([end.signal, ...(signal === undefined ? [] : [signal])]);
  const asked: Promise<Answer>[] = [];
  const take = async () => await asked.shift()!;
  try {
    for (const part of parts) {
      const answer = ask(part, signals);
      // Whoever waits for it hears of a failure; until then it is nobody's.
      answer.catch(() => {});
      asked.push(answer);
      if (asked.length >= ahead) yield await take();
    }
    while (asked.length > 0) yield await take();
  } finally {
    end.abort(new Error('Nobody waits for the answer any more.'));
  }
}
