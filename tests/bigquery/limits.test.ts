import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlServer } from './support/sql-server.js';

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
  await server.query('CREATE SCHEMA d');
});
afterAll(() => server.stop());

const numbers = (count: number, alias: string) => `UNNEST(GENERATE_ARRAY(1, ${count})) AS ${alias}`;
const MANY = `${numbers(100_000, 'a')}, ${numbers(100_000, 'b')}`;

/** Statements that would take hours, or more memory than there is. */
const ENDLESS: Readonly<Record<string, string>> = {
  'a cross join': `SELECT COUNT(*) FROM ${MANY}, ${numbers(1000, 'c')} WHERE MOD(a + b + c, 7) = 3`,
  'a large GROUP BY': `SELECT COUNT(*) FROM (SELECT a * 100000 + b AS k, COUNT(*) AS n FROM ${MANY} GROUP BY k)`,
  'a large sort': `SELECT MAX(r) FROM (SELECT ROW_NUMBER() OVER (ORDER BY MOD(a * 7919 + b, 1000003), a) AS r FROM ${MANY})`,
  'a recursion that doubles':
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, UNNEST([1, 2])) SELECT COUNT(*) FROM r',
  'a large result': `SELECT a, b FROM ${MANY}`,
  'a large table': `CREATE TABLE d.large AS SELECT a, b FROM ${MANY}`,
};

async function start(sql: string): Promise<string> {
  const { body } = await server.call('POST', 'jobs', {
    configuration: { query: { query: sql, useLegacySql: false } },
  });
  return body.jobReference.jobId;
}

async function ended(jobId: string) {
  for (;;) {
    await server.call('GET', `queries/${jobId}?timeoutMs=1000&maxResults=0`);
    const { body } = await server.call('GET', `jobs/${jobId}`);
    if (body.status.state === 'DONE') return body.status;
  }
}

describe('a statement that never ends', () => {
  it.each(Object.entries(ENDLESS))(
    '%s: is cancelled, and samples are taken meanwhile',
    async (_, sql) => {
      const before = Number((await server.rows('SELECT COUNT(*) FROM metrics_dataset.samples'))[0]![0]);
      const jobId = await start(sql);
      const from = Math.floor(Date.now() / 1000) - 80_000 + before;
      for (let i = 0; i < 10; i++) await server.send([{ timestamp: from + i, latency: i }]);
      await server.call('POST', `jobs/${jobId}/cancel`, {});
      const { errorResult } = await ended(jobId);
      expect(['stopped', 'resourcesExceeded']).toContain(errorResult.reason);
      expect(await server.rows('SELECT COUNT(*) FROM metrics_dataset.samples')).toEqual([
        [String(before + 10)],
      ]);
    },
    120_000,
  );

  it('ends when its time is over', async () => {
    const { body } = await server.call('POST', 'jobs', {
      configuration: { query: { query: ENDLESS['a cross join'], useLegacySql: false }, jobTimeoutMs: '300' },
    });
    const { errorResult } = await ended(body.jobReference.jobId);
    expect(errorResult).toMatchObject({ reason: 'stopped', message: expect.stringContaining('timed out') });
  });

  it('leaves no half of a table', async () => {
    expect(await server.rows('SELECT table_name FROM d.INFORMATION_SCHEMA.TABLES')).toEqual([]);
  });
});

describe('a statement of many kilobytes', () => {
  const list = Array.from({ length: 10_000 }, (_, i) => i).join(', ');

  it('is answered, and samples are taken while it is read', async () => {
    const answer = server.rows(`SELECT COUNT(*) FROM ${numbers(100, 'a')} WHERE a IN (${list})`);
    const from = Math.floor(Date.now() / 1000) - 200_000;
    for (let i = 0; i < 5; i++) await server.send([{ timestamp: from + i, latency: i }]);
    expect(await answer).toEqual([['100']]);
  });

  it('may be a view, which a short one reads', async () => {
    await server.query(`CREATE VIEW d.listed AS SELECT a FROM ${numbers(3, 'a')} WHERE a IN (${list})`);
    expect(await server.rows('SELECT SUM(a) FROM d.listed')).toEqual([['6']]);
    await server.query('DROP VIEW d.listed');
  });

  it('has a limit, as on Google Cloud', async () => {
    const { status, body } = await server.query(`SELECT 1 -- ${'x'.repeat(1_100_000)}`);
    expect(status).toBe(400);
    expect(body.error.message).toContain('The query is too large');
  });
});

