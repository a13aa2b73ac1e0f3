import { tricube, windowStart } from './loess.js';

/** Of more values than this, all of which take part everywhere, the weights are not worth keeping. */
const COUNT_MAX = 64;

interface Row {
  readonly start: number;
  /** Of the values from there on; they add up to 1. */
  readonly weights: Float64Array;
}

/**
 * The loess of degree 0 without robustness as what it is: the same weighted means for every series of one length. They
 * are worked out once, for the many places of a season. To rounding the same as `smoothLoess` and `loessAt`.
 * Cost: count · window / jump multiplications a series. Source: as for `smoothLoess`.
 */
export class LevelSmoother {
  readonly #rows: readonly { readonly at: number; readonly row: Row }[];
  readonly #before: Row;
  readonly #after: Row;

  /** Undefined where it would take too many weights. */
  static of(count: number, window: number, jump: number): LevelSmoother | undefined {
    return count >= 2 && (window < count || count <= COUNT_MAX)
      ? new LevelSmoother(count, window, Math.min(jump, count - 1))
      : undefined;
  }

  private constructor(count: number, window: number, jump: number) {
    const half = (window - 1) / 2;
    let inner: Row | undefined;
    const rows: { at: number; row: Row }[] = [];
    let last = 0;
    for (let at = 0; at < count; at += jump) {
      const start = windowStart(at, count, window);
      const isInner = window < count && at - start === half;
      const row = isInner && inner ? { start, weights: inner.weights } : rowOf(at, start, count, window);
      if (isInner) inner ??= row;
      rows.push({ at, row });
      last = at;
    }
    // As in smoothLoess, the last fit is taken over the window of the one before it.
    const lastStart = windowStart(last, count, window);
    if (last < count - 1) rows.push({ at: count - 1, row: rowOf(count - 1, lastStart, count, window) });
    this.#rows = rows;
    this.#before = rowOf(-1, 0, count, window);
    this.#after = rowOf(count, Math.max(0, count - window), count, window);
  }

  /** Smooths into `out`, with straight lines between the fits; both as long as the count. */
  smooth(values: Float64Array, out: Float64Array): void {
    let last = 0;
    for (const { at, row } of this.#rows) {
      const level = meanOf(values, row);
      const from = out[last]!;
      const slope = (level - from) / (at - last);
      for (let index = last + 1; index < at; index++) out[index] = from + slope * (index - last);
      out[at] = level;
      last = at;
    }
  }

  /** One place before the first value. */
  before(values: Float64Array): number {
    return meanOf(values, this.#before);
  }

  /** One place after the last value. */
  after(values: Float64Array): number {
    return meanOf(values, this.#after);
  }
}

function rowOf(at: number, start: number, count: number, window: number): Row {
  const end = start + Math.min(window, count);
  const wider = window > count ? Math.floor((window - count) / 2) : 0;
  const reach = Math.max(at - start, end - 1 - at) + wider;
  const weights = new Float64Array(end - start);
  let total = 0;
  for (let index = start; index < end; index++) {
    weights[index - start] = tricube(Math.abs(index - at), reach);
    total += weights[index - start]!;
  }
  return { start, weights: weights.map((weight) => weight / total) };
}

function meanOf(values: Float64Array, { start, weights }: Row): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) sum += weights[index]! * values[start + index]!;
  return sum;
}
