import type { ExplainBody } from '@seismo/server/serve/model-schemas';

export type ExplainedPoint = ExplainBody['points'][0];

export interface StackRow {
  readonly name: string;
  /** What it adds, or the level it is at. */
  readonly value: number;
  /** Where it begins and ends on top of what stands above it; the same place for a level. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'part' | 'level';
}

export interface LookedAt {
  readonly value: number;
  readonly isMinute: boolean;
}

/**
 * The parts of one minute on top of each other: the level of the trend, what each part adds or takes, the level that
 * was expected, and from there, where the model knows the minute, what led to its mean. What is looked at, a sample or
 * a minute, stands below. Parts that are nothing are left out.
 */
export function stackOf(point: ExplainedPoint, looked: LookedAt | null): StackRow[] {
  const { trend, expected, value } = point;
  if (expected === null) return [];
  // Of what a replaced model made its expectation may not be known any more.
  const rows = trend === null ? [] : [level('trend', trend)];
  let at = trend ?? expected;
  const add = (name: string, size: number | null | undefined) => {
    if (size === null || size === undefined || size === 0) return;
    rows.push({ name, value: size, from: at, to: at + size, kind: 'part' });
    at += size;
  };
  for (const [season, effect] of Object.entries(point.seasonal)) add(season, effect);
  add('holiday', point.holiday);
  add('steps', point.step_changes);
  rows.push(level('expected', expected));
  if (value !== null) {
    at = expected;
    add((point.spikes_and_dips ?? 0) < 0 ? 'dip' : 'spike', point.spikes_and_dips);
    add('rest', point.residual);
    rows.push(level('mean of the minute', value));
  }
  if (looked !== null && !looked.isMinute) rows.push(level('this sample', looked.value));
  else if (looked !== null && value === null) rows.push(level('mean of the minute', looked.value));
  return rows;
}

function level(name: string, value: number): StackRow {
  return { name, value, from: value, to: value, kind: 'level' };
}

/** Shares of the width, from 0 to 1, at which each row begins and ends. */
export function placesOf(rows: readonly StackRow[]): { start: number; end: number }[] {
  const ends = rows.flatMap(({ from, to }) => [from, to]);
  const min = Math.min(...ends);
  const max = Math.max(...ends);
  const share = (value: number) =>
    max > min ? MARGIN + ((value - min) / (max - min)) * (1 - 2 * MARGIN) : 0.5;
  return rows.map(({ from, to }) => ({ start: share(Math.min(from, to)), end: share(Math.max(from, to)) }));
}
/** Room for the signs of the outermost levels. */
const MARGIN = 0.03;
