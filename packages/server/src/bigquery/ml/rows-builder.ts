import type { Column } from '../sql/plan.js';
import { type ColumnValues, type MlRows, withNulls } from './ml-rows.js';

/**
 * Some rows of one column: numbers with NaN for NULL, truths with −1 for NULL, values as they are, or one value for
 * all of the rows.
 */
export type Piece = Float64Array | Int8Array | readonly unknown[] | { readonly all: unknown };

/** Puts the rows of many series together. */
export class RowsBuilder {
  readonly #columns: readonly Column[];
  readonly #pieces: Piece[][];
  readonly #counts: number[] = [];

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#pieces = columns.map(() => []);
  }

  /** @param pieces in the order of the columns; undefined for NULL in all rows */
  add(rowCount: number, pieces: readonly (Piece | undefined)[]): void {
    this.#counts.push(rowCount);
    for (const [at, own] of this.#pieces.entries()) own.push(pieces[at] ?? { all: null });
  }

  finish(): MlRows {
    const rowCount = this.#counts.reduce((sum, count) => sum + count, 0);
    return {
      columns: this.#columns,
      values: this.#pieces.map((own) => this.#joined(own, rowCount)),
      rowCount,
    };
  }

  #joined(pieces: readonly Piece[], rowCount: number): ColumnValues {
    if (pieces.length > 0 && pieces.every((piece) => piece instanceof Float64Array)) {
      const numbers = new Float64Array(rowCount);
      let at = 0;
      for (const piece of pieces) {
        numbers.set(piece, at);
        at += piece.length;
      }
      return withNulls(numbers);
    }
    const values: unknown[] = [];
    for (const [number, piece] of pieces.entries()) {
      for (let row = 0; row < this.#counts[number]!; row++) values.push(cellOf(piece, row));
    }
    return values;
  }
}

function cellOf(piece: Piece, row: number): unknown {
  if (piece instanceof Int8Array) return piece[row]! < 0 ? null : piece[row] === 1;
  if (piece instanceof Float64Array) return Number.isNaN(piece[row]) ? null : piece[row];
  return 'all' in piece ? piece.all : (piece[row] ?? null);
}
