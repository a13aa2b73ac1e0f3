import process from 'node:process';
import {
  type EngineColumns,
  type EngineValue,
  type SqlEngine,
  SqlEngineError,
  type SqlInterruption,
  type SqlSession,
} from '../../ports/sql-engine.js';
import type { SqlCall, SqlReply } from './duckdb-sql-protocol.js';
import type { DuckDbWorkerClient } from './duckdb-worker-client.js';

/**
 * DuckDB's own limit does not count the texts and lists of the rows that are under way. A statement with which the
 * process grows by so much is ended.
 */
const GROWTH_BYTES_MAX = 1_000_000_000;
const WATCH_MS = 200;

/** SQL in the instance that holds the samples: a second one could not open the file. */
export function createSqlEngine(worker: DuckDbWorkerClient, refuseWhenClosed: () => void): SqlEngine {
  return {
    async open() {
      refuseWhenClosed();
      return new WorkerSqlSession(worker, await worker.call('sqlOpen', undefined));
    },
  };
}

class WorkerSqlSession implements SqlSession {
  readonly #worker: DuckDbWorkerClient;
  readonly #id: number;

  constructor(worker: DuckDbWorkerClient, id: number) {
    this.#worker = worker;
    this.#id = id;
  }

  run(sql: string): Promise<number> {
    return this.#call<number>({ name: 'run', sql });
  }

  counts(sql: string): Promise<Readonly<Record<string, number>>> {
    return this.#call<Record<string, number>>({ name: 'counts', sql });
  }

  async check(sql: string): Promise<void> {
    await this.#call({ name: 'check', sql });
  }

  rows(sql: string): Promise<EngineValue[][]> {
    return this.#call<EngineValue[][]>({ name: 'rows', sql });
  }

  columns(sql: string): Promise<EngineColumns> {
    return this.#call<EngineColumns>({ name: 'columns', sql });
  }

  async append(table: Append['table'], columns: Append['columns'], rowCount: number): Promise<void> {
    await this.#call({ name: 'append', table, columns, rowCount });
  }

  interrupt(kind: SqlInterruption): void {
    this.#worker.call('sqlInterrupt', { id: this.#id, kind }).catch(() => {});
  }

  async close(): Promise<void> {
    await this.#worker.call('sqlClose', { id: this.#id }).catch(() => {});
  }

  async #call<Result>(call: SqlCall): Promise<Result> {
    const bytesAtStart = process.memoryUsage.rss();
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() > bytesAtStart + GROWTH_BYTES_MAX) this.interrupt('memory');
    }, WATCH_MS);
    try {
      const reply = (await this.#worker.call('sqlCall', { id: this.#id, call })) as SqlReply<Result>;
      if (reply.ok) return reply.result;
      throw new SqlEngineError(reply.kind, reply.message);
    } finally {
      clearInterval(watch);
    }
  }
}

type Append = Extract<SqlCall, { name: 'append' }>;
