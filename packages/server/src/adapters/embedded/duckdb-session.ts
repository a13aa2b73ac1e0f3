import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBInstance } from '@duckdb/node-api';
import { AppError } from '../../errors.js';
import { diskFull, isNoSpace, SHORTAGE_HINT } from '../../model/free-space.js';
import { dropCheckpoints, embedCheckpoints, sweepCheckpoints } from './duckdb-checkpoints.js';
import { DATABASE_FILE, fileBytes, oneNumber, openDatabase } from './duckdb-database.js';
import { DuckDbMaintenance, readNextSeriesId, removeSeries } from './duckdb-maintenance.js';
import { readWatermark } from './duckdb-minutes.js';
import { readModels } from './duckdb-models.js';
import type {
  CommitGroup,
  ModelsReply,
  OpenReply,
  RoundReply,
  RoundRequest,
  StoredCounts,
  WorkerOptions,
} from './duckdb-protocol.js';
import { DuckDbReader } from './duckdb-reader.js';
import { DuckDbWriter } from './duckdb-writer.js';
import { copyOpenDurably } from './durable-files.js';
import { judgeRound } from './judge-round.js';
import { Lane } from './lane.js';

/** Connections that read at once. Fewer than libuv's four threads, so that a commit always finds one. */
const READERS = 2;
const COMMIT_ATTEMPTS_MAX = 4;
const COMMIT_PAUSE_MS = 25;

interface Connections {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDbWriter;
  readonly maintenance: { readonly worker: DuckDbMaintenance; readonly lane: Lane };
  readonly readers: readonly { reader: DuckDbReader; lane: Lane }[];
}

/**
 * The open database file. Three kinds of work run beside each other: writes, one at a time; background work,
 * one at a time; reads, on a few connections. When a failed write has made DuckDB invalidate the instance, it
 * is opened again in place.
 */
export class DuckDbSession {
  readonly #options: WorkerOptions;
  readonly #writes = new Lane();
  readonly #background = new Lane();
  readonly #rounds = new Lane();
  #connections: Connections;
  /** What was committed later is still to be judged by the minute: in the order in which it came. */
  #roundSeq = Number.POSITIVE_INFINITY;
  /** Above zero while the file must stay as it is: it is being copied. */
  #filePinned = 0;
  /**
   * The file as backups read it; opened once and kept, since closing any descriptor of a file gives up every
   * lock that the process holds on it (fcntl(2)), DuckDB's own included.
   */
  #copySource: number | undefined;

  private constructor(options: WorkerOptions, connections: Connections) {
    this.#options = options;
    this.#connections = connections;
  }

  static async open(options: WorkerOptions): Promise<DuckDbSession> {
    const connections = await connect(options);
    await sweepCheckpoints(connections.writer.connection);
    return new DuckDbSession(options, connections);
  }

