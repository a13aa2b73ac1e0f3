import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { AppError } from '../errors.js';
import { parseTimestampCell, parseValueCell } from './csv-cells.js';

/** Longest row, header included; a longer one is a file that is no CSV, or a quote that was never closed. */
const CSV_ROW_BYTES_MAX = 1024 * 1024;
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

/** A row that is not as it should be. */
export interface CsvProblem {
  readonly line: number;
  /** The column of the bad cell; absent when the row as a whole is bad. */
  readonly column?: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

export interface CsvOptions {
  /** Called with each bad row, which is then left out. Without it the first bad row ends the reading. */
  readonly onBadRow?: (problem: CsvProblem) => void;
  /** Name of the file in messages. Default: the path, or `standard input`. */
  readonly name?: string;
  /** Called with the bytes read so far, for a progress bar. */
  readonly onBytes?: (bytesRead: number) => void;
}

export interface CsvSamples {
  /** The value columns, in the file's order, without `timestamp`. */
  readonly columns: readonly string[];
  /** The rows, read as they are asked for: memory does not grow with the file. Can be walked once. */
  readonly rows: AsyncIterable<CsvRow>;
  /** Stops reading before the end. */
  close(): void;
}

interface ParsedRecord {
  readonly info: { readonly lines: number };
  readonly record: readonly string[];
}

/**
 * Reads samples from a CSV file: a header with `timestamp` and at least one value column, then a row for each
 * time. `source` is a path, `-` for standard input, or a stream of bytes.
 *
 * Rejects with an AppError: `not_found` (no such file), `bad_request` (header or row, naming line and column).
 * Limits: CSV_ROW_BYTES_MAX, CSV_COLUMNS_MAX. A quote that is wrongly placed is always an error, since where
 * the next row begins is then unknown.
 */
export async function openCsv(source: string | Readable, options: CsvOptions = {}): Promise<CsvSamples> {
  const { input, name } = openInput(source, options);
  // csv-parse is a stream: it pulls from the file only as fast as rows are taken from it.
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: CSV_ROW_BYTES_MAX,
  });
  input.on('error', (error) => parser.destroy(error));
  let bytesRead = 0;
  let isGzip = false;
  input.on('data', (chunk: Buffer) => {
    if (bytesRead === 0) isGzip = chunk[0] === 0x1f && chunk[1] === 0x8b;
    bytesRead += chunk.length;
    options.onBytes?.(bytesRead);
  });
  input.pipe(parser);
  const records = parser[Symbol.asyncIterator]() as AsyncIterator<ParsedRecord>;
  const close = () => {
    input.destroy();
    parser.destroy();
  };
  try {
    const header = await nextRecord(records, name);
    if (header === undefined) throw bad(name, 1, 'the file is empty', HEADER_HINT);
    const layout = readHeader(header, name);
    return { columns: layout.columns, rows: readRows(records, layout, { ...options, name }, close), close };
  } catch (error) {
    close();
    throw isGzip ? gzipped(name, error) : error;
  }
}

function gzipped(name: string, cause: unknown): AppError {
  return new AppError('bad_request', `${name} looks like a gzip file, not like CSV.`, {
    hint: 'Unpack it on the way: zcat FILE | seismo replay - (or seismo detect -).',
    cause,
  });
}

const HEADER_HINT = 'The first line names the columns: "timestamp", then one or more value columns.';

interface Layout {
  readonly columns: readonly string[];
  /** Where `timestamp` stands among the cells. */
  readonly timestampIndex: number;
}

function openInput(source: string | Readable, options: CsvOptions): { input: Readable; name: string } {
  if (typeof source !== 'string') return { input: source, name: options.name ?? 'the input' };
  if (source === '-') return { input: process.stdin, name: options.name ?? 'standard input' };
  return { input: createReadStream(source), name: options.name ?? source };
}

function readHeader({ info, record }: ParsedRecord, name: string): Layout {
  const cells = record.map((cell) => cell.trim());
  const fail = (message: string) => bad(name, info.lines, message, HEADER_HINT);
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
  const unnamed = cells.indexOf('');
  if (unnamed >= 0) throw fail(`column ${unnamed + 1} has no name in the header`);
  const twice = cells.find((cell, index) => cells.indexOf(cell) !== index);
  if (twice !== undefined) throw fail(`the header names column "${twice}" twice`);
  return { columns, timestampIndex };
}

async function* readRows(
  records: AsyncIterator<ParsedRecord>,
  layout: Layout,
  options: CsvOptions & { name: string },
  close: () => void,
): AsyncGenerator<CsvRow> {
  try {
    for (;;) {
      const next = await nextRecord(records, options.name);
      if (next === undefined) return;
      const row = readRow(next, layout);
      if ('timeMs' in row) yield row;
      else if (options.onBadRow !== undefined) options.onBadRow(row);
      else throw badRow(options.name, row);
    }
  } finally {
    close();
  }
}

/** The error that stands for a bad row where it is not skipped. */
function badRow(name: string, problem: CsvProblem): AppError {
  const where = problem.column === undefined ? '' : `, column "${problem.column}"`;
  return new AppError('bad_request', `${name}, line ${problem.line}${where}: ${problem.message}`, {
    ...(problem.column === undefined ? {} : { field: problem.column }),
    hint: 'Mend the row, or leave bad rows out with --skip-bad.',
  });
}

function readRow({ info, record }: ParsedRecord, layout: Layout): CsvRow | CsvProblem {
  const line = info.lines;
  const { columns, timestampIndex } = layout;
  if (record.length !== columns.length + 1) {
    return { line, message: `the row has ${record.length} cells, the header ${columns.length + 1}` };
  }
  const time = parseTimestampCell(record[timestampIndex]!);
  if (!time.ok) return { line, column: 'timestamp', message: time.message };
  const values = new Float64Array(columns.length);
  for (let column = 0; column < columns.length; column++) {
    const cell = parseValueCell(record[column < timestampIndex ? column : column + 1]!);
    if (!cell.ok) return { line, column: columns[column]!, message: cell.message };
    values[column] = cell.value;
  }
  return { line, timeMs: time.value, values };
}

async function nextRecord(
  records: AsyncIterator<ParsedRecord>,
  name: string,
): Promise<ParsedRecord | undefined> {
  try {
    const next = await records.next();
    return next.done === true ? undefined : next.value;
  } catch (error) {
    throw readingError(error as NodeJS.ErrnoException | CsvError, name);
  }
}

function readingError(error: NodeJS.ErrnoException | CsvError, name: string): AppError {
  if ('lines' in error) {
    const line = Number(error.lines);
    if (error.code === 'CSV_MAX_RECORD_SIZE') {
      const message = `the row is longer than ${CSV_ROW_BYTES_MAX} bytes`;
      return bad(name, line, message, 'Is there a quote (") that is never closed?', error);
    }
    return bad(
      name,
      line,
      error.message,
      'Quote a whole cell or nothing of it, and double quotes inside.',
      error,
    );
  }
  if (error.code === 'ENOENT') {
    return new AppError('not_found', `There is no file ${name}.`, { cause: error });
  }
  return new AppError('bad_request', `${name} cannot be read: ${error.message}`, { cause: error });
}

function bad(name: string, line: number, message: string, hint: string, cause?: unknown): AppError {
  return new AppError('bad_request', `${name}, line ${line}: ${message}`, { hint, cause });
}
