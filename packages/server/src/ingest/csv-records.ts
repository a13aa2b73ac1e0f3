import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { AppError } from '../errors.js';

/** Longest row, header included; a longer one is a file that is no CSV, or a quote that was never closed. */
const CSV_ROW_BYTES_MAX = 1024 * 1024;

export interface CsvRecord {
  /** Line in the file, the first is 1; of a row over several lines the last. */
  readonly line: number;
  readonly cells: readonly string[];
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

/** A file with its header read. */
export interface CsvRecords {
  /** Name of the file in messages. */
  readonly name: string;
  /** Trimmed. */
  readonly header: CsvRecord;
  /** The next record, undefined at the end. */
  next(): Promise<CsvRecord | undefined>;
  /** Stops reading before the end. */
  close(): void;
}

/**
 * Opens a CSV file of any columns: `source` is a path, `-` for standard input, or a stream of bytes. Memory does
 * not grow with the file. Rejects with an AppError: `not_found` (no such file), `bad_request` (empty, packed, a row
 * over CSV_ROW_BYTES_MAX, a wrongly placed quote, after which where the next row begins is unknown).
 */
export async function openRecords(
  source: string | Readable,
  options: CsvOptions,
  headerHint: string,
): Promise<CsvRecords> {
  const { input, name } = openInput(source, options);
  // csv-parse is a stream: it pulls from the file only as fast as rows are taken from it.
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: CSV_ROW_BYTES_MAX });
  input.on('error', (error) => parser.destroy(error));
  let bytesRead = 0;
  let isGzip = false;
  input.on('data', (chunk: Buffer) => {
    if (bytesRead === 0) isGzip = chunk[0] === 0x1f && chunk[1] === 0x8b;
    bytesRead += chunk.length;
    options.onBytes?.(bytesRead);
  });
  input.pipe(parser);
  const next = recordsOf(parser[Symbol.asyncIterator]() as AsyncIterator<readonly string[]>, name);
  const close = () => {
    input.destroy();
    parser.destroy();
  };
  try {
    const first = await next().catch((error: unknown) => {
      throw isGzip ? gzipped(name, error) : error;
    });
    // What is packed may look like a line of text too.
    if (isGzip) throw gzipped(name);
    if (first === undefined) throw badFile(name, 1, 'the file is empty', headerHint);
    const header = { line: first.line, cells: first.cells.map((cell) => cell.trim()) };
    refuseBadNames(name, header, headerHint);
    return { name, header, next, close };
  } catch (error) {
    close();
    throw error;
  }
}

function refuseBadNames(name: string, { line, cells }: CsvRecord, hint: string): void {
  const unnamed = cells.indexOf('');
  if (unnamed >= 0) throw badFile(name, line, `column ${unnamed + 1} has no name in the header`, hint);
  const twice = cells.find((cell, index) => cells.indexOf(cell) !== index);
  if (twice !== undefined) throw badFile(name, line, `the header names column "${twice}" twice`, hint);
}

function gzipped(name: string, cause?: unknown): AppError {
  return new AppError('bad_request', `${name} looks like a gzip file, not like CSV.`, {
    hint: 'Unpack it on the way: zcat FILE | seismo replay - (or seismo detect -, seismo forecast -).',
    cause,
  });
}

function openInput(source: string | Readable, options: CsvOptions): { input: Readable; name: string } {
  if (typeof source !== 'string') return { input: source, name: options.name ?? 'the input' };
  if (source === '-') return { input: process.stdin, name: options.name ?? 'standard input' };
  return { input: createReadStream(source), name: options.name ?? source };
}

/** Counts the lines itself: csv-parse would take twice the time to tell them. */
function recordsOf(
  records: AsyncIterator<readonly string[]>,
  name: string,
): () => Promise<CsvRecord | undefined> {
  let line = 0;
  return async () => {
    try {
      for (;;) {
        const { done, value: cells } = await records.next();
        if (done === true) return undefined;
        line++;
        for (const cell of cells) if (cell.includes('\n')) line += cell.split('\n').length - 1;
        // An empty line.
        if (cells.length > 1 || cells[0] !== '') return { line, cells };
      }
    } catch (error) {
      throw readingError(error as NodeJS.ErrnoException | CsvError, name);
    }
  };
}

function readingError(error: NodeJS.ErrnoException | CsvError, name: string): AppError {
  if ('lines' in error) {
    const line = Number(error.lines);
    if (error.code === 'CSV_MAX_RECORD_SIZE') {
      const message = `the row is longer than ${CSV_ROW_BYTES_MAX} bytes`;
      return badFile(name, line, message, 'Is there a quote (") that is never closed?', error);
    }
    const hint = 'Quote a whole cell or nothing of it, and double quotes inside.';
    return badFile(name, line, error.message, hint, error);
  }
  if (error.code === 'EISDIR') {
    return new AppError('bad_request', `${name} is a folder; a CSV file is wanted.`, { cause: error });
  }
  if (error.code === 'ENOENT') {
    return new AppError('not_found', `There is no file ${name}.`, { cause: error });
  }
  return new AppError('bad_request', `${name} cannot be read: ${error.message}`, { cause: error });
}

/** The error that stands for a bad row where it is not skipped. */
export function badRow(
  name: string,
  problem: CsvProblem,
  hint = 'Mend the row, or leave bad rows out with --skip-bad.',
): AppError {
  const where = problem.column === undefined ? '' : `, column "${problem.column}"`;
  return new AppError('bad_request', `${name}, line ${problem.line}${where}: ${problem.message}`, {
    ...(problem.column === undefined ? {} : { field: problem.column }),
    hint,
  });
}

export function badFile(
  name: string,
  line: number,
  message: string,
  hint: string,
  cause?: unknown,
): AppError {
  return new AppError('bad_request', `${name}, line ${line}: ${message}`, { hint, cause });
}
