import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../blackbox/support/start-server.js';
import { type Answer, PROJECT, SqlServer } from './support/sql-server.js';

const LONG =
  'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 1000000)) AS b WHERE MOD(a * b, 7) = 3';

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
});
afterAll(() => server.stop());

describe('a job', () => {
  const insert = (query: string, more: object = {}) =>
    server.call('POST', 'jobs', { configuration: { query: { query, useLegacySql: false }, ...more } });

  it('has the id that its client gave it, once', async () => {
    const body = {
      jobReference: { projectId: PROJECT, jobId: 'mine' },
      configuration: { query: { query: 'SELECT 1 AS x' }, labels: { a: 'b' } },
    };
    expect(await server.call('POST', 'jobs', body)).toMatchObject({
      status: 200,
      body: { jobReference: { jobId: 'mine' }, configuration: { labels: { a: 'b' } } },
    });
    expect(await server.call('POST', 'jobs', body)).toMatchObject({
      status: 409,
      body: { error: { message: 'Already Exists: Job test:US.mine', errors: [{ reason: 'duplicate' }] } },
    });
    const odd = { ...body, jobReference: { jobId: 'a b' } };
    expect((await server.call('POST', 'jobs', odd)).status).toBe(400);
  });

  it('that fails is an error for whoever asks for its rows, and says why itself', async () => {
    const { body } = await insert('SELECT 1 / 0');
    const results = await server.results(body.jobReference.jobId);
    expect(results).toMatchObject({
      status: 400,
      body: {
        error: {
          message: 'division by zero: 1 / 0',
          errors: [{ reason: 'invalidQuery', location: 'query' }],
        },
      },
    });
    const job = await server.call('GET', `jobs/${body.jobReference.jobId}`);
    expect(job.body.status).toEqual({
      state: 'DONE',
      errorResult: { reason: 'invalidQuery', location: 'query', message: 'division by zero: 1 / 0' },
      errors: [{ reason: 'invalidQuery', location: 'query', message: 'division by zero: 1 / 0' }],
    });
  });

  it('that takes long is answered without rows, goes on, and ends when it is cancelled', async () => {
    const first = await server.query(LONG, { timeoutMs: 50 });
    expect(first.body).toMatchObject({ jobComplete: false });
    expect(first.body).not.toHaveProperty('rows');
    const { jobId } = first.body.jobReference;
    expect((await server.call('GET', `queries/${jobId}?timeoutMs=50`)).body.jobComplete).toBe(false);
    const running = await server.call('GET', 'jobs?stateFilter=running');
    expect(
      running.body.jobs.map((one: { jobReference: { jobId: string } }) => one.jobReference.jobId),
    ).toContain(jobId);
    // Others do not wait for it.
    expect(await server.rows('SELECT 1')).toEqual([['1']]);
    expect((await server.call('POST', `jobs/${jobId}/cancel`)).body.kind).toBe('bigquery#jobCancelResponse');
    const results = await server.results(jobId);
    expect(results.body.error).toMatchObject({ errors: [{ reason: 'stopped' }] });
    expect((await server.call('DELETE', `jobs/${jobId}/delete`)).status).toBe(204);
    expect((await server.call('GET', `jobs/${jobId}`)).status).toBe(404);
  });

  it('keeps every row in its order, whatever stands in it and whatever a column is called', async () => {
    const { body } = await server.query(
      "SELECT x AS rowid, IF(MOD(x, 7) = 0, NULL, CONCAT('\"', x, '\\n\\\\é')) AS text, [x] AS list FROM UNNEST(GENERATE_ARRAY(2600, 1, -1)) AS x ORDER BY x DESC",
      { maxResults: 0 },
    );
    const found: unknown[] = [];
    for (let from = 0; from < 2600; from += 650) {
      const page = await server.call(
        'GET',
        `queries/${body.jobReference.jobId}?startIndex=${from}&maxResults=650`,
      );
      found.push(...page.body.rows.map(({ f }: { f: { v: unknown }[] }) => f.map(({ v }) => v)));
    }
    const expected = Array.from({ length: 2600 }, (_, i) => {
      const x = 2600 - i;
      return [`${x}`, x % 7 === 0 ? null : `"${x}\n\\é`, [{ v: `${x}` }]];
    });
    expect(found).toEqual(expected);
  });

  it('ends when it is cancelled at once, before it has a connection or while a condition is worked out', async () => {
    const endless = [LONG, `IF (${LONG.replace('COUNT(*)', 'COUNT(*) > 0')}) THEN SELECT 1; END IF`];
    const jobs = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { body } = await insert(endless[index % 2]!);
        const { jobId } = body.jobReference;
        await server.call('POST', `jobs/${jobId}/cancel`);
        await server.results(`${jobId}?maxResults=0`);
        return (await server.call('GET', `jobs/${jobId}`)).body.status;
      }),
    );
    for (const status of jobs) {
      expect(status).toMatchObject({ state: 'DONE', errorResult: { reason: 'stopped' } });
    }
  });

  it('that takes longer than it may is ended', async () => {
    const { body } = await insert(LONG, { jobTimeoutMs: '200' });
    const results = await server.results(body.jobReference.jobId);
    expect(results.body.error.message).toBe('Job execution was cancelled: Job timed out');
  });

  it('of a dry run only checks', async () => {
    const checked = await insert('CREATE SCHEMA never', { dryRun: true });
    expect(checked.body.statistics.query).toMatchObject({ statementType: 'CREATE_SCHEMA' });
    expect(checked.body.jobReference).not.toHaveProperty('jobId');
    expect((await server.call('GET', 'datasets/never')).status).toBe(404);
    const columns = await server.query('SELECT 1 AS a, "b" AS b', { dryRun: true });
    expect(
      columns.body.schema.fields.map(({ name, type }: { name: string; type: string }) => [name, type]),
    ).toEqual([
      ['a', 'INTEGER'],
      ['b', 'STRING'],
    ]);
    expect(await server.query('SELECT nothing', { dryRun: true })).toMatchObject({ status: 400 });
  });

  it('is one for a request that is sent twice', async () => {
    await server.query('CREATE SCHEMA twice; CREATE TABLE twice.t (x INT64)');
    const send = () => server.query('INSERT INTO twice.t VALUES (1)', { requestId: 'the same' });
    const [first, second] = [await send(), await send()];
    expect(second.body.jobReference).toEqual(first.body.jobReference);
    expect(await server.rows('SELECT COUNT(*) FROM twice.t')).toEqual([['1']]);
  });

  it('gives its rows page by page, in order', async () => {
    const { body } = await server.query(
      'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 3000)) AS n ORDER BY n DESC',
      { maxResults: 700 },
    );
    const found: number[] = [];
    let page = body;
    for (;;) {
      expect(page.totalRows).toBe('3000');
      found.push(...page.rows.map(({ f }: { f: { v: string }[] }) => Number(f[0]!.v)));
      if (page.pageToken === undefined) break;
      page = (
        await server.call(
          'GET',
          `queries/${body.jobReference.jobId}?maxResults=700&pageToken=${page.pageToken}`,
        )
      ).body;
    }
    expect(found).toEqual([...Array(3000).keys()].map((i) => 3000 - i));
    expect((await server.call('GET', `queries/${body.jobReference.jobId}?pageToken=odd`)).status).toBe(400);
  });

  it('gives cells of megabytes, of a query and of a table', async () => {
    const megabytes = Array.from({ length: 9 }, () => "REPEAT('x', 1000000)").join(', ');
    await server.query(
      `CREATE SCHEMA large; CREATE TABLE large.t AS SELECT CONCAT(${megabytes}) AS s, n FROM UNNEST([1, 2, 3]) AS n`,
    );
    const [first] = await server.rows('SELECT s FROM large.t');
    expect(String(first![0]).length).toBe(9_000_000);
    const found: string[] = [];
    for (let token = ''; ; ) {
      const { body } = await server.call('GET', `datasets/large/tables/t/data${token}`);
      found.push(...body.rows.map(({ f }: { f: { v: string }[] }) => f[0]!.v));
      if (body.pageToken === undefined) break;
      token = `?pageToken=${body.pageToken}`;
    }
    expect(found.map((one) => one.length)).toEqual([9_000_000, 9_000_000, 9_000_000]);
  }, 60_000);

  it('gives them beside arrays and structs, and within them', async () => {
    const megabytes = Array.from({ length: 9 }, () => "REPEAT('x', 1000000)").join(', ');
    const { body } = await server.query(
      `SELECT CONCAT(${megabytes}) AS s, [STRUCT(1 AS i, [DATE '2026-01-02'] AS d), (NULL, NULL)] AS a, STRUCT(CONCAT(${megabytes}) AS s, NULL AS n) AS r`,
    );
    const [{ f }] = body.rows;
    expect(f[0].v.length).toBe(9_000_000);
    expect(f[1].v).toEqual([
      { v: { f: [{ v: '1' }, { v: [{ v: '2026-01-02' }] }] } },
      { v: { f: [{ v: null }, { v: [] }] } },
    ]);
    expect(f[2].v.f[0].v.length).toBe(9_000_000);
    expect(f[2].v.f[1]).toEqual({ v: null });
  }, 60_000);

  it('refuses what it cannot do by name', async () => {
    const message = async (configuration: object) =>
      (await server.call('POST', 'jobs', { configuration })).body.error.message as string;
    expect(await message({ query: { query: 'SELECT 1', useLegacySql: true } })).toContain(
      'Legacy SQL is not supported',
    );
    expect(await message({ extract: {} })).toContain('Extract jobs are not supported here');
    expect(await message({ load: { sourceUris: ['gs://a/b.csv'] } })).toContain('load a local file');
    expect(await message({})).toContain('Required parameter is missing');
    expect(await message({ query: { query: ' ' } })).toContain('Required parameter is missing: query');
  });
});

