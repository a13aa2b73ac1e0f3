import type { DuckDBConnection } from '@duckdb/node-api';
import { type Column, newColumn, type ResultKind, streamColumns } from './duckdb-columns.js';
import { oneNumber } from './duckdb-database.js';
import type { CommitGroup } from './duckdb-protocol.js';

/** Whole milliseconds, both ends included. */
export interface SeriesRange {
  readonly series: number;
  readonly from: number;
  readonly to: number;
}

/** What a read of a range takes of each table beside the series: the time in milliseconds first. */
export const RANGE_COLUMNS = {
  samples: { sql: 'time_ms::DOUBLE, value', kinds: ['float64', 'float64'] },
  verdicts: {
    sql: 'time_ms::DOUBLE, state, expected, lower, upper, probability, alarm',
    kinds: ['float64', 'uint8', 'float64', 'float64', 'float64', 'float64', 'uint8'],
  },
} as const;

export type RangeTable = keyof typeof RANGE_COLUMNS;

/**
 * Rows held of each table: more than lie hot while detection keeps up, which is what a step of compaction waits for and
 * what came since the last checkpoint. 16 MB for both tables.
 */
const ROWS_MAX = 196_608;
/** Rows that room is made for at once: columns that grow as a whole would be there twice meanwhile. */
const PIECE_ROWS = 16_384;

/**
 * The hot tables once more, in memory, for reads of one series: two statements less for each, which are a fourth of
 * what it costs. What is not held, because there is too much of it, is asked of DuckDB until compaction has moved it.
 */
export class HotRows {
  readonly #tables: Readonly<Record<RangeTable, HotTable>>;

  private constructor(samples: HotTable, verdicts: HotTable) {
    this.#tables = { samples, verdicts };
  }

  /** Takes in what lies in the file. Nothing may be written meanwhile. */
  static async load(connection: DuckDBConnection): Promise<HotRows> {
    return new HotRows(await loadTable(connection, 'samples'), await loadTable(connection, 'verdicts'));
  }

