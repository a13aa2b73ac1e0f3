import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '../errors.js';
import { parseTimestampCell } from './csv-cells.js';
import { type CsvProblem, openRecords } from './csv-records.js';
import { checkSeriesName, LabelReader } from './series-naming.js';

/** One sample of a file that has one in each line, as `seismo export` and BigQuery write them. */
export interface SampleRow {
  /** Line in the file, the first is 1. */
  readonly line: number;
  /** Whole milliseconds since 1970. */
  readonly timeMs: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface SampleRowsOptions {
  /** Called with each row that is not as it should be, which is then left out. */
  readonly onBadRow: (problem: CsvProblem) => void;
  /** Called with the bytes read so far, before unpacking. */
  readonly onBytes: (bytes: number) => void;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads samples from newline-delimited JSON or CSV, packed with gzip or not: which of them is seen from the first
 * bytes. Columns: `time`, `name`, `labels` (an object, or its JSON as text; may be missing), `value`; others are not
 * looked at. Rejects with an AppError: `not_found`, `bad_request`.
 */
export async function* readSampleRows(path: string, options: SampleRowsOptions): AsyncGenerator<SampleRow> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  const labelReader = new LabelReader();
  try {
    const { bytes, isJson } = await unpack(input, options.onBytes);
    for await (const { line, fields } of isJson ? jsonLines(bytes) : csvLines(bytes, path)) {
      const row = typeof fields === 'string' ? fields : readRow(line, fields, labelReader);
      if (typeof row === 'string') options.onBadRow({ line, message: row });
      else if ('message' in row) options.onBadRow(row);
      else yield row;
    }
  } catch (error) {
    throw readingError(path, error);
  } finally {
    input.destroy();
  }
}

async function unpack(
  input: Readable,
  onBytes: (bytes: number) => void,
): Promise<{ bytes: Readable; isJson: boolean }> {
  const packed = await peek(counted(input, onBytes));
  const isPacked = packed.first[0] === 0x1f && packed.first[1] === 0x8b;
  const plain = await peek(isPacked ? packed.whole.pipe(createGunzip()) : packed.whole);
  packed.whole.on('error', (error) => plain.whole.destroy(error));
  // Of many files that BigQuery exports some may be empty.
  return { bytes: plain.whole, isJson: /^\s*(\{|$)/.test(plain.first.toString('utf8')) };
}

async function* counted(input: Readable, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    read += chunk.length;
    onBytes(read);
    yield chunk;
  }
}

/** The beginning of a stream, and a stream of the whole. */
async function peek(stream: AsyncIterable<Buffer>): Promise<{ first: Buffer; whole: Readable }> {
  const iterator = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* all(): AsyncGenerator<Buffer> {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
  }
  return { first: first.done === true ? Buffer.alloc(0) : first.value, whole: Readable.from(all()) };
}

interface Line {
  readonly line: number;
  /** A sentence where the line cannot be read. */
  readonly fields: Fields | string;
}

async function* jsonLines(bytes: Readable): AsyncGenerator<Line> {
  let line = 0;
  for await (const text of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() !== '') yield { line, fields: parseObject(text) ?? 'the line is no JSON object' };
  }
}

async function* csvLines(bytes: Readable, name: string): AsyncGenerator<Line> {
  const { header, next, close } = await openRecords(bytes, { name }, HEADER_HINT);
  const columns = header.cells;
  try {
    for (let record = await next(); record !== undefined; record = await next()) {
      const { line, cells } = record;
      const fields =
        cells.length === columns.length
          ? Object.fromEntries(columns.map((column, index) => [column, cells[index]]))
          : `the row has ${cells.length} cells, the header ${columns.length}`;
      yield { line, fields };
    }
  } finally {
    close();
  }
}

const HEADER_HINT = 'The first line names the columns: time, name, labels and value.';

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

function readRow(line: number, fields: Fields, labelReader: LabelReader): SampleRow | CsvProblem {
  const { time, name, labels: given, value: number } = fields;
  // BigQuery writes `2026-01-31 12:00:00.25 UTC`.
  const at = parseTimestampCell(typeof time === 'string' ? time.replace(/ UTC$/, 'Z') : String(time ?? ''));
  if (!at.ok) return { line, column: 'time', message: at.message };
  const fault = checkSeriesName(typeof name === 'string' ? name : '');
  if (fault !== undefined) return { line, column: 'name', message: fault.message };
  const value = typeof number === 'string' && number.trim() !== '' ? Number(number) : number;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return { line, column: 'value', message: `"${String(number)}" is not a finite number` };
  }
  const labels = typeof given === 'string' && given !== '' ? (parseObject(given) ?? given) : given || {};
  const text = labelReader.read(labels);
  if (typeof text !== 'string') return { line, column: 'labels', message: text.message };
  return { line, timeMs: at.value, name: name as string, labels: labels as Record<string, string>, value };
}

function readingError(path: string, error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new AppError('not_found', `There is no file ${path}.`, { cause: error });
  if (code === undefined) return error;
  return new AppError('bad_request', `${path} cannot be read: ${message}`, { cause: error });
}
