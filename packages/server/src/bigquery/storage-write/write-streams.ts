import { randomUUID } from 'node:crypto';
import type { TableEntry } from '../rest/catalog-entries.js';
import type { Endpoint } from '../rest/endpoint.js';
import { GroupCommits } from './group-commits.js';
import { ingestedColumns } from './ingest-samples.js';
import {
  deleteStream,
  insertStream,
  SELECT_STREAMS,
  type StreamRecord,
  updateStream,
} from './stream-record.js';
import {
  DEFAULT_STREAM,
  isIngested,
  streamPath,
  type TablePath,
  tablePath,
  writableTable,
} from './table-path.js';
import type { StreamResource } from './write-answers.js';
import { asWriteError, invalid, WriteError } from './write-error.js';
import type { StreamType } from './write-requests.js';
import {
  type AppendedRows,
  appendToTable,
  createWaitingTable,
  dropWaitingTable,
  type WriteParts,
  WriteStream,
} from './write-stream.js';

/** A stream that nobody used for so long goes, with rows that wait in it. */
const UNUSED_MS_MAX = 3 * 86_400_000;
const STREAMS_MAX = 10_000;

/** All streams of all tables: made, written to, finalized, committed. They outlive the process. */
export class WriteStreams {
  readonly #parts: WriteParts;
  readonly #streams = new Map<string, WriteStream>();
  #samples: { readonly of: TableEntry; readonly as: TableEntry } | undefined;

  private constructor(parts: WriteParts) {
    this.#parts = parts;
  }

  static async open(
    endpoint: Pick<Endpoint, 'catalog' | 'ingest' | 'clock' | 'engine'>,
  ): Promise<WriteStreams> {
    const commits = new GroupCommits(() => endpoint.engine.open());
    const streams = new WriteStreams({ endpoint, commits });
    const session = await commits.session();
    for (const [about] of await session.rows(SELECT_STREAMS))
      streams.#put(JSON.parse(String(about)) as StreamRecord);
    return streams;
  }

  async create(parent: string, type: StreamType): Promise<StreamResource> {
    await this.#dropUnused();
    if (this.#streams.size >= STREAMS_MAX) {
      throw new WriteError(
        'RESOURCE_EXHAUSTED',
        `There are ${STREAMS_MAX} write streams already; one that is not used for three days goes.`,
      );
    }
    const { catalog, clock } = this.#parts.endpoint;
    const { columns } = writableTable(catalog, tablePath(parent));
    const nowMs = clock.nowMs();
    const record: StreamRecord = {
      id: randomUUID().replaceAll('-', ''),
      table: parent,
      type,
      createdMs: nowMs,
      usedMs: nowMs,
      rows: 0,
      finalized: false,
      flushedRows: 0,
      ...(type === 'COMMITTED' ? {} : { columns }),
    };
    await this.#parts.commits.add({ sql: [insertStream(record), ...createWaitingTable(record)] });
    return this.#resource(this.#put(record), true);
  }

