import type { Readable } from 'node:stream';
import { parseTimestampCell, parseValueCell } from './csv-cells.js';
import {
  badFile,
  badRow,
  type CsvOptions,
  type CsvProblem,
  type CsvRecord,
  type CsvRecords,
  openRecords,
} from './csv-records.js';

/** Most value columns beside `timestamp`. */
const CSV_COLUMNS_MAX = 1000;

/** One row of the file, in the file's order. */
export interface CsvRow {
  /** Line in the file, the first is 1; of a row over several lines the last. */
  readonly line: number;
  /** Whole milliseconds since 1970. */
  readonly timeMs: number;
  /** One for each of `columns`; NaN where the cell is empty. */
  readonly values: Float64Array;
}

export interface CsvSamples {
  /** The value columns, in the file's order, without `timestamp`. */
  readonly columns: readonly string[];
  /** The rows, read as they are asked for: memory does not grow with the file. Can be walked once. */
  readonly rows: AsyncIterable<CsvRow>;
  /** Stops reading before the end. */
  close(): void;
}

/**
 * Reads samples from a CSV file: a header with `timestamp` and at least one value column, then a row for each
 * time. `source` is a path, `-` for standard input, or a stream of bytes.
 *
 * Rejects with an AppError: `not_found` (no such file), `bad_request` (header or row, naming line and column).
 * Limits: CSV_COLUMNS_MAX, and those of csv-records.ts.
 */
export async function openCsv(source: string | Readable, options: CsvOptions = {}): Promise<CsvSamples> {
  const records = await openRecords(source, options, HEADER_HINT);
  const { close } = records;
  try {
    const layout = readHeader(records);
    return { columns: layout.columns, rows: readRows(records, layout, options), close };
  } catch (error) {
    close();
    throw error;
  }
}

const HEADER_HINT = 'The first line names the columns: "timestamp", then one or more value columns.';

interface Layout {
  readonly columns: readonly string[];
  /** Where `timestamp` stands among the cells. */
  readonly timestampIndex: number;
}

function readHeader({ name, header: { line, cells } }: CsvRecords): Layout {
  const fail = (message: string) => badFile(name, line, message, HEADER_HINT);
  const timestampIndex = cells.indexOf('timestamp');
  if (timestampIndex < 0) {
    const other = cells.length === 1 && /[;\t]/.test(cells[0]!) ? ' Cells must be separated by commas.' : '';
    throw fail(`there is no column "timestamp" in the header (${cells.slice(0, 8).join(', ')}).${other}`);
  }
  const columns = cells.filter((_, index) => index !== timestampIndex);
  if (columns.length === 0) throw fail('the header has no value column beside "timestamp"');
  if (columns.length > CSV_COLUMNS_MAX) {
    throw fail(`the header has ${columns.length} value columns; at most ${CSV_COLUMNS_MAX} are read`);
  }
  return { columns, timestampIndex };
}

async function* readRows(records: CsvRecords, layout: Layout, options: CsvOptions): AsyncGenerator<CsvRow> {
  try {
    for (;;) {
      const next = await records.next();
      if (next === undefined) return;
      const row = readRow(next, layout);
      if ('timeMs' in row) yield row;
      else if (options.onBadRow !== undefined) options.onBadRow(row);
      else throw badRow(records.name, row);
    }
  } finally {
    records.close();
  }
}

function readRow({ line, cells }: CsvRecord, layout: Layout): CsvRow | CsvProblem {
  const { columns, timestampIndex } = layout;
  if (cells.length !== columns.length + 1) {
    return { line, message: `the row has ${cells.length} cells, the header ${columns.length + 1}` };
  }
  const time = parseTimestampCell(cells[timestampIndex]!);
  if (!time.ok) return { line, column: 'timestamp', message: time.message };
  const values = new Float64Array(columns.length);
  for (let column = 0; column < columns.length; column++) {
    const cell = parseValueCell(cells[column < timestampIndex ? column : column + 1]!);
    if (!cell.ok) return { line, column: columns[column]!, message: cell.message };
    values[column] = cell.value;
  }
  return { line, timeMs: time.value, values };
}
