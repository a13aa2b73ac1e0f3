import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBPendingResult, DuckDBResult } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { isNoSpace } from '../../model/free-space.js';
import type {
  EngineColumn,
  EngineColumns,
  EngineTable,
  EngineValue,
  SqlEngineErrorKind,
  SqlInterruption,
} from '../../ports/sql-engine.js';
import { interruptRepeatedly } from './duckdb-interruption.js';
import type { SqlReply } from './duckdb-sql-protocol.js';
import { CHUNK_ROWS, fromDuckDb, GrowingColumn, toChunk } from './duckdb-values.js';
import { Lane } from './lane.js';

/** Statements end soon or take long: looked at often in the beginning, then ever less often. */
const POLL_MS_MAX = 20;
const POLLS_AT_ONCE = 50;
/** About two looks at the disk in a second. */
const POLLS_PER_LOOK = 100;

/**
 * One connection for SQL of users. A statement is not waited for in one of libuv's four threads, which commits and
 * reads need: DuckDB's own thread works on it, and this one looks from time to time whether it has ended.
 */
export class DuckDbSqlSession {
  readonly #connection: DuckDBConnection;
  readonly #lane = new Lane();
  readonly #isFull: () => boolean;
  /** Statements of all sessions that run, the oldest first. */
  readonly #statements: Set<object>;
  #ended: SqlInterruption | undefined;
  #running = false;
  #interruptions: NodeJS.Timeout | undefined;

  constructor(connection: DuckDBConnection, isFull: () => boolean, statements: Set<object>) {
    this.#connection = connection;
    this.#isFull = isFull;
    this.#statements = statements;
  }

  run(sql: string): Promise<SqlReply<number>> {
    return this.#call(async () => (await this.#execute(sql)).rowsChanged);
  }

  counts(sql: string): Promise<SqlReply<Record<string, number>>> {
    return this.#call(async () => {
      const counts: Record<string, number> = {};
      await this.#chunks(await this.#execute(sql), (chunk) => {
        for (const text of chunk.getColumnValues(0) as string[]) counts[text] = (counts[text] ?? 0) + 1;
      });
      return counts;
    });
  }

  check(sql: string): Promise<SqlReply<undefined>> {
    return this.#call(async () => {
      const prepared = await this.#connection.prepare(sql);
      prepared.destroySync();
      return undefined;
    });
  }

  rows(sql: string): Promise<SqlReply<EngineValue[][]>> {
    return this.#call(async () => {
      const rows: EngineValue[][] = [];
      // In a thread of libuv, and so not behind anything.
      const result = await this.#connection.run(sql);
      await this.#chunks(result, (chunk) => {
        for (const row of chunk.convertRows(fromDuckDb)) rows.push(row);
      });
      return rows;
    });
  }

  columns(sql: string): Promise<SqlReply<EngineColumns>> {
    return this.#call(async () => {
      const result = await this.#execute(sql);
      const columns = result.columnNames().map(() => new GrowingColumn());
      let rowCount = 0;
      await this.#chunks(result, (chunk) => {
        rowCount += chunk.rowCount;
        columns.forEach((column, c) => {
          column.add(chunk, c);
        });
      });
      return { columns: columns.map((column) => column.whole()), rowCount };
    });
  }

  append(
    table: EngineTable,
    columns: readonly EngineColumn[],
    rowCount: number,
  ): Promise<SqlReply<undefined>> {
    return this.#call(async () => {
      const { schema, name } = table;
      const appender = await this.#connection.createAppender(
        name,
        schema ?? null,
        schema === undefined ? 'temp' : null,
      );
      try {
        const types = columns.map((_, index) => appender.columnType(index));
        for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
          appender.appendDataChunk(toChunk(types, columns, start, Math.min(rowCount, start + CHUNK_ROWS)));
          // Commits are answered between two chunks.
          await turn();
        }
        appender.flushSync();
      } finally {
        appender.closeSync();
      }
      return undefined;
    });
  }

  interrupt(kind: SqlInterruption): void {
    this.#ended ??= kind;
    if (!this.#running) return;
    this.#interruptions ??= interruptRepeatedly(this.#connection);
  }

  async close(): Promise<void> {
    this.interrupt('cancelled');
    await this.#lane.run(async () => this.#connection.closeSync());
  }

  #call<Result>(work: () => Promise<Result>): Promise<SqlReply<Result>> {
    return this.#lane.run(async () => {
      try {
        if (this.#ended !== undefined) return failure(this.#ended, 'The statement was ended.');
        this.#running = true;
        return { ok: true, result: await work() };
      } catch (error) {
        const message = plainMessage(error);
        return failure(this.#ended ?? kindOf(error, message), message);
      } finally {
        this.#running = false;
        clearInterval(this.#interruptions);
        this.#interruptions = undefined;
      }
    });
  }

  async #execute(sql: string): Promise<DuckDBResult> {
    const prepared = await this.#connection.prepare(sql);
    const statement = {};
    this.#statements.add(statement);
    try {
      const pending = prepared.start();
      await this.#untilEnded(pending, () => this.#statements.values().next().value !== statement);
      return await pending.getResult();
    } finally {
      this.#statements.delete(statement);
      prepared.destroySync();
    }
  }

  /**
   * DuckDB's thread works on one statement to its end. One that began behind it is worked on here meanwhile, piece by
   * piece and half of the time, so that commits are answered in between and nobody waits for a statement of hours.
   */
  async #untilEnded(pending: DuckDBPendingResult, isBehind: () => boolean): Promise<void> {
    const { pending_result: handle } = pending as unknown as { pending_result: duckdb.PendingResult };
    let begunHere = false;
    for (let polls = 0; ; polls++) {
      // What a long statement writes must leave room for samples.
      if (polls % POLLS_PER_LOOK === POLLS_PER_LOOK - 1 && this.#isFull()) this.interrupt('full');
      const state = duckdb.pending_execute_check_state(handle);
      if (duckdb.pending_execution_is_finished(state)) return;
      if (polls < POLLS_AT_ONCE) {
        await turn();
        continue;
      }
      // A piece that was begun here can be ended here only.
      begunHere ||= isBehind();
      await sleep(begunHere ? workOn(handle) : Math.min(POLL_MS_MAX, polls / POLLS_AT_ONCE));
    }
  }

  /** Hands on a whole result piece by piece, with room for other work in between. */
  async #chunks(result: DuckDBResult, take: (chunk: DuckDBDataChunk) => void): Promise<void> {
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      take(chunk);
      await turn();
    }
  }
}

/** Does one piece of a statement; gives how many milliseconds it took. */
function workOn(handle: duckdb.PendingResult): number {
  const startedMs = performance.now();
  // An error shows in the next look at the state, and in the result.
  duckdb.pending_execute_task(handle);
  return performance.now() - startedMs;
}

function failure(
  kind: SqlEngineErrorKind,
  message: string,
): { ok: false; kind: SqlEngineErrorKind; message: string } {
  return { ok: false, kind, message };
}

/** Without the words that the library puts before DuckDB's own. */
function plainMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^.*?(?:unsuccessful or closed pending query result)\s*Error: /s, '').trim();
}

function kindOf(error: unknown, message: string): SqlEngineErrorKind {
  if (isNoSpace(error) || /could not write|failed to write/i.test(message)) return 'full';
  if (/^INTERRUPT/i.test(message)) return 'cancelled';
  if (/^Out of Memory Error/i.test(message)) return 'memory';
  if (/^TransactionContext Error|conflict/i.test(message)) return 'conflict';
  return 'invalid';
}
