import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { SqlClient } from '@seismo/server/cli/sql-client';
import { SqlPrompt } from '@seismo/server/cli/sql-prompt';
import { sqlOverHttp } from '@seismo/server/cli/sql-transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause, type RunningServer, run, runToEnd, startServer } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-cli-sql-'));
const HEAVY =
  'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 1000000)) AS b WHERE MOD(a * b, 7) = 3';
let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const sql = (...args: readonly string[]) => runToEnd(['sql', '--url', server.url, ...args]);
const rowsOf = async (statement: string) =>
  JSON.parse((await sql('--format', 'json', '-e', statement)).stdout) as Record<string, unknown>[];

/** The one job that runs on the server. */
async function untilOneRuns(): Promise<string> {
  for (;;) {
    const answer = await fetch(`${server.url}/bigquery/v2/projects/seismo/jobs?stateFilter=running`);
    const { jobs } = (await answer.json()) as { jobs: { jobReference: { jobId: string } }[] };
    const job = jobs[0]?.jobReference.jobId;
    if (job !== undefined) return job;
    await pause(20);
  }
}

async function statusOf(job: string) {
  const answer = await fetch(`${server.url}/bigquery/v2/projects/seismo/jobs/${job}`);
  return ((await answer.json()) as { status: object }).status;
}

