import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { SqlInterruption } from '../../ports/sql-engine.js';
import type { SqlCall, SqlReply } from './duckdb-sql-protocol.js';
import { DuckDbSqlSession } from './duckdb-sql-session.js';
import type { Lane } from './lane.js';

/** So long the upkeep waits for a statement that found no memory beside it. */
const ALONE_MS_MAX = 60_000;

/** All connections for SQL of users, by number, in the thread that holds the database. */
export class DuckDbSqlSessions {
  readonly #sessions = new Map<number, DuckDbSqlSession>();
  readonly #statements = new Set<object>();
  #lastId = 0;
  /** Calls under way that may change data, and what new ones wait for. */
  #changing = 0;
  #held: Promise<unknown> | undefined;
  readonly #upkeep: Lane;

  /** `upkeep`: compaction and its like, which take much of the memory while they run. */
  constructor(upkeep: Lane) {
    this.#upkeep = upkeep;
  }

  /** `isFull`: whether the disk has no room left but for samples. */
  async open(instance: DuckDBInstance, isFull: () => boolean): Promise<number> {
    const connection = await instance.connect();
    const id = ++this.#lastId;
    this.#sessions.set(id, new DuckDbSqlSession(connection, isFull, this.#statements));
    return id;
  }

  /** A statement that found no memory beside the upkeep is tried once more without it. */
  async call(id: number, call: SqlCall): Promise<SqlReply> {
    const session = this.#sessions.get(id);
    if (session === undefined) return { ok: false, kind: 'cancelled', message: 'The store was opened anew.' };
    const reply = await this.#answer(session, call);
    if (reply.ok || reply.kind !== 'memory' || call.name === 'append' || this.#upkeep.waiting === 0)
      return reply;
    const again = await this.#alone(() => this.#answer(session, call));
    // A transaction in which a statement failed takes no other.
    return !again.ok && again.kind === 'conflict' ? reply : again;
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#upkeep
        .run(() => {
          const ended = work();
          ended.then(resolve, reject);
          return Promise.race([ended, sleep(ALONE_MS_MAX, undefined, { ref: false })]);
        })
        .catch(() => {});
    });
  }

  async #answer(session: DuckDbSqlSession, call: SqlCall): Promise<SqlReply> {
    switch (call.name) {
      case 'run':
        return this.#change(() => session.run(call.sql));
      case 'counts':
        return this.#change(() => session.counts(call.sql));
      case 'check':
        return session.check(call.sql);
      case 'rows':
        return session.rows(call.sql);
      case 'columns':
        return session.columns(call.sql);
      case 'append':
        return this.#change(() => session.append(call.table, call.columns, call.rowCount));
    }
  }

  /** Whether a call that may change data is under way. */
  get isChanging(): boolean {
    return this.#changing > 0;
  }

  /** Calls that may change data and come meanwhile wait for the end of the work. */
  async hold<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = work();
    const held = result.catch(() => {});
    this.#held = held;
    try {
      return await result;
    } finally {
      if (this.#held === held) this.#held = undefined;
    }
  }

  async #change<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.#held !== undefined) await this.#held;
    this.#changing++;
    try {
      return await work();
    } finally {
      this.#changing--;
    }
  }

  interrupt(id: number, kind: SqlInterruption): void {
    this.#sessions.get(id)?.interrupt(kind);
  }

  async close(id: number): Promise<void> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    await session?.close();
  }

  /** Before the instance goes: an open connection would keep its file. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((id) => this.close(id)));
  }
}