  async describe(): Promise<OpenReply> {
    return {
      committedSeq: this.#connections.writer.committedSeq,
      nextSeriesId: await readNextSeriesId(this.#connections.writer.connection),
      seriesIds: await this.read((reader) => reader.readSeriesIds()),
    };
  }

  commit(group: CommitGroup): Promise<undefined> {
    return this.#writes.run(async () => {
      await this.#commit(group);
      await this.#foldLogWhenLarge();
      return undefined;
    });
  }

  /** A heavy read can leave a commit without memory, and a full disk can cost the instance: try again anew. */
  async #commit(group: CommitGroup): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#connections.writer.commit(group);
      } catch (error) {
        await this.#renewWriter();
        const lastSeq = group.seqs.at(-1);
        if (lastSeq !== undefined && this.#connections.writer.committedSeq >= lastSeq) return;
        if (isFailedWrite(error)) throw storageFull(error);
        if (attempt === COMMIT_ATTEMPTS_MAX) throw error;
        await sleep(attempt * COMMIT_PAUSE_MS);
      }
    }
  }

  /** Reads on the connection with the least to do; once more when the instance was lost meanwhile. */
  async read<Result>(work: (reader: DuckDbReader) => Promise<Result>): Promise<Result> {
    const { readers } = this.#connections;
    const free = readers.reduce((best, one) => (one.lane.waiting < best.lane.waiting ? one : best));
    try {
      return await free.lane.run(() => work(free.reader));
    } catch (error) {
      if (!isInstanceLost(error)) throw error;
      await this.#writes.run(() => this.#reopenIfLost());
      const again = this.#connections.readers[0]!;
      return again.lane.run(() => work(again.reader));
    }
  }

  /** Moves closed ranges to the cold tables, step by step, while there are enough. */
  async compact(throughSeq: number): Promise<undefined> {
    const { compactionRows: rowsMin, runRows } = this.#options;
    const step = () => ({ throughSeq: Math.min(throughSeq, this.#roundSeq), rowsMin, runRows });
    while (await this.#maintain((worker) => worker.compactOnce(step()))) {
      // Only this frees the rows that were moved, and what the database remembers of each deleted one.
      await this.#writes.run(() => this.#foldLog());
    }
    return undefined;
  }

  async #maintain<Result>(work: (worker: DuckDbMaintenance) => Promise<Result>): Promise<Result> {
    return this.#background.run(async () => {
      const { worker, lane } = this.#connections.maintenance;
      try {
        return await lane.run(() => work(worker));
      } catch (error) {
        await this.#writes.run(() => this.#reopenIfLost());
        throw isFailedWrite(error) ? storageFull(error) : error;
      }
    });
  }

  async deleteOlder(before: { samplesMs: number; verdictsMs: number }): Promise<number[]> {
    const candidates = await this.#maintain((worker) => worker.deleteOlder(before));
    if (Number.isFinite(before.samplesMs)) {
      await this.#writes.run(() =>
        this.#connections.writer.connection.run(
          `DELETE FROM seismo_store.anomalies WHERE time_ms < ${Math.round(before.samplesMs)}`,
        ),
      );
    }
    await this.#writes.run(() => this.#foldLog());
    return candidates;
  }

  /** From now on compaction leaves alone what rounds of judging have not seen. */
  async openModels(): Promise<ModelsReply> {
    const watermark = await this.read(({ connection }) => readWatermark(connection));
    this.#roundSeq = watermark.seq;
    return { watermark, models: await this.read(({ connection }) => readModels(connection)) };
  }

  judgeMinutes(request: RoundRequest): Promise<RoundReply> {
    return this.#rounds.run(async () => {
      const reply = await judgeRound(
        {
          read: (work) => this.read(({ connection }) => work(connection)),
          write: (work) => this.write(work),
        },
        request,
      );
      this.#roundSeq = reply.watermark.seq;
      return reply;
    });
  }

  /** A transaction beside the commits; what fails can be tried again. */
  write(work: (writer: DuckDbWriter) => Promise<void>): Promise<undefined> {
    return this.#writes.run(async () => {
      try {
        await work(this.#connections.writer);
      } catch (error) {
        await this.#renewWriter();
        throw isFailedWrite(error) ? storageFull(error) : error;
      }
      await this.#foldLogWhenLarge();
      return undefined;
    });
  }

  removeSeries(ids: readonly number[]): Promise<number[]> {
    return this.#background.run(() =>
      this.#writes.run(() => removeSeries(this.#connections.writer.connection, ids)),
    );
  }

  /** Once the checkpoints that lie beside the database have taken the place of those that a backup brought. */
  dropCheckpoints(): Promise<undefined> {
    return this.#writes.run(async () => {
      await dropCheckpoints(this.#connections.writer.connection);
      return undefined;
    });
  }

  /**
   * Folds the log into the file and copies the file. Until DuckDB folds the log in again it changes no block
   * that belongs to the file's current state, so commits go on meanwhile: into the log. The checkpoints are copied
   * into the file in the same pause of commits, so that they are of a commit that the copy has.
   */
  async backup(path: string): Promise<undefined> {
    if (existsSync(path)) {
      throw new AppError('bad_request', `The file ${path} exists already.`, {
        hint: 'Name a new file for the backup.',
      });
    }
    await this.#writes.run(async () => {
      await embedCheckpoints(this.#connections.writer.connection, this.#options.dataFolder);
      await this.#foldLog();
      this.#filePinned++;
    });
    try {
      this.#copySource ??= openSync(join(this.#options.dataFolder, DATABASE_FILE), 'r');
      await copyOpenDurably(this.#copySource, path);
      return undefined;
    } catch (error) {
      if (isNoSpace(error)) throw diskFull(path, error);
      const reason = error instanceof Error ? error.message : String(error);
      throw new AppError('bad_request', `The backup ${path} could not be written: ${reason}`, {
        cause: error,
      });
    } finally {
      this.#filePinned--;
      await this.dropCheckpoints();
    }
  }

  counts(): Promise<StoredCounts> {
    const file = join(this.#options.dataFolder, DATABASE_FILE);
    return this.read(async (reader) => ({
      ...(await reader.counts()),
      bytesOnDisk: fileBytes(file) + fileBytes(`${file}.wal`),
    }));
  }

  async close(): Promise<undefined> {
    await this.#background.run(() =>
      this.#writes.run(async () => {
        await this.#foldLog();
        await disconnect(this.#connections);
        if (this.#copySource !== undefined) closeSync(this.#copySource);
        this.#copySource = undefined;
      }),
    );
    return undefined;
  }

  async #foldLogWhenLarge(): Promise<void> {
    const log = join(this.#options.dataFolder, `${DATABASE_FILE}.wal`);
    if (fileBytes(log) >= this.#options.walBytesMax) await this.#foldLog();
  }

  async #foldLog(): Promise<void> {
    if (this.#filePinned > 0) return;
    try {
      await this.#connections.writer.connection.run('CHECKPOINT');
    } catch (error) {
      // Nothing is lost: what is in the log stays there, and the next attempt folds it in.
      if (isInstanceLost(error) || isFailedWrite(error)) await this.#reopenIfLost();
      else if (!String(error).includes('Cannot CHECKPOINT')) throw error;
    }
  }

  /** Fresh appenders after a failed commit, on a fresh instance where that is lost. */
  async #renewWriter(): Promise<void> {
    if (await this.#reopenIfLost()) return;
    const { instance, writer } = this.#connections;
    writer.close();
    this.#connections = {
      ...this.#connections,
      writer: await DuckDbWriter.create(await instance.connect()),
    };
  }

  /** True when the instance was lost and there is a new one. */
  async #reopenIfLost(): Promise<boolean> {
    try {
      await oneNumber(this.#connections.writer.connection, 'SELECT count(*) FROM seismo_store.meta');
      return false;
    } catch {
      await disconnect(this.#connections);
      this.#connections = await connect(this.#options);
      return true;
    }
  }
}

