import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import type { CsvSettings } from './load-settings.js';
import { RestError } from './rest-error.js';

const RECORD_BYTES_MAX = 100_000_000;

/** A part of a file: an upload has its description before it. */
export interface FilePart {
  readonly path: string;
  readonly start: number;
  /** Where it ends; that byte is not part of it any more. */
  readonly end: number;
}

/** Rows of a CSV file, each with its number from 1. Memory does not grow with the file. */
export async function* csvRecords(part: FilePart, settings: CsvSettings): AsyncGenerator<readonly string[]> {
  const { delimiter, quote, skipRows } = settings;
  const parser = pipeline(
    await streamOf(part),
    parse({
      bom: true,
      delimiter,
      quote: quote === '' ? false : quote,
      escape: quote === '' ? false : quote,
      from: skipRows + 1,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: RECORD_BYTES_MAX,
    }),
    // What fails is thrown where the rows are read.
    () => {},
  );
  try {
    for await (const record of parser) yield record as string[];
  } catch (error) {
    throw new RestError('invalid', `Error while reading data, error message: ${(error as Error).message}`);
  }
}

/** Lines that are not empty, as they stand. */
export async function* jsonLines(part: FilePart): AsyncGenerator<string> {
  const input = await streamOf(part);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) if (line.trim() !== '') yield line;
}

/** Files packed with gzip are unpacked. */
async function streamOf({ path, start, end }: FilePart): Promise<Readable> {
  const file = await open(path, 'r');
  const magic = Buffer.alloc(2);
  await file.read(magic, 0, 2, start);
  await file.close();
  if (end <= start) return Readable.from([]);
  const stream = createReadStream(path, { start, end: end - 1 });
  return magic[0] === 0x1f && magic[1] === 0x8b ? pipeline(stream, createGunzip(), () => {}) : stream;
}