describe('a value that would be too large', () => {
  it.each([
    ["SELECT REPEAT('x', 1000000000)", 'REPEAT exceeds'],
    ["SELECT LPAD('x', 2000000000, 'y')", 'LPAD/RPAD exceeds'],
    ["SELECT REPLACE(REPEAT('a', 100000), 'a', REPEAT('b', 100000))", 'REPLACE exceeds'],
    ["SELECT REGEXP_REPLACE(REPEAT('a', 100000), 'a', REPEAT('b', 100000))", 'REGEXP_REPLACE exceeds'],
    ["SELECT FORMAT('%1000000000d', 1)", 'FORMAT exceeds'],
    ['SELECT GENERATE_ARRAY(1, 10000000000)', 'too many elements'],
    ['SELECT GENERATE_ARRAY(1e0, 1e12)', 'too many elements'],
    [`SELECT REPEAT('x', 300000 + a) FROM ${numbers(10, 'a')}`, 'REPEAT exceeds'],
    [`SELECT GENERATE_ARRAY(1, 200000 + a) FROM ${numbers(10, 'a')}`, 'too many elements'],
    [
      `SELECT SPLIT(CONCAT(REPEAT('x,', 100000), IF(a > 5, REPEAT('y,', 100000), ''))) FROM ${numbers(10, 'a')}`,
      'too many elements',
    ],
    [
      `SELECT ARRAY_CONCAT(l, l) FROM (SELECT GENERATE_ARRAY(1, 100000 + a) AS l FROM ${numbers(10, 'a')})`,
      'too many elements',
    ],
    [`SELECT TO_JSON_STRING(GENERATE_ARRAY(1, 100000 + a)) FROM ${numbers(10, 'a')}`, 'cannot become a text'],
    [
      "SELECT GENERATE_TIMESTAMP_ARRAY('2000-01-01', '2030-01-01', INTERVAL 1 MICROSECOND)",
      'too many elements',
    ],
    [
      `WITH a AS (SELECT REPEAT('x', 1000000) AS s), b AS (SELECT s || s || s || s || s || s AS s FROM a)
       SELECT CONCAT(s, s, s, s, s, s) FROM b`,
      'CONCAT exceeds',
    ],
  ])('%s', async (sql, message) => {
    const { status, body } = await server.query(sql);
    expect(status).toBe(400);
    expect(body.error.message).toContain(message);
  });

  it('an aggregate needs more memory than there is', async () => {
    const { errorResult } = await ended(await start(`SELECT ARRAY_LENGTH(ARRAY_AGG(a)) FROM ${MANY}`));
    expect(errorResult.reason).toBe('resourcesExceeded');
    expect(await server.rows('SELECT 1')).toEqual([['1']]);
  });
});

describe('large values in many rows', () => {
  const [rows, many] = [numbers(1_000_000, 'a'), '120000 + MOD(a, 1000)'];

  it.each([
    `SELECT SUM(ARRAY_LENGTH(GENERATE_ARRAY(1, ${many}))) FROM ${rows}`,
    `SELECT SUM(ARRAY_LENGTH(ARRAY(SELECT AS STRUCT x, x AS y FROM UNNEST(GENERATE_ARRAY(1, ${many})) x))) FROM ${rows}`,
    `SELECT SUM(LENGTH(CONCAT(r, r, r, r))) FROM (SELECT REPEAT('x', ${many}) r FROM ${rows})`,
    `SELECT SUM(LENGTH(TO_JSON_STRING(GENERATE_ARRAY(1, DIV(${many}, 8))))) FROM ${rows}`,
  ])(
    '%s: ends before the machine is full',
    async (sql) => {
      const jobId = await start(sql);
      const stop = setTimeout(() => server.call('POST', `jobs/${jobId}/cancel`, {}), 5000);
      const { errorResult } = await ended(jobId);
      clearTimeout(stop);
      expect(['stopped', 'resourcesExceeded']).toContain(errorResult.reason);
      expect(server.mostBytes()).toBeLessThan(4e9);
    },
    60_000,
  );
});

describe('functions within functions', () => {
  it.each([
    ['SUBSTR(', ', 1, 9)', "'abcdefghij'", 'abcdefghi'],
    ['', ' / 2', '8', '7.450580596923828e-09'],
    ['CONCAT(', ", '')", "'abc'", 'abc'],
  ])('30 of %s cost no more than 30 of them', async (open, close, value, result) => {
    expect(await server.rows(`SELECT ${open.repeat(30)}${value}${close.repeat(30)}`)).toEqual([[result]]);
  });

  it('what changes with each call is called once', async () => {
    const [[once]] = (await server.rows(
      `SELECT COUNTIF(LENGTH(u) = 36) FROM (SELECT ${'SUBSTR('.repeat(6)}GENERATE_UUID()${', 1)'.repeat(6)} AS u FROM ${numbers(100, 'a')})`,
    )) as [[string]];
    expect(once).toBe('100');
  });
});
