import type { SqlLine } from './sql-lines.js';

/** More lines than these cannot be told apart on one axis. */
export const TOGETHER_MOST = 6;
/** Beside a line so many times as large another one is flat. */
const SIZES_APART = 100;

/** Whether each line is better drawn by itself: there are many, or the small ones would lie on the axis of the large. */
export function isBetterApart(lines: readonly SqlLine[]): boolean {
  if (lines.length > TOGETHER_MOST) return true;
  const sizes = lines.map(sizeOf).filter((size) => size > 0);
  return Math.max(...sizes) > SIZES_APART * Math.min(...sizes);
}

/** So many of them, those that move the most, in the order in which they were. */
export function widest(lines: readonly SqlLine[], most: number): readonly SqlLine[] {
  if (lines.length <= most) return lines;
  const spreads = new Map(lines.map((line) => [line, spreadOf(line)]));
  const kept = new Set([...lines].sort((a, b) => spreads.get(b)! - spreads.get(a)!).slice(0, most));
  return lines.filter((line) => kept.has(line));
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** From the first to the last point of all lines. */
export function timesOf(lines: readonly SqlLine[]): Stretch {
  let [from, to] = [Infinity, -Infinity];
  for (const { time, value } of lines) {
    for (let i = 0; i < time.length; i++) {
      if (!Number.isFinite(value[i]!)) continue;
      from = Math.min(from, time[i]!);
      to = Math.max(to, time[i]!);
    }
  }
  return { from, to };
}

function sizeOf({ value }: SqlLine): number {
  return value.reduce((most, one) => (Number.isFinite(one) ? Math.max(most, Math.abs(one)) : most), 0);
}

function spreadOf({ value }: SqlLine): number {
  const real = value.filter(Number.isFinite);
  const [least, most] = real.reduce(([a, b], one) => [Math.min(a, one), Math.max(b, one)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  return real.length === 0 ? -1 : most - least;
}