describe('seismo sql on a running server', () => {
  it('tells NULL, the empty text and the text NULL apart in a table, and keeps a row in its line', async () => {
    const { code, stdout, stderr } = await sql(
      '-e',
      `SELECT 1 AS n, NULL AS nothing, '' AS empty, 'NULL' AS word, 'a\\nb\\x1b[2J' AS text
       UNION ALL SELECT 200, 5, 'x', 'y', 'z' ORDER BY n`,
    );
    expect(stdout.split('\n')).toEqual([
      '  n  nothing  empty  word    text',
      '  1     NULL         "NULL"  a\\nb\\u001b[2J',
      '200        5  x      y       z',
      '',
    ]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^\(2 rows, \d+\.\d\d s\)\n$/),
    });
  });

  it('writes CSV in which NULL is nothing, and JSON that loses nothing', async () => {
    const statement = `SELECT NULL AS a, '' AS b, 'x,"y"' AS c, 9223372036854775807 AS big, 0.1 AS f, TRUE AS t,
      TIMESTAMP '2026-01-02 03:04:05.678901+00' AS moment, DATE '1969-12-31' AS day, NUMERIC '0.30' AS exact,
      [1, 2] AS list, STRUCT('p' AS q, [STRUCT(1 AS r)] AS s) AS pair, IEEE_DIVIDE(1, 0) AS infinite, JSON '{"k":[1]}' AS j`;
    const csv = await sql('--format', 'csv', '-e', statement);
    expect(csv.stdout).toBe(
      'a,b,c,big,f,t,moment,day,exact,list,pair,infinite,j\n' +
        ',"","x,""y""",9223372036854775807,0.1,true,2026-01-02 03:04:05.678901 UTC,1969-12-31,0.3,"[1,2]",' +
        '"{""q"":""p"",""s"":[{""r"":1}]}",Infinity,"{""k"":[1]}"\n',
    );
    expect(await rowsOf(statement)).toEqual([
      {
        ...{ a: null, b: '', c: 'x,"y"', big: '9223372036854775807', f: 0.1, t: true },
        ...{ moment: '2026-01-02T03:04:05.678901Z', day: '1969-12-31', exact: 0.3, list: [1, 2] },
        ...{ pair: { q: 'p', s: [{ r: 1 }] }, infinite: 'Infinity', j: { k: [1] } },
      },
    ]);
    expect(await rowsOf("SELECT TIMESTAMP '1969-12-31 23:59:59.5+00' AS t WHERE FALSE")).toEqual([]);
    expect(await rowsOf("SELECT TIMESTAMP '1969-12-31 23:59:59.5+00' AS t")).toEqual([
      { t: '1969-12-31T23:59:59.500Z' },
    ]);
  });

  it('pages through a long result', async () => {
    const { stdout } = await sql(
      '--format',
      'csv',
      '-e',
      'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25001)) AS n ORDER BY n',
    );
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBe(25_002);
    expect(lines.at(-1)).toBe('25001');
  });

  it('runs a file, shows what each statement did, and keeps what was done before one failed', async () => {
    const file = join(folder, 'script.sql');
    writeFileSync(
      file,
      `-- orders
DECLARE least INT64 DEFAULT 2;
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id INT64, note STRING);
INSERT shop.orders VALUES (1, 'a;b'), (2, NULL), (3, '');
SELECT * FROM shop.orders WHERE id >= least ORDER BY id;
UPDATE shop.orders SET note = 'x' WHERE id = 1;
CREATE SCHEMA IF NOT EXISTS shop;
DROP TABLE IF EXISTS shop.nothing;
SELECT id FROM shop.orders
WHERE missing = 1;`,
    );
    const { code, stdout, stderr } = await sql('-f', file);
    expect(stdout).toBe('id  note\n 2  NULL\n 3\n');
    expect(stderr.split('\n')).toEqual([
      '(Created dataset shop)',
      '(Created table shop.orders)',
      '(3 rows inserted)',
      '(2 rows)',
      '(1 row updated)',
      '(There is a dataset shop already; it stays)',
      '(There is no table shop.nothing to drop)',
      expect.stringMatching(/^error: .*missing.* at \[11:7\]$/),
      '',
    ]);
    expect(code).toBe(2);
    expect(await rowsOf('SELECT note FROM shop.orders WHERE id = 1')).toEqual([{ note: 'x' }]);
  });

  it('shows the first of two statements though the second fails', async () => {
    const { code, stdout, stderr } = await sql('-e', 'SELECT 1 AS one; SELECT 1 / 0');
    expect(stdout).toBe('one\n  1\n');
    expect(stderr).toBe('(1 row)\nerror: division by zero: 1 / 0\n');
    expect(code).toBe(2);
  });

  it.each([
    [['-e', 'SELEC 1'], 2, /^error: Syntax error: .* at \[1:1\]\n$/],
    [['-e', 'SELECT * FROM shop.gone'], 2, /^error: Not found: Table .*shop\.gone.* at \[1:15\]\n$/],
    [['-e', ''], 2, /^error: What -e was given holds no statement\.\n/],
    [['-e', 'SELECT 1', '-f', 'x'], 2, /^error: -e and -f are given/],
    [['-f', join(folder, 'none.sql')], 2, /^error: .*none\.sql cannot be read: there is no such file\.\n$/],
    [['-e', 'SELECT 1', '--data', folder], 2, /^error: --data asks a folder and --url a running server\.\n/],
    [['-e', 'SELECT 1', '--format', 'xml'], 2, /table, csv, json/],
  ])('refuses %j', async (args, exitCode, message) => {
    const { code, stdout, stderr } = await sql(...args);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('says that rows of the training history get no verdict, and why', async () => {
    await sql(
      '-e',
      `CREATE SCHEMA trained;
       CREATE TABLE trained.t AS SELECT TIMESTAMP_SECONDS(1767225600 + 3600 * n) AS moment, 10 + MOD(n, 24) AS v
         FROM UNNEST(GENERATE_ARRAY(0, 200)) AS n;
       CREATE MODEL trained.m OPTIONS(model_type = 'ARIMA_PLUS', time_series_timestamp_col = 'moment',
         time_series_data_col = 'v') AS SELECT moment, v FROM trained.t`,
    );
    const { code, stdout, stderr } = await sql(
      ...['--format', 'csv', '-e'],
      `SELECT is_anomaly, COUNT(*) AS n FROM ML.DETECT_ANOMALIES(MODEL trained.m, STRUCT(0.9 AS anomaly_prob_threshold),
        (SELECT moment, v FROM trained.t)) GROUP BY is_anomaly`,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'is_anomaly,n\n,201\n' });
    expect(stderr).toMatch(/^warning: .*201 .*\n/m);
  });

  it('cancels the query on the server at Ctrl-C, and ends with 130', async () => {
    const command = run(['sql', '--url', server.url, '-e', HEAVY]);
    const job = await untilOneRuns();
    command.process.kill('SIGINT');
    expect((await command.ended).code).toBe(130);
    expect(command.stderr()).toBe('Cancelled.\n');
    expect(await statusOf(job)).toMatchObject({ state: 'DONE', errorResult: { reason: 'stopped' } });
  });
});