describe('a list of jobs', () => {
  it('goes on where a page ended, also when jobs have come meanwhile', async () => {
    for (const jobId of ['listed_1', 'listed_2', 'listed_3']) {
      await server.call('POST', 'jobs', {
        jobReference: { jobId },
        configuration: { query: { query: 'SELECT 1' } },
      });
    }
    const ids = ({ body }: Answer) =>
      body.jobs.map((one: { jobReference: { jobId: string } }) => one.jobReference.jobId);
    const first = await server.call('GET', 'jobs?maxResults=2');
    expect(ids(first)).toEqual(['listed_3', 'listed_2']);
    await server.query('SELECT 2');
    const next = `jobs?maxResults=1&pageToken=${first.body.nextPageToken}`;
    expect(ids(await server.call('GET', next))).toEqual(['listed_1']);
    expect((await server.call('GET', 'jobs?pageToken=odd')).status).toBe(400);
    expect((await server.call('GET', 'jobs?stateFilter=odd')).status).toBe(400);
  });
});

describe('a file that comes piece by piece', () => {
  const text = Buffer.from(`id,name\n${Array.from({ length: 100 }, (_, i) => `${i},n${i}`).join('\n')}\n`);
  const total = text.length;
  const begin = async () => {
    const load = {
      destinationTable: { datasetId: 'pieces', tableId: 't' },
      schema: {
        fields: [
          { name: 'id', type: 'INTEGER' },
          { name: 'name', type: 'STRING' },
        ],
      },
      skipLeadingRows: 1,
      writeDisposition: 'WRITE_TRUNCATE',
    };
    const answer = await fetch(
      `${server.url}/resumable/upload/bigquery/v2/projects/test/jobs?uploadType=resumable`,
      { method: 'POST', body: JSON.stringify({ configuration: { load } }) },
    );
    return answer.headers.get('location')!;
  };
  const put = async (to: string, range: string, body?: Buffer) => {
    const answer = await fetch(to, {
      method: 'PUT',
      headers: { 'content-range': `bytes ${range}` },
      ...(body === undefined ? {} : { body }),
    });
    const said = await answer.text();
    return {
      status: answer.status,
      range: answer.headers.get('range'),
      body: said === '' ? undefined : JSON.parse(said),
    };
  };
  beforeAll(() => server.query('CREATE SCHEMA pieces'));

  it('is loaded when it is whole, and says so again', async () => {
    const to = await begin();
    expect(await put(to, `*/${total}`)).toMatchObject({ status: 308, range: null });
    const first = await put(to, '0-99/*', text.subarray(0, 100));
    expect(first).toMatchObject({ status: 308, range: 'bytes=0-99' });
    const last = await put(to, `100-${total - 1}/${total}`, text.subarray(100));
    expect(last).toMatchObject({ status: 200, body: { kind: 'bigquery#job' } });
    // The answer was lost.
    const again = await put(to, `*/${total}`);
    expect(again.body.jobReference).toEqual(last.body.jobReference);
    await server.results(last.body.jobReference.jobId);
    expect(await server.rows('SELECT COUNT(*), SUM(id) FROM pieces.t')).toEqual([['100', '4950']]);
  });

  it('goes on after what came of a piece whose connection broke', async () => {
    const to = new URL(await begin());
    const socket = connect(Number(to.port), to.hostname);
    socket.write(
      `PUT ${to.pathname}${to.search} HTTP/1.1\r\nHost: ${to.host}\r\nContent-Length: ${total}\r\nContent-Range: bytes 0-${total - 1}/${total}\r\n\r\n`,
    );
    socket.write(text.subarray(0, 150));
    const file = `${to.searchParams.get('upload_id')}.upload`;
    await expect.poll(() => statSync(join(server.dataFolder, 'sql-jobs', file)).size).toBe(150);
    // Whoever asks is not kept waiting by a connection that hangs.
    const closed = once(socket, 'close');
    expect((await put(to.href, `*/${total}`)).range).toBe('bytes=0-149');
    await closed;
    const last = await put(to.href, `150-${total - 1}/${total}`, text.subarray(150));
    await server.results(last.body.jobReference.jobId);
    expect(await server.rows('SELECT COUNT(*), SUM(id) FROM pieces.t')).toEqual([['100', '4950']]);
  });

  it('is refused where a piece is not what it says', async () => {
    const to = await begin();
    for (const [range, body] of [
      ['0-99/200', text.subarray(0, 50)],
      ['0-99/50', text.subarray(0, 100)],
      ['99-0/200', text.subarray(0, 100)],
      ['100-199/200', text.subarray(0, 100)],
      ['a-b/c', text.subarray(0, 100)],
    ] as const) {
      expect([range, await put(to, range, body)]).toMatchObject([
        range,
        { status: 400, body: { error: { errors: [{ reason: 'invalid', location: 'Content-Range' }] } } },
      ]);
    }
    expect(await put(to, '*/200')).toMatchObject({ status: 308, range: null });
    expect((await put(`${to}x`, '*/200')).status).toBe(404);
  });
});

