import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactFile } from '@seismo/server/adapters/embedded/duckdb-offline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause } from '../blackbox/support/start-server.js';
import { SqlServer } from './support/sql-server.js';

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
  const { status, body } = await server.query(`
    CREATE SCHEMA kept OPTIONS (description = 'of a test');
    CREATE TABLE kept.t (id INT64 NOT NULL, seen TIMESTAMP, name STRING DEFAULT 'none')
      PARTITION BY DATE(seen) CLUSTER BY id OPTIONS (description = 'rows');
    INSERT INTO kept.t (id, seen) VALUES (1, TIMESTAMP '2026-01-02 03:04:05+00'), (2, NULL);
    CREATE VIEW kept.v AS SELECT id + 1 AS next FROM kept.t;
  `);
  if (status !== 200) throw new Error(body.error.message);
});
afterAll(() => server.stop());

const ROWS = [
  ['1', '1.767323045E9', 'none'],
  ['2', null, 'none'],
];

async function expectEverything(of: SqlServer) {
  expect(await of.rows('SELECT id, seen, name FROM kept.t ORDER BY id')).toEqual(ROWS);
  expect(await of.rows('SELECT next FROM kept.v ORDER BY next')).toEqual([['2'], ['3']]);
  expect((await of.call('GET', 'datasets/kept')).body.description).toBe('of a test');
  expect((await of.call('GET', 'datasets/kept/tables/t')).body).toMatchObject({
    description: 'rows',
    timePartitioning: { type: 'DAY', field: 'seen' },
    clustering: { fields: ['id'] },
    numRows: '2',
  });
  expect((await of.query('INSERT INTO kept.t (id) VALUES (NULL)')).body.error.message).toContain(
    'cannot be null',
  );
}

describe('datasets, tables and jobs', () => {
  it('are there after a crash, with the rows that a query gave', async () => {
    const { body } = await server.query('SELECT id FROM kept.t ORDER BY id');
    const { jobId } = body.jobReference;
    const createdMs = async () => (await server.call('GET', 'datasets/metrics_dataset')).body.creationTime;
    const made = await createdMs();
    const failed = await server.call('POST', 'jobs', { configuration: { query: { query: 'SELECT 1 / 0' } } });
    await server.results(failed.body.jobReference.jobId);
    await server.restart('kill');
    await expectEverything(server);
    expect(await createdMs()).toBe(made);
    const again = await server.results(jobId);
    expect(again.body).toMatchObject({ jobComplete: true, totalRows: '2', rows: body.rows });
    const job = await server.call('GET', `jobs/${failed.body.jobReference.jobId}`);
    expect(job.body.status).toMatchObject({
      state: 'DONE',
      errorResult: { reason: 'invalidQuery', message: 'division by zero: 1 / 0' },
    });
  });

  it('know of a job that ran when the server was ended', async () => {
    const long =
      'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 100000)) AS b WHERE MOD(a * b, 7) = 3';
    // It is written down once it has taken a second; on a machine that is busy, some time after.
    const killedAfter = async (runMs: number) => {
      const { body } = await server.call('POST', 'jobs', { configuration: { query: { query: long } } });
      const { jobId } = body.jobReference;
      await expect
        .poll(async () => (await server.call('GET', `jobs/${jobId}`)).body.status.state)
        .toBe('RUNNING');
      await pause(runMs);
      await server.restart('kill');
      return { jobId, job: await server.call('GET', `jobs/${jobId}`) };
    };
    let { jobId, job } = await killedAfter(1500);
    for (let runMs = 4000; job.status === 404 && runMs < 60_000; runMs *= 2) {
      ({ jobId, job } = await killedAfter(runMs));
    }
    expect(job.body.status).toMatchObject({ state: 'DONE', errorResult: { reason: 'backendError' } });
    const results = await server.results(jobId);
    expect(results).toMatchObject({
      status: 503,
      body: { error: { message: 'The server ended while the job ran.' } },
    });
  });

  it('stay when the file is written anew without the space of deleted rows', async () => {
    await server.restart('stop');
    await expectEverything(server);
    await server.stopKeeping();
    await compactFile(server.dataFolder);
    await server.resume();
    await expectEverything(server);
  });

  it('are in a backup', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seismo-sql-backup-'));
    try {
      await server.stopKeeping();
      cpSync(join(server.dataFolder, 'seismo.duckdb'), join(folder, 'seismo.duckdb'));
      const other = await SqlServer.start(['--data', folder]);
      try {
        await expectEverything(other);
      } finally {
        await other.stop();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await server.resume();
    }
  });
});