describe('seismo sql where keys are asked for', () => {
  it('reads with a key that may read, and changes with one that may write', async () => {
    const keys = { SEISMO_API_KEYS: 'read:reader-0123456789,write:writer-0123456789' };
    const locked = await startServer({ env: keys });
    try {
      const ask = (key: readonly string[], statement: string) =>
        runToEnd(['sql', '--url', locked.url, '--format', 'csv', '-e', statement, ...key]);
      const unknown = await ask([], 'SELECT 1 AS a');
      expect(unknown.code).toBe(7);
      expect(unknown.stderr).toContain('Name the key with --api-key or SEISMO_API_KEY.');
      const reader = ['--api-key', 'reader-0123456789'];
      expect(await ask(reader, 'SELECT 1 AS a')).toMatchObject({ code: 0, stdout: 'a\n1\n' });
      const refused = await ask(reader, 'CREATE SCHEMA mine');
      expect(refused.code).toBe(7);
      expect(refused.stderr).toContain('This key may only read.');
      expect((await ask(['--api-key', 'writer-0123456789'], 'CREATE SCHEMA mine')).code).toBe(0);
    } finally {
      await locked.stop();
    }
  });
});

describe('seismo sql --data', () => {
  it('asks and changes the folder of a stopped server, whose samples are judged at its next start', async () => {
    const data = join(folder, 'data');
    const first = await startServer({ args: ['--data', data] });
    const busy = await runToEnd(['sql', '--data', data, '-e', 'SELECT 1']);
    expect(busy.code).toBe(3);
    expect(busy.stderr).toContain('is in use by');
    await first.stop();
    const ask = (statement: string) => runToEnd(['sql', '--data', data, '--format', 'csv', '-e', statement]);
    const inserted = await ask(
      `INSERT INTO metrics_dataset.samples (time, series, name, value) VALUES (CURRENT_TIMESTAMP(), 'latency', 'latency', 3.5);
       CREATE SCHEMA kept; CREATE TABLE kept.t AS SELECT 7 AS n; SELECT series, value FROM metrics_dataset.samples`,
    );
    expect(inserted).toMatchObject({ code: 0, stdout: 'series,value\nlatency,3.5\n' });
    expect((await ask('SELECT n FROM kept.t')).stdout).toBe('n\n7\n');
    const second = await startServer({ args: ['--data', data] });
    const series = (await (await fetch(`${second.url}/api/series`)).json()) as { series: object[] };
    await second.stop();
    expect(series.series).toEqual([expect.objectContaining({ name: 'latency', state: 'warming_up' })]);
  });

  it('refuses a folder without a database instead of making one', async () => {
    const { code, stderr } = await runToEnd(['sql', '--data', join(folder, 'none'), '-e', 'SELECT 1']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: There is no database in the folder .*none\.\nhint: /);
  });
});

describe('the prompt', () => {
  function open() {
    const input = new PassThrough();
    const screen = new PassThrough();
    let text = '';
    screen.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    const client = new SqlClient(sqlOverHttp({ url: server.url, apiKey: undefined }));
    const prompt = new SqlPrompt({
      client,
      format: 'table',
      input,
      output: screen,
      messages: screen,
      history: ['SELECT 0;'],
    });
    const ended = prompt.toTheEnd();
    return { input, ended, text: () => text };
  }

  it('runs statements of several lines, goes on after an error, and remembers whole statements', async () => {
    const { input, ended, text } = open();
    input.write(
      'SELECT\n  1 AS a,\n  2 AS b\n;\nSELEC;\nDECLARE x INT64 DEFAULT 4;\nSELECT x AS declared;\n',
    );
    await expect.poll(text).toContain('declared\n       4\n');
    expect(text()).toContain('a  b\n1  2\n');
    expect(text()).toContain('SELEC;\n^\nerror: Syntax error');
    input.write('\\q\n');
    expect((await ended).slice(0, 5)).toEqual([
      '\\q',
      'DECLARE x INT64 DEFAULT 4; SELECT x AS declared;',
      'SELEC;',
      'SELECT 1 AS a, 2 AS b ;',
      'SELECT 0;',
    ]);
  });

  it('cancels what runs at Ctrl-C, forgets what was typed at another, and leaves at Ctrl-D', async () => {
    const { input, ended, text } = open();
    input.write(`${HEAVY};\n`);
    const job = await untilOneRuns();
    input.write('\x03');
    await expect.poll(text).toContain('Cancelled.');
    expect(await statusOf(job)).toMatchObject({ errorResult: { reason: 'stopped' } });
    input.write('SELECT nonsense\n');
    input.write('and more\x03');
    input.write('SELECT 5 AS five;\n');
    await expect.poll(text).toContain('five\n   5\n');
    input.write('\x04');
    await ended;
  });
});