describe('a statement that changes rows', () => {
  it('tells how many it inserted, updated and deleted', async () => {
    await server.query('CREATE SCHEMA changed; CREATE TABLE changed.t (id INT64, v INT64)');
    const run = async (sql: string) => {
      const { body } = await server.query(sql);
      const { jobId } = body.jobReference;
      const job = await server.call('GET', `jobs/${jobId}`);
      expect(job.body.statistics.query.dmlStats).toEqual(body.dmlStats);
      expect(job.body.statistics.query.numDmlAffectedRows).toBe(body.numDmlAffectedRows);
      return { ...body.dmlStats, affected: body.numDmlAffectedRows };
    };
    expect(await run('INSERT INTO changed.t VALUES (1, 1), (2, 2), (3, 3)')).toEqual({
      insertedRowCount: '3',
      affected: '3',
    });
    const merge = (rows: string) =>
      run(`MERGE changed.t AS t USING UNNEST([${rows}]) AS i ON t.id = i WHEN MATCHED THEN UPDATE SET v = v * 10
        WHEN NOT MATCHED THEN INSERT (id, v) VALUES (i, i) WHEN NOT MATCHED BY SOURCE AND t.id = 3 THEN DELETE`);
    const counts = (inserted: string, updated: string, deleted: string, affected: string) => ({
      insertedRowCount: inserted,
      updatedRowCount: updated,
      deletedRowCount: deleted,
      affected,
    });
    expect(await merge('1, 2, 4, 5, 6')).toEqual(counts('3', '2', '1', '6'));
    expect(await merge('1')).toEqual(counts('0', '1', '0', '1'));
    expect(await run('UPDATE changed.t SET v = 0 WHERE id > 4')).toEqual({
      updatedRowCount: '2',
      affected: '2',
    });
    expect(await run('DELETE FROM changed.t WHERE id = 1')).toEqual({ deletedRowCount: '1', affected: '1' });
    expect(await run('TRUNCATE TABLE changed.t')).toEqual({ deletedRowCount: '4', affected: '4' });
  });

  it('is counted as a whole where a column is called like what tells its changes apart', async () => {
    await server.query(
      'CREATE TABLE changed.named (merge_action INT64); INSERT INTO changed.named VALUES (1)',
    );
    const { body } = await server.query(
      'MERGE changed.named USING UNNEST([1, 2]) AS i ON merge_action = i WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (i)',
    );
    expect(body.numDmlAffectedRows).toBe('2');
    expect(body.dmlStats).toBeUndefined();
  });
});

