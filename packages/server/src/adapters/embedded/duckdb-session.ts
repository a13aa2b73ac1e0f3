import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import { diskFull, isNoSpace } from '../../model/free-space.js';
import type { SampleColumns, SampleQuery } from '../../ports/sample-store.js';
import { dropCheckpoints, embedCheckpoints, sweepCheckpoints } from './duckdb-checkpoints.js';
import { type Connections, connect, disconnect } from './duckdb-connections.js';
import { DATABASE_FILE, fileBytes, oneNumber, toWhole } from './duckdb-database.js';
import {
  isCheckpointRefused,
  isFailedWrite,
  isInstanceLost,
  storageFull,
  unlessFull,
} from './duckdb-failures.js';
import { type DuckDbMaintenance, readNextSeriesId, removeSeries } from './duckdb-maintenance.js';
import { readWatermark } from './duckdb-minutes.js';
import { readKept } from './duckdb-models.js';
import type {
  CommitGroup,
  ModelsReply,
  OpenReply,
  RoundReply,
  RoundRequest,
  StoredCounts,
  WorkerOptions,
} from './duckdb-protocol.js';
import { type OnConnection, readRange } from './duckdb-range-reader.js';
import type { DuckDbReader } from './duckdb-reader.js';
import { DuckDbSqlSessions } from './duckdb-sql-sessions.js';
import { DuckDbWriter } from './duckdb-writer.js';
import { copyOpenDurably } from './durable-files.js';
import { systemFreeBytes } from './free-bytes.js';
import { HotRows } from './hot-rows.js';
import { judgeRound } from './judge-round.js';
import { Lane } from './lane.js';
import { appendModels, holdModels, type ModelsAtOnce, sweepUnfinished } from './model-archive.js';

const COMMIT_ATTEMPTS_MAX = 4;
const COMMIT_PAUSE_MS = 25;
/** A backup waits for another one and for SQL that changes data; each pause is twice the one before, half a minute in all. */
const BACKUP_PAUSE_MS = 25;
const BACKUP_PAUSE_MS_MAX = 15_000;
/** The log may grow to so many times its size while SQL changes data. */
const LOGS_MAX = 4;

/**
 * The open database file. Three kinds of work run beside each other: writes, one at a time; background work,
 * one at a time; reads, on a few connections. When a failed write has made DuckDB invalidate the instance, it
 * is opened again in place.
 */
export class DuckDbSession {
  readonly #options: WorkerOptions;
  readonly #writes = new Lane();
  readonly background = new Lane();
  readonly #rounds = new Lane();
  /** Connections for SQL of users; they come and go. */
  readonly sql = new DuckDbSqlSessions(this.background);
  #connections: Connections;
  readonly #hot: HotRows;
  /** What was committed later is still to be judged by the minute: in the order in which it came. */
  #roundSeq = Number.POSITIVE_INFINITY;
  /** Above zero while the file must stay as it is: it is being copied. */
  #filePinned = 0;
  #upkeepStopped = false;
  /**
   * The file as backups read it; opened once and kept, since closing any descriptor of a file gives up every
   * lock that the process holds on it (fcntl(2)), DuckDB's own included.
   */
  #copySource: number | undefined;

  private constructor(options: WorkerOptions, connections: Connections, hot: HotRows) {
    this.#options = options;
    this.#connections = connections;
    this.#hot = hot;
  }

