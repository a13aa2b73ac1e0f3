import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Rows of a result by the place of every 500th in its file. */
export const INDEX_ROWS = 500;
/** A page of rows is about as large as BigQuery's at most. */
const PAGE_BYTES_MAX = 10_000_000;

/** What finding rows again takes; part of the record of a job. */
export interface StoredRows {
  readonly rowCount: number;
  readonly bytes: number;
  /** Byte at which row 0, 500, 1000 … begins. */
  readonly index: readonly number[];
}

/** Rows that follow each other, each with a line feed at its end; never some of two blocks of INDEX_ROWS. */
export interface Lines {
  readonly rowCount: number;
  readonly bytes: Uint8Array;
}

/** Records of jobs and the rows that they gave, as files of the data folder: one of each for a job. */
export class ResultFiles {
  readonly #folder: string;
  #made: Promise<unknown> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The rows of a job, in the order in which they come. */
  async writeRows(
    id: string,
    pieces: AsyncIterable<readonly Lines[]>,
    bytesMax: number,
  ): Promise<StoredRows | 'too large'> {
    await this.#makeFolder();
    const path = this.#path(id, 'rows');
    const file = await open(path, 'w');
    const index: number[] = [];
    let rowCount = 0;
    let bytes = 0;
    try {
      for await (const some of pieces) {
        for (const piece of some) {
          if (rowCount % INDEX_ROWS === 0) index.push(bytes);
          rowCount += piece.rowCount;
          bytes += piece.bytes.length;
        }
        if (bytes > bytesMax) return 'too large';
        // To its end, also where the system takes a part of it.
        await file.appendFile(Buffer.concat(some.map((piece) => piece.bytes)));
      }
      return { rowCount, bytes, index };
    } finally {
      await file.close();
      if (bytes > bytesMax || rowCount === 0) await rm(path, { force: true });
    }
  }

  /** At most `most` rows from `from`, fewer where they would be too much for one answer, at least one if there is one. */
  async readRows(id: string, stored: StoredRows, from: number, most: number): Promise<string[]> {
    const until = Math.min(stored.rowCount, from + most);
    if (from >= until) return [];
    const firstBlock = Math.floor(from / INDEX_ROWS);
    const start = stored.index[firstBlock]!;
    const file = await open(this.#path(id, 'rows'), 'r');
    try {
      let lines: string[] = [];
      let lastBlock = Math.ceil(until / INDEX_ROWS);
      // Whole blocks; fewer of them where they are large, but always the first.
      while (lastBlock > firstBlock + 1 && (stored.index[lastBlock] ?? stored.bytes) - start > PAGE_BYTES_MAX)
        lastBlock--;
      const end = stored.index[lastBlock] ?? stored.bytes;
      const buffer = Buffer.allocUnsafe(end - start);
      await file.read(buffer, 0, buffer.length, start);
      lines = buffer.toString('utf8').split('\n');
      lines.pop();
      const skipped = from - firstBlock * INDEX_ROWS;
      return withinBytes(lines.slice(skipped, skipped + until - from));
    } finally {
      await file.close();
    }
  }

  async writeRecord(id: string, record: object): Promise<void> {
    await this.#makeFolder();
    const path = this.#path(id, 'json');
    await writeFile(`${path}.new`, JSON.stringify(record));
    await rename(`${path}.new`, path);
  }

  /** All records that can be read, in no order. */
  async readRecords(): Promise<{ id: string; record: unknown }[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const records: { id: string; record: unknown }[] = [];
    for (const name of names) {
      if (!name.endsWith('.json')) continue;
      try {
        const record: unknown = JSON.parse(await readFile(join(this.#folder, name), 'utf8'));
        records.push({ id: name.slice(0, -'.json'.length), record });
      } catch {
        // Half written when the process ended: nobody was told of it.
      }
    }
    return records;
  }

  async remove(id: string): Promise<void> {
    await Promise.all(['json', 'rows'].map((kind) => rm(this.#path(id, kind), { force: true })));
  }

  /** What no record knows is left of a process that was ended. */
  async removeOthers(ids: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      if (!ids.has(name.replace(/\..*$/, ''))) await rm(join(this.#folder, name), { force: true });
    }
  }

  async uploadPath(id: string): Promise<string> {
    await this.#makeFolder();
    return this.#path(id, 'upload');
  }

  async bytesOf(path: string): Promise<number> {
    return (await stat(path)).size;
  }

  #path(id: string, kind: string): string {
    return join(this.#folder, `${id}.${kind}`);
  }

  async #makeFolder(): Promise<void> {
    this.#made ??= mkdir(this.#folder, { recursive: true });
    await this.#made;
  }
}

function withinBytes(lines: string[]): string[] {
  let bytes = 0;
  const end = lines.findIndex((line) => {
    bytes += line.length;
    return bytes > PAGE_BYTES_MAX;
  });
  return end === -1 ? lines : lines.slice(0, Math.max(1, end));
}
