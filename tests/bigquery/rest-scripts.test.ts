import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlServer } from './support/sql-server.js';

const LONG =
  'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 1000000)) AS b WHERE MOD(a * b, 7) = 3';
/** More than the main thread reads. */
const PADDING = `/* ${'x'.repeat(10_000)} */ `;

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
});
afterAll(() => server.stop());

describe('a script', () => {
  const insert = (query: string, more: object = {}) =>
    server.call('POST', 'jobs', { configuration: { query: { query, useLegacySql: false }, ...more } });

  it.each([
    ['short', ''],
    ['large', PADDING],
  ])('handles errors of its statements in the words of a job: a %s one', async (_, padding) => {
    expect(
      await server.rows(`${padding}BEGIN SELECT 1 / 0; EXCEPTION WHEN ERROR THEN
        SELECT @@error.message AS m; END`),
    ).toEqual([['division by zero: 1 / 0']]);
    expect(
      await server.rows(`${padding}DECLARE x INT64 DEFAULT 1; BEGIN SET x = DIV(x, x - 1);
        EXCEPTION WHEN ERROR THEN SET x = 7; END; SELECT x`),
    ).toEqual([['7']]);
    expect(
      await server.rows(`${padding}BEGIN IF DIV(1, 0) = 1 THEN SELECT 1; END IF;
        EXCEPTION WHEN ERROR THEN SELECT 2; END`),
    ).toEqual([['2']]);
  });

  it.each([
    ['short', ''],
    ['large', PADDING],
  ])('fails with what it does not handle as if nothing stood around it: a %s one', async (_, padding) => {
    const { body } = await insert(`${padding}BEGIN SELECT 1 / 0; EXCEPTION WHEN ERROR THEN RAISE; END`);
    const { jobId } = body.jobReference;
    expect((await server.results(jobId)).body.error).toMatchObject({
      message: 'division by zero: 1 / 0',
      errors: [{ reason: 'invalidQuery' }],
    });
    const raised = await insert(`${padding}RAISE USING MESSAGE = 'enough'`);
    const at = padding.length + 1;
    expect((await server.results(raised.body.jobReference.jobId)).body.error.message).toBe(
      `enough at [1:${at}]`,
    );
  });

  it('goes on as before behind a statement that failed: nothing of it is left', async () => {
    const failing = `BEGIN SELECT 1 / (SELECT COUNT(*) - COUNT(*) FROM INFORMATION_SCHEMA.SCHEMATA);
      EXCEPTION WHEN ERROR THEN SELECT COUNT(*) > 0 FROM INFORMATION_SCHEMA.SCHEMATA; END;`;
    const { body } = await insert(
      `${failing} ${failing} SELECT COUNT(*) > 0 FROM INFORMATION_SCHEMA.SCHEMATA`,
    );
    const { jobId } = body.jobReference;
    expect((await server.results(jobId)).body.rows).toEqual([{ f: [{ v: 'true' }] }]);
    const job = (await server.call('GET', `jobs/${jobId}`)).body;
    expect(job.statistics).toMatchObject({ numChildJobs: '3', query: { statementType: 'SCRIPT' } });
    expect(job.status).toEqual({ state: 'DONE' });
  });

  it('keeps what it did before an error', async () => {
    await server.rows('CREATE SCHEMA kept; CREATE TABLE kept.t (a INT64)');
    await server.rows(`BEGIN INSERT INTO kept.t VALUES (1); INSERT INTO kept.t VALUES (DIV(1, 0));
      EXCEPTION WHEN ERROR THEN INSERT INTO kept.t VALUES (2); END`);
    expect(await server.rows('SELECT a FROM kept.t ORDER BY a')).toEqual([['1'], ['2']]);
  });

  it('has a job for each statement of FOR and of EXECUTE IMMEDIATE, under its own text', async () => {
    const { body } = await insert(
      "FOR r IN (SELECT 1 AS v UNION ALL SELECT 2 ORDER BY v) DO EXECUTE IMMEDIATE 'SELECT ? AS x' USING r.v; END FOR",
    );
    const { jobId } = body.jobReference;
    expect((await server.results(jobId)).body.rows).toEqual([{ f: [{ v: '2' }] }]);
    const { jobs } = (await server.call('GET', `jobs?parentJobId=${jobId}&projection=full`)).body;
    expect(jobs.map((one: { configuration: { query: object } }) => one.configuration.query)).toMatchObject([
      { query: 'SELECT ? AS x' },
      { query: 'SELECT ? AS x' },
    ]);
  });

  it('is not held up by a handler where it is cancelled', async () => {
    const { body } = await insert(`LOOP BEGIN ${LONG}; EXCEPTION WHEN ERROR THEN SELECT 1; END; END LOOP`);
    const { jobId } = body.jobReference;
    await server.call('POST', `jobs/${jobId}/cancel`);
    expect((await server.results(jobId)).body.error).toMatchObject({ errors: [{ reason: 'stopped' }] });
  });

  it.each([
    "EXECUTE IMMEDIATE 'SELECT 1'",
    "EXECUTE IMMEDIATE 'CREATE TABLE kept.made (a INT64)'; SELECT a FROM kept.made",
    'FOR r IN (SELECT 1 AS v) DO SELECT r.v; END FOR',
    'BEGIN SELECT 1; EXCEPTION WHEN ERROR THEN SELECT @@error.message; RAISE; END; RETURN',
  ])('is checked without running it: %s', async (query) => {
    const { status, body } = await insert(query, { dryRun: true });
    expect({ status, type: body.statistics.query.statementType }).toEqual({ status: 200, type: 'SCRIPT' });
  });

  it('is refused by a dry run for a name that it does not know', async () => {
    const { status } = await insert('FOR r IN (SELECT 1 AS v) DO SELECT r.w; END FOR', { dryRun: true });
    expect(status).toBe(400);
  });
});