async function connect(options: WorkerOptions): Promise<Connections> {
  const instance = await openDatabase(options.dataFolder, { memoryBytes: options.memoryBytes });
  const readers = [];
  for (let i = 0; i < READERS; i++) {
    readers.push({ reader: new DuckDbReader(await instance.connect()), lane: new Lane() });
  }
  return {
    instance,
    writer: await DuckDbWriter.create(await instance.connect()),
    maintenance: { worker: new DuckDbMaintenance(await instance.connect()), lane: new Lane() },
    readers,
  };
}

async function disconnect(connections: Connections): Promise<void> {
  for (const { reader, lane } of connections.readers) {
    await lane.run(async () => reader.close());
  }
  await connections.maintenance.lane.run(async () => connections.maintenance.worker.close());
  connections.writer.close();
  connections.instance.closeSync();
}

function isInstanceLost(error: unknown): boolean {
  return /invalidated|FATAL|connection.*closed/i.test(String(error));
}

/** DuckDB does not always tell why a write of its own failed; as good as always it is the space. */
function isFailedWrite(error: unknown): boolean {
  return isNoSpace(error) || /could not write|failed to write/i.test(String(error));
}

function storageFull(cause: unknown): AppError {
  return new AppError('storage_full', 'The disk is full; new samples are refused until there is room.', {
    hint: SHORTAGE_HINT,
    cause,
  });
}
