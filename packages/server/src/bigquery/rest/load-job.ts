import { setImmediate as turn } from 'node:timers/promises';
import type { EngineValue, SqlSession } from '../../ports/sql-engine.js';
import type { Column } from '../sql/plan.js';
import { quoteName } from '../sql/types.js';
import type { TableEntry } from './catalog-entries.js';
import { CellError, cellOfText, rowOfObject } from './cell-values.js';
import { detectColumns, withFoundHeader } from './detect-columns.js';
import { type Endpoint, inSession } from './endpoint.js';
import type { Job } from './job.js';
import { csvRecords, type FilePart, jsonLines } from './load-records.js';
import type { LoadSettings } from './load-settings.js';
import { LoadTarget } from './load-target.js';
import { type ErrorProto, RestError } from './rest-error.js';
import { passingColumns } from './table-sql.js';

const BATCH_ROWS = 2000;
const ERRORS_LISTED_MAX = 100;
const STAGING = 'loaded_rows';

/** Reads a file into a table: all of its good rows or, where too many are bad, none. */
export async function runLoadJob(
  job: Job,
  asked: LoadSettings,
  part: FilePart,
  endpoint: Endpoint,
): Promise<void> {
  const { record } = job;
  const settings = await withFoundHeader(asked, part);
  await inSession(
    endpoint,
    async (session) => {
      const target = new LoadTarget(endpoint, settings, record.projectId);
      const found = target.columns ?? (await detectedColumns(settings, part));
      const columns = target.withFile(found);
      await session.run(`CREATE TEMP TABLE ${quoteName(STAGING)} (${passingColumns(columns)})`);
      const loading = new Loading(session, columns, settings, job);
      await loading.readAll(part, target.entry?.readAs === undefined ? undefined : target.entry, endpoint);
      if (target.entry?.readAs === undefined) await target.insert(session, STAGING, columns);
      record.statistics = {
        inputFiles: '1',
        inputFileBytes: String(part.end - part.start),
        outputRows: String(loading.rowCount),
        outputBytes: String(part.end - part.start),
        badRecords: String(loading.badRows),
      };
    },
    job.abort.signal,
  );
}

async function detectedColumns(settings: LoadSettings, part: FilePart): Promise<readonly Column[]> {
  if (!settings.autodetect) {
    throw new RestError(
      'invalid',
      'Schema has no fields: name the columns, or ask for autodetect.',
      'schema',
    );
  }
  return detectColumns(settings, part);
}

/** Rows on their way into a table that only this connection sees. */
class Loading {
  readonly #session: SqlSession;
  readonly #columns: readonly Column[];
  readonly #settings: LoadSettings;
  readonly #job: Job;
  #batch: EngineValue[][] = [];
  rowCount = 0;
  badRows = 0;
  #line = 0;

  constructor(session: SqlSession, columns: readonly Column[], settings: LoadSettings, job: Job) {
    this.#session = session;
    this.#columns = columns;
    this.#settings = settings;
    this.#job = job;
  }

  /** `ingested`: a table whose rows are samples. */
  async readAll(part: FilePart, ingested: TableEntry | undefined, endpoint: Endpoint): Promise<void> {
    const flush = async () => {
      const rows = this.#batch;
      this.#batch = [];
      if (this.#job.abort.signal.aborted)
        throw new RestError('stopped', 'Job execution was cancelled: User requested cancellation');
      if (rows.length === 0) return;
      if (ingested === undefined) {
        const columns = this.#columns.map((_, c) => rows.map((row) => row[c]!));
        await this.#session.append({ name: STAGING }, columns, rows.length);
      } else await this.#ingest(rows, ingested, endpoint);
      // Samples are taken in between two batches.
      await turn();
    };
    if (this.#settings.format === 'CSV') {
      for await (const cells of csvRecords(part, this.#settings.csv)) {
        this.#add(() => this.#rowOfCells(cells));
        if (this.#batch.length >= BATCH_ROWS) await flush();
      }
    } else {
      const rules = { ignoreUnknown: this.#settings.ignoreUnknown, jsonAsText: false };
      for await (const line of jsonLines(part)) {
        this.#add(() => rowOfObject(parsed(line), this.#columns, rules));
        if (this.#batch.length >= BATCH_ROWS) await flush();
      }
    }
    await flush();
  }

  #add(read: () => EngineValue[]): void {
    this.#line++;
    try {
      this.#batch.push(read());
      this.rowCount++;
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      this.#note(error.message);
    }
  }

  #rowOfCells(cells: readonly string[]): EngineValue[] {
    const columns = this.#columns;
    const { jagged, nullMarker, quotedNewlines } = this.#settings.csv;
    if (!quotedNewlines && cells.some((cell) => /[\r\n]/.test(cell))) {
      throw new CellError(
        '',
        'Missing close quote character ("): a value goes over several lines, and allowQuotedNewlines is not set.',
      );
    }
    if (cells.length > columns.length && !this.#settings.ignoreUnknown) {
      throw new CellError(
        '',
        `Too many values in row: it has ${cells.length} and the table ${columns.length} columns.`,
      );
    }
    if (cells.length < columns.length && !jagged) {
      throw new CellError(
        '',
        `CSV table references column position ${cells.length}, but line contains only ${cells.length} columns.`,
      );
    }
    return columns.map((column, index) =>
      cellOfText(cellText(cells[index], column, nullMarker), column, column.name),
    );
  }

  async #ingest(rows: readonly EngineValue[][], entry: TableEntry, endpoint: Endpoint): Promise<void> {
    const { ingestRows } = await import('./sample-rows.js');
    const refused = await ingestRows(endpoint, entry, rows);
    this.rowCount -= refused.length;
    for (const { message } of refused) this.#note(message);
  }

  #note(message: string): void {
    this.badRows++;
    const { record } = this.#job;
    const told: ErrorProto = {
      reason: 'invalid',
      location: 'file-00000000',
      message: `Error while reading data, error message: ${message.replace(/\.$/, '')}. Row: ${this.#line}.`,
    };
    if (record.errors.length < ERRORS_LISTED_MAX) record.errors.push(told);
    if (this.badRows <= this.#settings.maxBadRecords) return;
    const kind = this.#settings.format === 'CSV' ? 'CSV' : 'JSON';
    throw new RestError(
      'invalid',
      `Error while reading data, error message: ${kind} table encountered too many errors, giving up. Rows: ${this.#line}; errors: ${this.badRows}. Please look into the errors[] collection for more details.`,
    );
  }
}

/** An empty cell is NULL, but for a text. */
function cellText(cell: string | undefined, column: Column, nullMarker: string | undefined): string | null {
  if (cell === undefined) return null;
  if (nullMarker !== undefined) return cell === nullMarker ? null : cell;
  return cell === '' && column.type !== 'STRING' ? null : cell;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new CellError('', `JSON parsing error: ${(error as Error).message}.`);
  }
}