  /** A group that is committed, its verdicts as of this commit. */
  add(group: CommitGroup, verdictSeq: number): void {
    const { seriesIds, timesMs, values, verdicts: v } = group;
    const seqs = new Float64Array(seriesIds.length);
    let at = 0;
    group.counts.forEach((count, i) => {
      seqs.fill(group.seqs[i]!, at, at + count);
      at += count;
    });
    this.#tables.samples.append(seriesIds, seqs, [timesMs, values]);
    this.#tables.verdicts.append(v.seriesIds, new Float64Array(v.seriesIds.length).fill(verdictSeq), [
      v.timesMs,
      v.states,
      v.expected,
      v.lower,
      v.upper,
      v.probability,
      v.alarms,
    ]);
  }

  /** Where it is not known whether a commit has reached the file: nothing up to it is held any more. */
  forget(throughSeq: number): void {
    for (const table of Object.values(this.#tables)) table.forget(throughSeq);
  }

  /**
   * Around a step of compaction, which gives the last commit of which it moved rows, 0 for none, undefined where it had
   * nothing to do: then this gives false. What is written after the step has begun it does not move.
   */
  async moved(step: () => Promise<number | undefined>): Promise<boolean> {
    const { samples, verdicts } = this.#tables;
    const ends = { samples: samples.end, verdicts: verdicts.end };
    const movedSeq = await step();
    if (movedSeq) {
      samples.moved(ends.samples, movedSeq);
      verdicts.moved(ends.verdicts, movedSeq);
    }
    return movedSeq !== undefined;
  }

  /** After older rows were deleted. */
  deleteOlder(before: { samplesMs: number; verdictsMs: number }): void {
    this.#tables.samples.erase((_, timeMs) => timeMs < Math.round(before.samplesMs));
    this.#tables.verdicts.erase((_, timeMs) => timeMs < Math.round(before.verdictsMs));
  }

  removeSeries(ids: readonly number[]): void {
    const gone = new Set(ids);
    if (gone.size > 0) this.#tables.verdicts.erase((id) => gone.has(id));
  }

  /** Columns of a series' rows in commit order; undefined where DuckDB has to be asked. */
  find(table: RangeTable, range: SeriesRange): Column[] | undefined {
    return this.#tables[table].find(range);
  }
}

async function loadTable(connection: DuckDBConnection, table: RangeTable): Promise<HotTable> {
  const { sql, kinds } = RANGE_COLUMNS[table];
  const from = `seismo_store.${table}_hot`;
  const count = await oneNumber(connection, `SELECT count(*)::DOUBLE FROM ${from}`);
  if (count > ROWS_MAX) {
    const lastSeq = await oneNumber(connection, `SELECT max(seq)::DOUBLE FROM ${from}`);
    return new HotTable(kinds, lastSeq);
  }
  const loaded = new HotTable(kinds);
  const select = `SELECT series_id, seq::DOUBLE, ${sql} FROM ${from}`;
  await streamColumns(connection, select, ['uint32', 'float64', ...kinds], ([ids, seqs, ...columns]) => {
    loaded.append(ids as Uint32Array, seqs as Float64Array, columns);
  });
  return loaded;
}

interface Piece {
  readonly ids: Uint32Array;
  readonly seqs: Float64Array;
  readonly columns: readonly Column[];
}

/** Rows of one table in commit order, at most ROWS_MAX of the newest. */
class HotTable {
  readonly #kinds: readonly ResultKind[];
  /** The rows lie from `#first` of the first piece on; behind them is room. */
  readonly #pieces: Piece[] = [];
  #first = 0;
  #rows = 0;
  /** Rows that came before those that are held. */
  #before = 0;
  /** Rows up to this commit lie hot and are not held; -Infinity for none. */
  #missingSeq: number;
  /** Where they end. */
  #missingEnd = 0;

  constructor(kinds: readonly ResultKind[], missingSeq = Number.NEGATIVE_INFINITY) {
    this.#kinds = kinds;
    this.#missingSeq = missingSeq;
  }

  get end(): number {
    return this.#before + this.#rows;
  }

  append(ids: Uint32Array, seqs: Float64Array, columns: readonly Column[]): void {
    if (ids.length === 0) return;
    if (this.#rows + ids.length > ROWS_MAX) {
      this.forget(seqs.at(-1)!, ids.length);
      return;
    }
    for (let from = 0; from < ids.length; ) {
      const end = this.#first + this.#rows;
      const at = end % PIECE_ROWS;
      const piece = this.#pieces[Math.floor(end / PIECE_ROWS)] ?? this.#addPiece();
      const to = Math.min(ids.length, from + PIECE_ROWS - at);
      piece.ids.set(ids.subarray(from, to), at);
      piece.seqs.set(seqs.subarray(from, to), at);
      piece.columns.forEach((column, c) => {
        column.set(columns[c]!.subarray(from, to), at);
      });
      this.#rows += to - from;
      from = to;
    }
  }

  #addPiece(): Piece {
    const piece = {
      ids: new Uint32Array(PIECE_ROWS),
      seqs: new Float64Array(PIECE_ROWS),
      columns: this.#kinds.map((kind) => newColumn(kind, PIECE_ROWS)),
    };
    this.#pieces.push(piece);
    return piece;
  }

  /** Of what is held and of so many rows more, which are of commits up to this one, nothing is held any more. */
  forget(throughSeq: number, more = 0): void {
    this.#drop(this.#rows);
    this.#before += more;
    this.#missingSeq = throughSeq;
    this.#missingEnd = this.#before;
  }

  /** Commits only ever get later, so what was moved stands first. */
  moved(end: number, throughSeq: number): void {
    if (throughSeq >= this.#missingSeq && end >= this.#missingEnd)
      this.#missingSeq = Number.NEGATIVE_INFINITY;
    const rowsMax = Math.min(this.#rows, end - this.#before);
    let gone = 0;
    for (const { piece, from, to } of this.#stretches()) {
      let row = from;
      while (row < to && gone < rowsMax && piece.seqs[row]! <= throughSeq) {
        row++;
        gone++;
      }
      if (row < to) break;
    }
    this.#drop(gone);
  }

  /** The first so many; pieces without rows are room again. */
  #drop(rows: number): void {
    this.#rows -= rows;
    this.#before += rows;
    this.#first += rows;
    this.#pieces.push(...this.#pieces.splice(0, Math.floor(this.#first / PIECE_ROWS)));
    this.#first %= PIECE_ROWS;
  }

  /** Where the rows lie, in order. */
  #stretches(): { piece: Piece; from: number; to: number }[] {
    const end = this.#first + this.#rows;
    return this.#pieces.slice(0, Math.ceil(end / PIECE_ROWS)).map((piece, i) => ({
      piece,
      from: i === 0 ? this.#first : 0,
      to: Math.min(PIECE_ROWS, end - i * PIECE_ROWS),
    }));
  }

  /** Makes rows such that no range holds them. */
  erase(isGone: (id: number, timeMs: number) => boolean): void {
    for (const { piece, from, to } of this.#stretches()) {
      const timesMs = piece.columns[0]!;
      for (let row = from; row < to; row++) {
        if (isGone(piece.ids[row]!, timesMs[row]!)) timesMs[row] = Number.NaN;
      }
    }
  }

  find(range: SeriesRange): Column[] | undefined {
    if (this.#missingSeq !== Number.NEGATIVE_INFINITY) return undefined;
    const found = this.#stretches().map(({ piece, from, to }) => ({
      piece,
      rows: rowsInRange(piece, from, to, range),
    }));
    const total = found.reduce((sum, { rows }) => sum + rows.length, 0);
    return this.#kinds.map((kind, c) => {
      const part = newColumn(kind, total);
      let at = 0;
      for (const { piece, rows } of found) for (const row of rows) part[at++] = piece.columns[c]![row]!;
      return part;
    });
  }
}

function rowsInRange({ ids, columns }: Piece, first: number, end: number, range: SeriesRange): number[] {
  const { series, from, to } = range;
  const timesMs = columns[0]!;
  const found: number[] = [];
  for (let row = first; row < end; row++) {
    if (ids[row] !== series) continue;
    const timeMs = timesMs[row]!;
    if (timeMs >= from && timeMs <= to) found.push(row);
  }
  return found;
}