describe('rows of metrics_dataset.samples', () => {
  it('are ingested as all others, by INSERT, by insertAll and by a load', async () => {
    const now = Math.floor(Date.now() / 1000);
    const inserted = await server.query(
      `INSERT INTO metrics_dataset.samples (time, series, name, labels, value)
        VALUES (TIMESTAMP_SECONDS(${now}), 'latency', 'latency', NULL, 10.5),
          (TIMESTAMP_SECONDS(${now}), 'queue{zone="a"}', 'queue', JSON '{"zone":"a"}', 3)`,
    );
    expect(inserted.body).toMatchObject({ numDmlAffectedRows: '2' });
    const streamed = await server.call('POST', 'datasets/metrics_dataset/tables/samples/insertAll', {
      rows: [
        { json: { time: now - 60, series: 'latency', name: 'latency', value: 11 } },
        { json: { time: now + 86_400, series: 'latency', name: 'latency', value: 12 } },
      ],
    });
    expect(streamed.body.insertErrors).toMatchObject([{ index: 1, errors: [{ reason: 'invalid' }] }]);
    const boundary = 'part';
    const description = {
      configuration: {
        load: {
          destinationTable: { datasetId: 'metrics_dataset', tableId: 'samples' },
          sourceFormat: 'NEWLINE_DELIMITED_JSON',
        },
      },
    };
    const loaded = await fetch(`${server.url}/upload/bigquery/v2/projects/test/jobs?uploadType=multipart`, {
      method: 'POST',
      headers: { 'content-type': `multipart/related; boundary=${boundary}` },
      body: `--${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(description)}\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n{"time": ${now - 120}, "series": "latency", "name": "latency", "value": 12}\n\r\n--${boundary}--\r\n`,
    });
    const { jobReference } = (await loaded.json()) as { jobReference: { jobId: string } };
    await expect
      .poll(async () => (await server.call('GET', `jobs/${jobReference.jobId}`)).body.status)
      .toEqual({ state: 'DONE' });
    expect(await server.rows('SELECT latency FROM metrics_dataset.metrics_table ORDER BY timestamp')).toEqual(
      [['12.0'], ['11.0'], ['10.5']],
    );
    const series = (await (await fetch(`${server.url}/api/series`)).json()) as {
      series: { series: string; last_value: number }[];
    };
    expect(series.series.map((one) => one.series).sort()).toEqual(['latency', 'queue{zone="a"}']);
  });

  it('that were refused are taken when they are sent again, mended, by the same insertId', async () => {
    const send = (time: number) =>
      server.call('POST', 'datasets/metrics_dataset/tables/samples/insertAll', {
        rows: [{ insertId: 's', json: { time, series: 'sent_again', name: 'sent_again', value: 1 } }],
      });
    const now = Math.floor(Date.now() / 1000);
    expect((await send(now + 86_400)).body.insertErrors).toMatchObject([{ errors: [{ location: 'time' }] }]);
    expect((await send(now)).body).not.toHaveProperty('insertErrors');
    expect(
      await server.rows("SELECT value FROM metrics_dataset.samples WHERE series = 'sent_again'"),
    ).toEqual([['1.0']]);
  });

  it('cannot be inserted into the view over them', async () => {
    const { body } = await server.query('INSERT INTO metrics_dataset.metrics_table VALUES (1, 2, 3)');
    expect(body.error.message).toContain(
      'metrics_dataset.metrics_table is not allowed for this operation because it is currently a VIEW. Insert samples into metrics_dataset.samples instead.',
    );
    const streamed = await server.call('POST', 'datasets/metrics_dataset/tables/metrics_table/insertAll', {
      rows: [{ json: {} }],
    });
    expect(streamed.body.error.message).toContain('Insert samples into metrics_dataset.samples');
  });
});

