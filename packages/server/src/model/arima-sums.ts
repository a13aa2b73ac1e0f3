import {
  createSeriesSum,
  groupsOf,
  type Hierarchy,
  hierarchyOf,
  type SeriesSum,
  type SumPart,
} from '@seismo/engine';
import type { SeriesRows } from './arima-columns.js';

/** Several series together. */
export interface SumOfSeries<Id> {
  /** Null in the columns that are summed over. */
  readonly ids: readonly (Id | null)[];
  readonly sum: SeriesSum;
  /** What was held out of the series, added up. */
  readonly heldOut: SumRows;
}

/** Series in the groups that a hierarchy of id columns makes of them. */
export class HierarchySums<Id> {
  readonly #levels: Hierarchy;
  readonly #groups: readonly Map<string, SumOfSeries<Id>>[];

  /** @throws RangeError as `hierarchyOf` of the engine */
  constructor(idColumns: readonly string[], hierarchicalColumns: readonly string[]) {
    this.#levels = hierarchyOf(idColumns, hierarchicalColumns);
    this.#groups = this.#levels.map(() => new Map());
  }

  add(ids: readonly Id[], part: SumPart, heldOut?: SeriesRows): void {
    for (const [level, groupIds] of groupsOf(ids, this.#levels).entries()) {
      const key = idsKey(groupIds);
      let group = this.#groups[level]!.get(key);
      if (group === undefined) {
        group = { ids: groupIds, sum: createSeriesSum(), heldOut: new SumRows() };
        this.#groups[level]!.set(key, group);
      }
      group.sum.add(part);
      if (heldOut !== undefined) group.heldOut.add(heldOut);
    }
  }

  /** The lowest level first. */
  *all(): Generator<SumOfSeries<Id>> {
    for (const level of this.#groups) yield* level.values();
  }
}

/** The values of several series together, at the times at which all of them have one. */
export class SumRows {
  readonly #sums = new Map<number, { value: number; series: number }>();
  #series = 0;

  /** Rows of one time are averaged, as where they are learned from. */
  add({ timesMs, values }: SeriesRows): void {
    const means = new Map<number, { value: number; rows: number }>();
    for (const [row, timeMs] of timesMs.entries()) {
      if (!Number.isFinite(values[row])) continue;
      const { value, rows } = means.get(timeMs) ?? { value: 0, rows: 0 };
      means.set(timeMs, { value: value + (values[row]! - value) / (rows + 1), rows: rows + 1 });
    }
    for (const [timeMs, { value: own }] of means) {
      const { value, series } = this.#sums.get(timeMs) ?? { value: 0, series: 0 };
      this.#sums.set(timeMs, { value: value + own, series: series + 1 });
    }
    this.#series++;
  }

  /** By time. */
  rows(): SeriesRows {
    const whole = [...this.#sums].filter(([, { series }]) => series === this.#series);
    whole.sort(([a], [b]) => a - b);
    return {
      timesMs: Float64Array.from(whole, ([timeMs]) => timeMs),
      values: Float64Array.from(whole, ([, { value }]) => value),
    };
  }
}

/** The ids of all sums above some series, the lowest level first, each with the numbers of its series. */
export function sumsAbove<Id>(
  series: readonly { readonly ids: readonly Id[]; readonly number: number }[],
  levels: Hierarchy,
): readonly { readonly ids: readonly (Id | null)[]; readonly numbers: readonly number[] }[] {
  const groups = levels.map(() => new Map<string, { ids: readonly (Id | null)[]; numbers: number[] }>());
  for (const { ids, number } of series) {
    for (const [level, groupIds] of groupsOf(ids, levels).entries()) {
      const key = idsKey(groupIds);
      const group = groups[level]!.get(key) ?? { ids: groupIds, numbers: [] };
      groups[level]!.set(key, group);
      group.numbers.push(number);
    }
  }
  return groups.flatMap((level) => [...level.values()]);
}

/** Of ids whose order tells them apart. */
export function idsKey(ids: readonly unknown[]): string {
  return JSON.stringify(ids);
}
