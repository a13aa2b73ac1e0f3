import type { EngineColumn } from '../../ports/sql-engine.js';
import type { TableEntry } from '../rest/catalog-entries.js';
import type { Endpoint } from '../rest/endpoint.js';
import { passingColumns, tableSql } from '../rest/table-sql.js';
import { quoteName } from '../sql/types.js';
import type { GroupCommits } from './group-commits.js';
import { ingestColumns } from './ingest-samples.js';
import {
  ROW_NUMBER,
  type StreamRecord,
  updateStream,
  waitingTable,
  waitingTableSql,
} from './stream-record.js';
import { isIngested, type TablePath, writableTable } from './table-path.js';
import { WriteError } from './write-error.js';

export interface WriteParts {
  readonly endpoint: Pick<Endpoint, 'catalog' | 'ingest' | 'clock'>;
  readonly commits: GroupCommits;
}

export interface AppendedRows {
  readonly entry: TableEntry;
  readonly columns: readonly EngineColumn[];
  readonly rowCount: number;
}

/** Rows of the stream that every table has: many connections at once, no offsets, at least once. */
export async function appendToTable(
  { endpoint, commits }: WriteParts,
  { entry, columns, rowCount }: AppendedRows,
): Promise<void> {
  if (isIngested(entry)) return ingestColumns(endpoint, entry, columns, rowCount);
  await commits.add({ append: { table: engineTable(entry), columns, rowCount } });
}

const engineTable = ({ dataset, table }: TableEntry) => ({ schema: dataset, name: table });

/** A stream that a client made. Appends, and what ends them, come one after the other. */
export class WriteStream {
  readonly path: TablePath;
  readonly #parts: WriteParts;
  #record: StreamRecord;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: WriteParts, path: TablePath, record: StreamRecord) {
    this.#parts = parts;
    this.path = path;
    this.#record = record;
  }

  get record(): StreamRecord {
    return this.#record;
  }

  get name(): string {
    return `${this.#record.table}/streams/${this.#record.id}`;
  }

  /** Gives the offset of the first row. */
  append(rows: AppendedRows, offset: number | undefined): Promise<number> {
    return this.inTurn(async () => {
      const at = this.#checkOffset(offset);
      const next = { ...this.#record, rows: at + rows.rowCount, usedMs: this.#parts.endpoint.clock.nowMs() };
      await this.#store(rows, at, next);
      return at;
    });
  }

  #checkOffset(offset: number | undefined): number {
    const { rows, finalized } = this.#record;
    const { name: entity } = this;
    if (finalized) {
      throw new WriteError(
        'INVALID_ARGUMENT',
        `The stream has been finalized and takes no more rows. Entity: ${entity}.`,
        {
          storageError: 'STREAM_FINALIZED',
          entity,
        },
      );
    }
    if (offset === undefined || offset === rows) return rows;
    const numbers = `expected offset ${rows}, received ${offset}`;
    if (offset < rows) {
      throw new WriteError('ALREADY_EXISTS', `The offset is within stream, ${numbers}. Entity: ${entity}.`, {
        storageError: 'OFFSET_ALREADY_EXISTS',
        entity,
      });
    }
    throw new WriteError('OUT_OF_RANGE', `The offset is beyond stream, ${numbers}. Entity: ${entity}.`, {
      storageError: 'OFFSET_OUT_OF_RANGE',
      entity,
    });
  }

  /** The rows and the offset that follows them are durable together. */
  async #store({ entry, columns, rowCount }: AppendedRows, at: number, next: StreamRecord): Promise<void> {
    if (next.type !== 'COMMITTED') {
      const numbers = Array.from({ length: rowCount }, (_, row) => at + row);
      const append = { table: waitingTable(next), columns: [numbers, ...columns], rowCount };
      await this.#commit(next, { append });
    } else if (isIngested(entry)) {
      // A crash in between lets the same samples come once more, which changes nothing.
      await ingestColumns(this.#parts.endpoint, entry, columns, rowCount);
      await this.#commit(next, {});
    } else {
      await this.#commit(next, { append: { table: engineTable(entry), columns, rowCount } });
    }
  }

  /** Gives the number of rows. */
  finalize(): Promise<number> {
    return this.inTurn(async () => {
      if (!this.#record.finalized) await this.#commit({ ...this.#record, finalized: true }, {});
      return this.#record.rows;
    });
  }

  /** Lets the rows up to this offset into the table, itself too; gives the last offset that is there. */
  flush(offset: number | undefined): Promise<number> {
    return this.inTurn(async () => {
      const { type, rows, flushedRows } = this.#record;
      const { name: entity } = this;
      if (type !== 'BUFFERED') {
        throw new WriteError(
          'INVALID_ARGUMENT',
          `Only a stream of type BUFFERED can be flushed. Entity: ${entity}.`,
          {
            storageError: 'INVALID_STREAM_TYPE',
            entity,
          },
        );
      }
      const through = offset ?? rows - 1;
      if (through >= rows || through < 0) {
        throw new WriteError(
          'OUT_OF_RANGE',
          `The offset ${through} is beyond the stream's ${rows} rows. Entity: ${entity}.`,
          {
            storageError: 'OFFSET_OUT_OF_RANGE',
            entity,
          },
        );
      }
      if (through < flushedRows) return flushedRows - 1;
      const next = { ...this.#record, flushedRows: through + 1 };
      const where = `WHERE ${ROW_NUMBER} <= ${through}`;
      const sql = await this.moveRows(where);
      await this.#commit(next, { sql: [...sql, `DELETE FROM ${waitingTableSql(next)} ${where}`] });
      return through;
    });
  }

  /**
   * SQL that brings waiting rows into the table, to be run with whatever says so in the stream's record. Samples are
   * ingested at once instead: should the rest fail, doing it again changes nothing.
   */
  async moveRows(where = ''): Promise<string[]> {
    const { endpoint, commits } = this.#parts;
    const entry = writableTable(endpoint.catalog, this.path);
    const columns = this.#record.columns ?? entry.columns;
    const names = columns.map(({ name }) => quoteName(name)).join(', ');
    const select = `SELECT ${names} FROM ${waitingTableSql(this.#record)} ${where} ORDER BY ${ROW_NUMBER}`;
    if (!isIngested(entry)) return [`INSERT INTO ${tableSql(entry)} (${names}) ${select}`];
    const session = await commits.session();
    const waiting = await session.columns(select);
    await ingestColumns(endpoint, entry, waiting.columns, waiting.rowCount);
    return [];
  }

  /** Waits for what runs, and holds back what comes, while several streams are committed together. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** After a commit of several streams. */
  setRecord(record: StreamRecord): void {
    this.#record = record;
  }

  async #commit(
    next: StreamRecord,
    {
      append,
      sql = [],
    }: {
      append?: {
        table: { schema: string; name: string };
        columns: readonly EngineColumn[];
        rowCount: number;
      };
      sql?: readonly string[];
    },
  ): Promise<void> {
    await this.#parts.commits.add({
      ...(append === undefined ? {} : { append }),
      sql: [...sql, updateStream(next)],
    });
    this.#record = next;
  }
}

/** SQL of the table in which the rows of a new stream wait. */
export function createWaitingTable(record: StreamRecord): string[] {
  if (record.columns === undefined) return [];
  return [
    `CREATE TABLE ${waitingTableSql(record)} (${ROW_NUMBER} BIGINT, ${passingColumns(record.columns)})`,
  ];
}

export function dropWaitingTable(record: StreamRecord): string[] {
  return record.columns === undefined ? [] : [`DROP TABLE IF EXISTS ${waitingTableSql(record)}`];
}