describe('keys', () => {
  it('are the token of a client; one that may only read may only read', async () => {
    const keyed = await startServer({
      args: ['--api-key', 'write:0123456789abcdef', '--api-key', 'read:fedcba9876543210'],
    });
    try {
      const call = async (key: string | undefined, method: string, path: string, body?: object) => {
        const answer = await fetch(`${keyed.url}/bigquery/v2/projects/test/${path}`, {
          method,
          headers: {
            'content-type': 'application/json',
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return {
          status: answer.status,
          body: (await answer.json()) as { error?: { errors: { reason: string }[] } },
        };
      };
      const query = (key: string | undefined, sql: string) => call(key, 'POST', 'queries', { query: sql });
      const [write, read] = ['0123456789abcdef', 'fedcba9876543210'];
      expect(await query(undefined, 'SELECT 1')).toMatchObject({
        status: 401,
        body: { error: { errors: [{ reason: 'authError' }] } },
      });
      expect((await query('wrong', 'SELECT 1')).status).toBe(401);
      expect((await query(read, 'SELECT 1')).status).toBe(200);
      expect(await query(read, 'CREATE SCHEMA d')).toMatchObject({
        status: 403,
        body: { error: { errors: [{ reason: 'accessDenied' }] } },
      });
      expect((await call(read, 'POST', 'datasets', { datasetReference: { datasetId: 'd' } })).status).toBe(
        403,
      );
      expect((await query(write, 'CREATE SCHEMA d')).status).toBe(200);
      expect((await call(read, 'GET', 'datasets/d')).status).toBe(200);
      expect((await fetch(`${keyed.url}/$discovery/rest?version=v2`)).status).toBe(200);
    } finally {
      await keyed.stop();
    }
  });
});
