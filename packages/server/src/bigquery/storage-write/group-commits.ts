import { setTimeout as pause } from 'node:timers/promises';
import {
  type EngineColumn,
  type EngineTable,
  SqlEngineError,
  type SqlSession,
} from '../../ports/sql-engine.js';

interface Append {
  readonly table: EngineTable;
  readonly columns: readonly EngineColumn[];
  readonly rowCount: number;
}

/** What is done in one transaction, or not at all. */
export interface Work {
  readonly append?: Append;
  /** After the rows are in. */
  readonly sql?: readonly string[];
}

interface Waiting {
  readonly work: Work;
  resolve(): void;
  reject(error: unknown): void;
}

const GROUP_MAX = 64;
/** Another query may hold the memory for a while. */
const MEMORY_TRIES = 5;
const MEMORY_PAUSE_MS = 200;

/**
 * Writes on one connection. What comes while a transaction is under way shares the next one, so that all of it waits
 * for the disk once. Where a transaction of several fails, each is tried by itself: one that cannot be done stops no
 * other.
 */
export class GroupCommits {
  readonly #open: () => Promise<SqlSession>;
  #session: SqlSession | undefined;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(open: () => Promise<SqlSession>) {
    this.#open = open;
  }

  /** Resolves after it is durable. Rejects with a SqlEngineError or an AppError; nothing of it is done then. */
  add(work: Work): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
    });
  }

  /** Reads what the works before have written. */
  async session(): Promise<SqlSession> {
    this.#session ??= await this.#open();
    return this.#session;
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#session?.close();
  }

  async #run(): Promise<void> {
    // What is added in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, GROUP_MAX);
      try {
        await this.#commit(group.map(({ work }) => work));
        for (const { resolve } of group) resolve();
      } catch (error) {
        if (group.length === 1) group[0]!.reject(error);
        else await this.#oneByOne(group);
      }
    }
  }

  async #oneByOne(group: readonly Waiting[]): Promise<void> {
    for (const { work, resolve, reject } of group) await this.#commit([work]).then(resolve, reject);
  }

  async #commit(works: readonly Work[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#transaction(works);
        return;
      } catch (error) {
        if (!(error instanceof SqlEngineError)) throw error;
        // The connection has ended with the store's instance, which was opened anew.
        if (error.kind === 'cancelled') this.#session = undefined;
        if (error.kind !== 'memory' || tries === MEMORY_TRIES) throw error;
        await pause(MEMORY_PAUSE_MS);
      }
    }
  }

  async #transaction(works: readonly Work[]): Promise<void> {
    const session = await this.session();
    await session.run('BEGIN');
    try {
      for (const { table, columns, rowCount } of joined(works))
        await session.append(table, columns, rowCount);
      for (const { sql = [] } of works) for (const statement of sql) await session.run(statement);
      await session.run('COMMIT');
    } catch (error) {
      await session.run('ROLLBACK').catch(() => {});
      throw error;
    }
  }
}

/** Rows of one table at once: each call goes to another thread and back. */
function joined(works: readonly Work[]): Append[] {
  const byTable = new Map<string, Append[]>();
  for (const { append } of works) {
    if (append === undefined) continue;
    // A table may have got a column meanwhile.
    const key = JSON.stringify([append.table, append.columns.length]);
    const same = byTable.get(key);
    if (same === undefined) byTable.set(key, [append]);
    else same.push(append);
  }
  return [...byTable.values()].map((appends) => {
    const [first] = appends;
    if (appends.length === 1) return first!;
    const columns = first!.columns.map((_, place) =>
      joinedColumn(appends.map(({ columns: of }) => of[place]!)),
    );
    const rowCount = appends.reduce((sum, append) => sum + append.rowCount, 0);
    return { table: first!.table, columns, rowCount };
  });
}

function joinedColumn(parts: readonly EngineColumn[]): EngineColumn {
  if (!parts.every((part) => part instanceof Float64Array)) return parts.flatMap((part) => [...part]);
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
