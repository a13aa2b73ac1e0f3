import type { SqlModelColumn, SqlModelId } from '../../ports/sql-models.js';
import type { ColumnValues } from './ml-rows.js';

/** By the value of an id column: the next column's values, or the number of the series. */
interface IdNode extends Map<SqlModelId, IdNode | number> {}

/** Which series each combination of ids is; numbers count from 0 in the order in which they came. */
export class SeriesNumbers {
  readonly #root: IdNode = new Map();
  readonly #ids: (readonly SqlModelId[])[] = [];
  readonly #columns: readonly SqlModelColumn[];

  constructor(columns: readonly SqlModelColumn[], known: readonly (readonly SqlModelId[])[] = []) {
    this.#columns = columns;
    for (const ids of known) this.#numberOf(ids, true);
  }

  /** By number. */
  get ids(): readonly (readonly SqlModelId[])[] {
    return this.#ids;
  }

  /**
   * Of each row; −1 for ids that are not known.
   * @param add unknown ones get the next number
   */
  ofRows(values: readonly ColumnValues[], rowCount: number, add: boolean): Int32Array {
    const numbers = new Int32Array(rowCount);
    const ids: SqlModelId[] = [];
    for (let row = 0; row < rowCount; row++) {
      for (let at = 0; at < values.length; at++) ids[at] = idOf(values[at]![row], this.#columns[at]!.type);
      numbers[row] = this.#numberOf(ids, add);
    }
    return numbers;
  }

  #numberOf(ids: readonly SqlModelId[], add: boolean): number {
    if (ids.length === 0) return this.#only(add);
    let node = this.#root;
    for (let at = 0; at < ids.length - 1; at++) {
      let next = node.get(ids[at]!) as IdNode | undefined;
      if (next === undefined) {
        if (!add) return -1;
        next = new Map();
        node.set(ids[at]!, next);
      }
      node = next;
    }
    const last = ids[ids.length - 1]!;
    const found = node.get(last) as number | undefined;
    if (found !== undefined || !add) return found ?? -1;
    node.set(last, this.#ids.length);
    return this.#ids.push([...ids]) - 1;
  }

  /** Without id columns all rows are one series. */
  #only(add: boolean): number {
    if (this.#ids.length === 0 && add) this.#ids.push([]);
    return this.#ids.length - 1;
  }
}

/** A value of an id column as JSON can carry it. */
function idOf(value: unknown, type: string): SqlModelId {
  if (value === null || value === undefined) return null;
  if (type === 'STRING' || type === 'NUMERIC') return String(value);
  if (type === 'BOOL') return Boolean(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** As a column of rows has it. */
export function idValue(id: SqlModelId, type: string): unknown {
  return type === 'INT64' && id !== null ? BigInt(id as string | number) : id;
}

/** Rows by series: those of series n are `order` from starts[n] to before starts[n + 1]. */
export interface RowsBySeries {
  readonly order: Uint32Array;
  readonly starts: Uint32Array;
}

/** Keeps the order of rows within a series; rows of series −1 are left out. */
export function rowsBySeries(numbers: Int32Array, seriesCount: number): RowsBySeries {
  const starts = new Uint32Array(seriesCount + 1);
  for (let row = 0; row < numbers.length; row++) if (numbers[row]! >= 0) starts[numbers[row]! + 1]!++;
  for (let number = 0; number < seriesCount; number++) starts[number + 1]! += starts[number]!;
  const next = starts.slice();
  const order = new Uint32Array(starts[seriesCount]!);
  for (let row = 0; row < numbers.length; row++) {
    const number = numbers[row]!;
    if (number >= 0) order[next[number]!++] = row;
  }
  return { order, starts };
}
