import {
  type StorageWriteServer,
  startStorageWrite,
} from '@seismo/server/bigquery/storage-write/storage-write-server';
import { bytesField, numberField } from '@seismo/server/bigquery/storage-write/wire-writer';
import { silentLogger } from '@seismo/server/logger';
import { SqlEngineError, type SqlSession } from '@seismo/server/ports/sql-engine';
import { afterEach, describe, expect, it } from 'vitest';
import { Appender, LABEL, TYPE, writeClient } from './support/storage-harness.js';

const STREAM = 'projects/p/datasets/d/tables/t/streams/_default';
const DESCRIPTOR = {
  name: 'Row',
  field: [{ name: 'v', number: 1, label: LABEL.optional, type: TYPE.string }],
};
const row = (text: string) => bytesField(1, text);

type Parts = Parameters<typeof startStorageWrite>[1];

/** A store whose every statement a test can look at, hold back or let fail. */
class HeldSession implements Pick<SqlSession, 'run' | 'rows' | 'append' | 'close'> {
  readonly statements: string[] = [];
  readonly values: unknown[] = [];
  /** What was appended since BEGIN. */
  #open: unknown[] = [];
  hold: Promise<void> = Promise.resolve();
  fault: ((values: readonly unknown[]) => Error | undefined) | undefined;

  async run(sql: string): Promise<number> {
    this.statements.push(sql);
    if (sql === 'BEGIN') this.#open = [];
    if (sql === 'COMMIT') this.values.push(...this.#open);
    return 0;
  }

  async rows(): Promise<never[]> {
    return [];
  }

  async append(_table: unknown, columns: Parameters<SqlSession['append']>[1]): Promise<void> {
    await this.hold;
    const values = [...columns[0]!];
    const fault = this.fault?.(values);
    if (fault !== undefined) throw fault;
    this.#open.push(...values);
  }

  async close(): Promise<void> {}
}

describe('rows that wait', () => {
  let server: StorageWriteServer | undefined;
  afterEach(() => server?.stop(1000));

  async function start(session: HeldSession, more: Partial<Parts> = {}) {
    const entry = { dataset: 'd', table: 't', kind: 'TABLE', columns: [{ name: 'v', type: 'STRING' }] };
    const endpoint = {
      catalog: { table: () => entry, dataset: () => undefined },
      engine: { open: async () => session },
      clock: { nowMs: () => 0 },
    };
    server = await startStorageWrite(
      { host: '127.0.0.1', port: 0 },
      {
        open: async () => endpoint as unknown as Awaited<ReturnType<Parts['open']>>,
        authorize: () => {},
        readiness: () => ({ ready: true }),
        log: silentLogger,
        ...more,
      },
    );
    return writeClient(`127.0.0.1:${server.port}`);
  }

  it('are refused as RESOURCE_EXHAUSTED where there are too many, and taken again afterwards', async () => {
    const session = new HeldSession();
    let release = () => {};
    session.hold = new Promise((resolve) => {
      release = resolve;
    });
    const client = await start(session, { waitingBytesMax: 5_000 });
    const appenders = [1, 2, 3, 4].map(() => new Appender(client));
    const answers = appenders.map((appender, i) =>
      appender.rows(STREAM, DESCRIPTOR, [row(`${i}`.repeat(2_000))]),
    );
    const refused = await Promise.race(answers);
    expect(refused.error).toMatchObject({
      code: 8,
      message: expect.stringContaining('Too many rows are waiting'),
    });
    release();
    const codes = (await Promise.all(answers)).map(({ error }) => error?.code ?? 0);
    expect(codes.sort()).toEqual([0, 0, 8, 8]);
    const again = await Promise.all(
      appenders.slice(0, 2).map((appender) => appender.rows(STREAM, DESCRIPTOR, [row('again')])),
    );
    expect(again.map(({ error }) => error ?? null)).toEqual([null, null]);
    expect(session.values).toHaveLength(4);
    await client.close();
  });

  it('share a commit, and one that fails stops no other', async () => {
    const session = new HeldSession();
    let release = () => {};
    session.hold = new Promise((resolve) => {
      release = resolve;
    });
    session.fault = (values) =>
      values.includes('bad') ? new SqlEngineError('invalid', 'so it is') : undefined;
    const client = await start(session);
    const names = ['first', 'good', 'bad', 'fine', 'well'];
    const answers: ReturnType<Appender['rows']>[] = [];
    for (const name of names) answers.push(new Appender(client).rows(STREAM, DESCRIPTOR, [row(name)]));
    await expect.poll(() => session.statements.length).toBeGreaterThan(0);
    // Those of the other connections have come by now.
    await new Appender(client).rows(STREAM, DESCRIPTOR, [Buffer.from([255])]).catch(() => {});
    release();
    const errors = (await Promise.all(answers)).map(({ error }) => error?.message ?? '');
    expect(errors).toEqual(['', '', 'so it is', '', '']);
    expect([...session.values].sort()).toEqual(['fine', 'first', 'good', 'well']);
    const begun = session.statements.filter((sql) => sql === 'BEGIN').length;
    const ended = session.statements.filter((sql) => sql === 'COMMIT' || sql === 'ROLLBACK').length;
    expect(ended).toBe(begun);
    await client.close();
  });

  it('are tried again while a query holds the memory', async () => {
    const session = new HeldSession();
    let tries = 0;
    session.fault = () => (++tries < 3 ? new SqlEngineError('memory', 'out of memory') : undefined);
    const client = await start(session);
    const { error } = await new Appender(client).rows(STREAM, DESCRIPTOR, [row('kept')]);
    expect(error ?? null).toBeNull();
    expect(session.values).toEqual(['kept']);
    await client.close();
  });

  it('are refused as UNAVAILABLE where nothing can be stored', async () => {
    const session = new HeldSession();
    const client = await start(session, { readiness: () => ({ ready: false, reason: 'the disk is full' }) });
    const { error } = await new Appender(client).rows(STREAM, DESCRIPTOR, [row('x')]);
    expect(error).toMatchObject({ code: 14, message: expect.stringContaining('the disk is full') });
    expect(session.values).toEqual([]);
    await client.close();
  });

  it('are none where what comes cannot be read', async () => {
    const session = new HeldSession();
    const client = await start(session);
    const broken = new Appender(client).rows(
      STREAM,
      // No type of protobuf has this number.
      { name: 'Row', field: [{ name: 'v', number: 1, type: 77 as 1 }] },
      [row('x')],
    );
    expect((await broken).error).toMatchObject({ code: 3, message: expect.stringContaining('type is 77') });
    const late = await new Appender(client).rows(STREAM, DESCRIPTOR, [numberField(1, 5)]);
    expect(late.rowErrors).toMatchObject([
      { message: expect.stringContaining('not written as its type is') },
    ]);
    await client.close();
  });
});