  static async open(options: WorkerOptions): Promise<DuckDbSession> {
    const connections = await connect(options);
    await sweepCheckpoints(connections.writer.connection);
    sweepUnfinished(options.dataFolder);
    return new DuckDbSession(options, connections, await HotRows.load(connections.writer.connection));
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
        this.#hot.add(group, await this.#connections.writer.commit(group));
        return;
      } catch (error) {
        const lastSeq = group.seqs.at(-1);
        this.#hot.forget(lastSeq ?? this.#connections.writer.committedSeq);
        await this.#renewWriter();
        if (lastSeq !== undefined && this.#connections.writer.committedSeq >= lastSeq) return;
        if (isFailedWrite(error)) throw storageFull(error);
        if (attempt === COMMIT_ATTEMPTS_MAX) throw error;
        await sleep(attempt * COMMIT_PAUSE_MS);
      }
    }
  }

  /** Reads on the connection with the least to do; once more when the instance was lost meanwhile. */
  read<Result>(work: (reader: DuckDbReader) => Promise<Result>): Promise<Result> {
    return this.#unlessLost(([one]) => one!.lane.run(() => work(one!.reader)));
  }

  querySamples(query: SampleQuery): Promise<SampleColumns> {
    const range = { series: query.seriesId, from: toWhole(query.fromMs), to: toWhole(query.toMs) };
    return this.#unlessLost(async ([one, other]) => {
      const forSamples: OnConnection = (work) => one!.lane.run(() => work(one!.reader.connection));
      const forVerdicts: OnConnection = (work) => other!.lane.run(() => work(other!.reader.connection));
      const whole = await readRange({ forSamples, forVerdicts, hot: this.#hot }, range, query.points);
      return whole ?? one!.lane.run(() => one!.reader.thinned(range, query.points));
    });
  }

  /** Hands over the connections to read with, that with the least to do first. */
  async #unlessLost<Result>(work: (readers: Connections['readers']) => Promise<Result>): Promise<Result> {
    const byWaiting = () => this.#connections.readers.toSorted((a, b) => a.lane.waiting - b.lane.waiting);
    try {
      return await work(byWaiting());
    } catch (error) {
      if (!isInstanceLost(error)) throw error;
      await this.#writes.run(() => this.#reopenIfLost());
      return work(byWaiting());
    }
  }

  /** Moves closed ranges to the cold tables, step by step, while there are enough. */
  async compact(throughSeq: number): Promise<undefined> {
    const { compactionRows: rowsMin, runRows } = this.#options;
    const step = () => ({ throughSeq: Math.min(throughSeq, this.#roundSeq), rowsMin, runRows });
    const work = (worker: DuckDbMaintenance) => this.#hot.moved(() => worker.compactOnce(step()));
    while (await this.#maintain(false, work)) {
      // Only this frees the rows that were moved, and what the database remembers of each deleted one.
      await this.background.run(() => this.#writes.run(() => this.#foldLog()));
    }
    return undefined;
  }

  /** A step of compaction or of the retention that is under way is undone. */
  stopUpkeep(): Promise<undefined> {
    this.#upkeepStopped = true;
    const { worker, lane } = this.#connections.maintenance;
    return worker.interrupt(lane);
  }

  /** Gives `unfinished` once the upkeep is stopped. */
  async #maintain<Result>(
    unfinished: Result,
    work: (worker: DuckDbMaintenance) => Promise<Result>,
  ): Promise<Result> {
    return this.background.run(async () => {
      if (this.#upkeepStopped) return unfinished;
      const { worker, lane } = this.#connections.maintenance;
      try {
        return await lane.run(() => work(worker));
      } catch (error) {
        if (this.#upkeepStopped) return unfinished;
        await this.#writes.run(() => this.#reopenIfLost());
        throw isFailedWrite(error) ? storageFull(error) : error;
      }
    });
  }

  async deleteOlder(before: { samplesMs: number; verdictsMs: number }): Promise<number[]> {
    const candidates = await this.#maintain<number[]>([], async (worker) => {
      const found = await worker.deleteOlder(before);
      this.#hot.deleteOlder(before);
      return found;
    });
    if (Number.isFinite(before.samplesMs)) {
      for (const table of ['anomalies', 'explanations']) {
        await this.#writes.run(() =>
          this.#connections.writer.connection.run(
            `DELETE FROM seismo_store.${table} WHERE time_ms < ${Math.round(before.samplesMs)}`,
          ),
        );
      }
    }
    await this.background.run(() => this.#writes.run(() => this.#foldLog()));
    return candidates;
  }

  /** From now on compaction leaves alone what rounds of judging have not seen. */
  async openModels(): Promise<ModelsReply> {
    const watermark = await this.read(({ connection }) => readWatermark(connection));
    this.#roundSeq = watermark.seq;
    return this.read(async ({ connection }) => ({ watermark, ...(await readKept(connection, watermark)) }));
  }

  judgeMinutes(request: RoundRequest): Promise<RoundReply> {
    return this.#rounds.run(async () => {
      const reply = await judgeRound(
        {
          read: (work) => this.read(({ connection }) => work(connection)),
          write: (work) => this.write(work),
          isStopped: () => this.#upkeepStopped,
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
    return this.background.run(() =>
      this.#writes.run(async () => {
        const gone = await removeSeries(this.#connections.writer.connection, ids);
        this.#hot.removeSeries(gone);
        return gone;
      }),
    );
  }

  /** Once the checkpoints that lie beside the database have taken the place of those that a backup brought. */
  dropCheckpoints(): Promise<undefined> {
    return this.write(({ connection }) => dropCheckpoints(connection));
  }

  /**
   * Folds the log into the file and copies the file. Until DuckDB folds the log in again it changes no block
   * that belongs to the file's current state, so commits go on meanwhile: into the log. The checkpoints are copied
   * into the file in the same pause of commits, so that they are of a commit that the copy has, and the models held
   * that the tables name; they come behind the database in the copy.
   */
  async backup(path: string): Promise<undefined> {
    if (existsSync(path)) {
      throw new AppError('bad_request', `The file ${path} exists already.`, {
        hint: 'Name a new file for the backup.',
      });
    }
    const { dataFolder } = this.#options;
    let models: ModelsAtOnce | undefined;
    try {
      models = await untilBegun(() => this.background.run(() => this.#writes.run(() => this.#holdStill())));
      const { folder } = models;
      this.#copySource ??= openSync(join(dataFolder, DATABASE_FILE), 'r');
      await copyOpenDurably(this.#copySource, path, (copy) => appendModels(copy, folder));
      return undefined;
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (isNoSpace(error)) throw diskFull(path, error);
      const reason = error instanceof Error ? error.message : String(error);
      throw new AppError('bad_request', `The backup ${path} could not be written: ${reason}`, {
        cause: error,
      });
    } finally {
      if (models !== undefined) this.#filePinned--;
      await models?.release();
      // Where there is no space even for that, those beside the database count all the same.
      await this.dropCheckpoints().catch(unlessFull);
    }
  }

  /** Undefined where the log cannot be folded in now: another backup is being copied, or SQL changes data. */
  async #holdStill(): Promise<ModelsAtOnce | undefined> {
    if (this.#filePinned > 0 || this.sql.isChanging) return undefined;
    const { dataFolder } = this.#options;
    return this.sql.hold(async () => {
      try {
        const { connection } = this.#connections.writer;
        await embedCheckpoints(connection, dataFolder);
        await connection.run('CHECKPOINT');
      } catch (error) {
        if (isCheckpointRefused(error)) return undefined;
        await this.#renewWriter();
        throw isFailedWrite(error) ? diskFull(dataFolder, error) : error;
      }
      const models = holdModels(dataFolder);
      this.#filePinned++;
      return models;
    });
  }

  openSql(): Promise<number> {
    const { dataFolder, diskReserveBytes } = this.#options;
    return this.sql.open(this.#connections.instance, () => systemFreeBytes(dataFolder) < diskReserveBytes);
  }

  counts(): Promise<StoredCounts> {
    const file = join(this.#options.dataFolder, DATABASE_FILE);
    return this.read(async (reader) => ({
      ...(await reader.counts()),
      bytesOnDisk: fileBytes(file) + fileBytes(`${file}.wal`),
    }));
  }

  async close(): Promise<undefined> {
    await this.background.run(() =>
      this.#writes.run(async () => {
        await this.sql.closeAll();
        await this.#foldLog();
        await disconnect(this.#connections);
        if (this.#copySource !== undefined) closeSync(this.#copySource);
        this.#copySource = undefined;
      }),
    );
    return undefined;
  }

  /** Not beside background work, which comes in short steps and folds it in itself. */
  async #foldLogWhenLarge(): Promise<void> {
    if (this.#logBytes() < this.#options.walBytesMax || this.background.waiting > 0) return;
    await this.background.run(() => this.#foldLog());
  }

  #logBytes(): number {
    return fileBytes(join(this.#options.dataFolder, `${DATABASE_FILE}.wal`));
  }

  /**
   * Called where neither commits nor background work are under way: where a transaction that has deleted rows commits
   * while DuckDB folds the log in, later starts may not be able to read it. SQL of users is given time to end, but not
   * without end.
   */
  async #foldLog(): Promise<void> {
    if (this.#filePinned > 0) return;
    if (this.sql.isChanging && this.#logBytes() < LOGS_MAX * this.#options.walBytesMax) return;
    try {
      await this.sql.hold(() => this.#connections.writer.connection.run('CHECKPOINT'));
    } catch (error) {
      // Nothing is lost: what is in the log stays there, and the next attempt folds it in.
      if (isInstanceLost(error) || isFailedWrite(error)) await this.#reopenIfLost();
      else if (!isCheckpointRefused(error)) throw error;
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
      await this.sql.closeAll();
      await disconnect(this.#connections);
      this.#connections = await connect(this.#options);
      return true;
    }
  }
}

/** Tries until the log is in the file, so that no copy is older than what was acknowledged before. */
async function untilBegun(begin: () => Promise<ModelsAtOnce | undefined>): Promise<ModelsAtOnce> {
  for (let pauseMs = BACKUP_PAUSE_MS; ; pauseMs *= 2) {
    const models = await begin();
    if (models !== undefined) return models;
    if (pauseMs > BACKUP_PAUSE_MS_MAX) {
      throw new AppError('not_ready', 'The backup was not begun: another one is, or SQL changes data.', {
        hint: 'Try again when that has ended.',
      });
    }
    await sleep(pauseMs);
  }
}