  get(name: string, withColumns: boolean): StreamResource {
    const { table, id } = streamPath(name);
    if (id !== DEFAULT_STREAM) return this.#resource(this.#find(name), withColumns);
    const { createdMs, columns } = writableTable(this.#parts.endpoint.catalog, table);
    return {
      name,
      type: 'COMMITTED',
      createdMs,
      committedMs: createdMs,
      location: this.#location(table),
      columns: withColumns ? columns : undefined,
    };
  }

  /** Gives the offset of the first row; undefined on a default stream. */
  async append(name: string, rows: AppendedRows, offset: number | undefined): Promise<number | undefined> {
    if (streamPath(name).id !== DEFAULT_STREAM) return this.#find(name).append(rows, offset);
    if (offset !== undefined) throw invalid('Offsets are not for the default stream: leave the offset out.');
    await appendToTable(this.#parts, rows);
    return undefined;
  }

  /** Columns that rows of this stream have. */
  columnsOf(name: string): AppendedRows['entry'] {
    const { table, id } = streamPath(name);
    const entry = writableTable(this.#parts.endpoint.catalog, table);
    const own = id === DEFAULT_STREAM ? undefined : this.#find(name).record.columns;
    if (own !== undefined) return { ...entry, columns: own };
    return isIngested(entry) ? this.#ingested(entry) : entry;
  }

  async finalize(name: string): Promise<number> {
    if (streamPath(name).id === DEFAULT_STREAM) throw invalid('The default stream cannot be finalized.');
    return this.#find(name).finalize();
  }

  async flush(name: string, offset: number | undefined): Promise<number> {
    if (streamPath(name).id === DEFAULT_STREAM) throw invalid('The default stream cannot be flushed.');
    return this.#find(name).flush(offset);
  }

  /** Brings the rows of all these streams into their table, or of none. Gives the time, or what is wrong with which. */
  async commit(parent: string, names: readonly string[]): Promise<number | WriteError[]> {
    const path = tablePath(parent);
    writableTable(this.#parts.endpoint.catalog, path);
    if (names.length === 0) throw invalid('There are no streams to be committed.');
    const streams: WriteStream[] = [];
    const missing = faultsOf([...new Set(names)].sort(), (name) => streams.push(this.#find(name)));
    if (missing.length > 0) return missing;
    return allInTurn(streams, async () => {
      const faults = faultsOf(streams, (stream) => checkCommittable(stream, path));
      return faults.length > 0 ? faults : this.#commitAll(streams);
    });
  }

  async #commitAll(streams: readonly WriteStream[]): Promise<number> {
    const { commits, endpoint } = this.#parts;
    const committedMs = endpoint.clock.nowMs();
    const sql: string[] = [];
    for (const stream of streams) sql.push(...(await stream.moveRows()));
    const records = streams.map(({ record }) => ({ ...record, committedMs }));
    sql.push(...records.flatMap((record) => [updateStream(record), ...dropWaitingTable(record)]));
    await commits.add({ sql });
    streams.forEach((stream, i) => {
      stream.setRecord(records[i]!);
    });
    return committedMs;
  }

  close(): Promise<void> {
    return this.#parts.commits.close();
  }

  #find(name: string): WriteStream {
    const { table, id } = streamPath(name);
    const stream = this.#streams.get(id);
    if (stream !== undefined && stream.path.name === table.name) return stream;
    throw new WriteError('NOT_FOUND', `Requested entity was not found. Entity: ${name}.`, {
      storageError: 'STREAM_NOT_FOUND',
      entity: name,
    });
  }

  #put(record: StreamRecord): WriteStream {
    const stream = new WriteStream(this.#parts, tablePath(record.table), record);
    this.#streams.set(record.id, stream);
    return stream;
  }

  #resource(stream: WriteStream, withColumns: boolean): StreamResource {
    const { type, createdMs, committedMs, columns } = stream.record;
    return {
      name: stream.name,
      type,
      createdMs,
      committedMs: type === 'COMMITTED' ? createdMs : committedMs,
      location: this.#location(stream.path),
      columns: withColumns
        ? (columns ?? writableTable(this.#parts.endpoint.catalog, stream.path).columns)
        : undefined,
    };
  }

  #ingested(entry: TableEntry): TableEntry {
    if (this.#samples?.of !== entry)
      this.#samples = { of: entry, as: { ...entry, columns: ingestedColumns(entry.columns) } };
    return this.#samples.as;
  }

  #location({ dataset }: TablePath): string {
    return this.#parts.endpoint.catalog.dataset(dataset)?.location ?? '';
  }

  async #dropUnused(): Promise<void> {
    const oldestMs = this.#parts.endpoint.clock.nowMs() - UNUSED_MS_MAX;
    const unused = [...this.#streams.values()]
      .filter(({ record }) => record.usedMs < oldestMs)
      .map(({ record }) => record);
    if (unused.length === 0) return;
    const sql = unused.flatMap((record) => [deleteStream(record), ...dropWaitingTable(record)]);
    await this.#parts.commits.add({ sql });
    for (const { id } of unused) this.#streams.delete(id);
  }
}

function checkCommittable({ name, record, path }: WriteStream, parent: TablePath): void {
  const refused = (storageError: NonNullable<WriteError['storageError']>, why: string) =>
    new WriteError('INVALID_ARGUMENT', `${why} Entity: ${name}.`, { storageError, entity: name });
  const { type, finalized, committedMs } = record;
  if (path.name !== parent.name)
    throw refused('STREAM_NOT_FOUND', `The stream is not one of ${parent.name}.`);
  if (type !== 'PENDING')
    throw refused('INVALID_STREAM_TYPE', `A stream of type ${type} cannot be committed.`);
  if (committedMs !== undefined)
    throw refused('STREAM_ALREADY_COMMITTED', 'The stream is committed already.');
  if (!finalized)
    throw refused('INVALID_STREAM_STATE', 'The stream must be finalized before it is committed.');
}

function faultsOf<One>(all: readonly One[], check: (one: One) => void): WriteError[] {
  const faults: WriteError[] = [];
  for (const one of all) {
    try {
      check(one);
    } catch (error) {
      faults.push(asWriteError(error));
    }
  }
  return faults;
}

/** Streams are always waited for in the same order, so that two commits never wait for each other. */
function allInTurn<Result>(streams: readonly WriteStream[], work: () => Promise<Result>): Promise<Result> {
  const [first, ...rest] = streams;
  return first === undefined ? work() : first.inTurn(() => allInTurn(rest, work));
}
