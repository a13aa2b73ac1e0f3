import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Reply, recordingServer } from './support/recording-server.js';
import { pause, run, runToEnd } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-replay-'));
const env = { XDG_CACHE_HOME: join(folder, 'cache') };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function server(replyTo: Parameters<typeof recordingServer>[0] = () => undefined, listing?: Reply) {
  const one = await recordingServer(replyTo, listing);
  closing.push(one.close);
  return one;
}

let files = 0;
function csv(text: string): string {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, text);
  return path;
}

function rows(count: number, firstSecond = 1000): string {
  return Array.from({ length: count }, (_, i) => `${firstSecond + i},${i}\n`).join('');
}

const replay = (file: string, url: string, ...more: string[]) =>
  runToEnd(['replay', file, '--url', url, ...more], env);

describe('seismo replay', () => {
  it('sends the rows in order, as the series named, with labels and key, and sums up', async () => {
    const { url, requests } = await server();
    const file = csv('timestamp,value\n2014-03-07 03:41:00,45.868\n1394163961.25,\n1394163962,47\n');
    const flags = ['--as', 'latency', '--label', 'service=a=b', '--label', 'zone=z', '--api-key', 'k3y'];
    const { code, stdout, stderr } = await replay(file, url, ...flags);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Sent 2 samples in \d+\.\d s: 2 accepted, 0 rejected\.\n$/);
    const labels = { service: 'a=b', zone: 'z' };
    expect(requests.map((request) => request.items)).toEqual([
      [
        { timestamp: 1394163660, latency: 45.868, labels },
        { timestamp: 1394163962, latency: 47, labels },
      ],
    ]);
    expect(requests[0]!.headers['x-api-key']).toBe('k3y');
  });

  it('keeps the names of several columns, behind the name given', async () => {
    const { url, requests } = await server();
    const file = csv('timestamp,cpu,disk\n1,2,3\n');
    await replay(file, url);
    await replay(file, url, '--as', 'ec2');
    expect(requests.map((request) => request.items[0])).toEqual([
      { timestamp: 1, cpu: 2, disk: 3 },
      { timestamp: 1, ec2_cpu: 2, ec2_disk: 3 },
    ]);
  });

  it('moves an old recording so that its newest row is now', async () => {
    const { url, requests } = await server();
    const file = csv('timestamp,v\n100,1\n300.5,2\n200,3\n');
    const before = Math.floor(Date.now() / 1000);
    expect((await replay(file, url, '--shift-to-now')).code).toBe(0);
    const after = Date.now() / 1000;
    const [first, newest, last] = requests[0]!.items.map((item) => item.timestamp as number);
    expect(newest).toBeGreaterThanOrEqual(before);
    expect(newest).toBeLessThanOrEqual(after);
    expect([newest! - first!, newest! - last!]).toEqual([200.5, 100.5]);
  });

  it('paces the rows by their timestamps', async () => {
    const arrivedMs: number[] = [];
    const { url, requests } = await server((request) => {
      for (const _ of request.items) arrivedMs.push(performance.now());
      return undefined;
    });
    const startedMs = performance.now();
    expect((await replay(csv('timestamp,v\n0,1\n20,2\n40,3\n'), url, '--speed', '20')).code).toBe(0);
    // On a busy machine rows that are due together are sent together; none is ever sent before it is due.
    expect(requests.flatMap((request) => request.items.map((item) => item.v))).toEqual([1, 2, 3]);
    for (const [index, atMs] of arrivedMs.entries()) expect(atMs - startedMs).toBeGreaterThan(index * 990);
  });

  it('names the line of each row that was not accepted and ends with 8', async () => {
    const rejected = [{ index: 1, field: 'v', code: 'timestamp_too_old', message: 'It is too old.' }];
    const { url } = await server(() => ({ status: 202, body: { accepted: 1, rejected, rejected_count: 1 } }));
    const { code, stdout, stderr } = await replay(csv('timestamp,v\nsoon,1\n\n10,1\n11,1\n'), url);
    expect(code).toBe(8);
    expect(stderr).toContain('line 2, timestamp: "soon" is not a timestamp');
    expect(stderr).toContain('line 5, v: It is too old.');
    expect(stdout).toContain('1 accepted, 2 rejected');
  });

  it('counts samples, not rows, in the summary', async () => {
    const rejected = [{ index: 0, field: 'v', code: 'value_not_finite', message: 'It is no value.' }];
    const { url } = await server(() => ({ status: 202, body: { accepted: 3, rejected, rejected_count: 1 } }));
    const { code, stdout } = await replay(csv('timestamp,v,w\n1,1,1\n2,2,2\nx,3,3\n'), url);
    expect(code).toBe(8);
    expect(stdout).toMatch(/^Sent 6 samples in .*: 3 accepted, 3 rejected\.\n$/);
  });

  it.each([
    [['--as', 'bad name'], '--as: "bad name" is no series name'],
    [['--label', 'x y=1'], '--label: "x y" is no label name'],
    [['--url', 'http://127.0.0.1:9'], 'Port 9 of http://127.0.0.1:9'],
    [['--api-key', ''], '--api-key is set but empty.'],
  ])('%j is refused at the start', async (more, message) => {
    const { url, requests } = await server();
    const { code, stderr } = await replay(csv('timestamp,v\n1,1\n'), url, ...more);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(requests).toEqual([]);
  });

  it('says of a gzip file that it is one', async () => {
    const { url } = await server();
    const file = join(folder, 'packed.csv.gz');
    writeFileSync(file, gzipSync('timestamp,v\n1,1\n'));
    const { code, stderr } = await replay(file, url);
    expect(code).toBe(2);
    expect(stderr).toContain('looks like a gzip file');
    expect(stderr).toContain('zcat FILE | seismo replay -');
  });

  it('goes on when nothing of a batch was accepted', async () => {
    const rejected = [{ index: 0, code: 'timestamp_too_old', message: 'It is too old.' }];
    const { url } = await server(() => ({ status: 400, body: { error: {}, rejected, rejected_count: 1 } }));
    const { code, stdout } = await replay(csv('timestamp,v\n10,1\n'), url);
    expect(code).toBe(8);
    expect(stdout).toContain('0 accepted, 1 rejected');
  });

  it('tries again while the server is busy, full or away, and says why once', async () => {
    const busy: Reply = { status: 429, body: { error: { code: 'queue_full', message: 'Too much waits.' } } };
    const full: Reply = {
      status: 503,
      body: { error: { code: 'storage_full', message: 'The disk is full.' } },
    };
    const answers: (Reply | undefined)[] = [busy, busy, full, 'close', undefined];
    const { url, requests } = await server((_, index) => answers[index]);
    const { code, stdout, stderr } = await replay(csv(`timestamp,v\n${rows(3)}`), url);
    expect(code).toBe(0);
    expect(requests).toHaveLength(5);
    expect(new Set(requests.map((request) => JSON.stringify(request.items))).size).toBe(1);
    expect(stderr.match(/Too much waits/g)).toHaveLength(1);
    expect(stderr).toContain('Trying again: The disk is full.');
    expect(stdout).toContain('3 accepted');
  });

  it('gives up at once where trying again cannot help', async () => {
    const { url } = await server(() => ({
      status: 401,
      body: { error: { code: 'unauthorized', message: 'A key is needed.' } },
    }));
    const { code, stderr } = await replay(csv('timestamp,v\n1,1\n'), url);
    expect(code).toBe(7);
    expect(stderr).toContain('error: A key is needed.\nhint: Name the key with --api-key or SEISMO_API_KEY.');
  });

  it('says what to do when no server answers', async () => {
    const { url, close } = await recordingServer(() => undefined);
    await close();
    const { code, stderr } = await replay(csv('timestamp,v\n1,1\n'), url);
    expect(code).toBe(4);
    expect(stderr).toContain(`error: No server answers at ${url} (ECONNREFUSED).\nhint: Start one with`);
  });
});

describe('a replay into series that are there already', () => {
  const listed = (series: string, time: number, state: string) => ({ series, last: { time, state } });
  const holding = (...series: object[]) => server(undefined, { status: 200, body: { series } });

  it('says which rows will not be judged, and what gives a fresh series', async () => {
    const { url, asked } = await holding(listed('v{zone="a"}', 1001.5, 'ok'), listed('v', 9e9, 'ok'));
    const file = csv(`timestamp,v\n${rows(3)}`);
    const { code, stderr } = await replay(file, url, '--label', 'zone=a');
    expect(code).toBe(0);
    expect(stderr).toBe(
      'v{zone="a"} has been judged up to 1970-01-01T00:16:41.500Z: rows until then are stored but not judged; ' +
        '--as NAME or --label NAME=VALUE gives a fresh series.\n',
    );
    expect(new URL(asked[0]!, url).searchParams.getAll('series')).toEqual(['v{zone="a"}']);
    expect((await replay(file, url, '--label', 'zone=a', '--quiet')).stderr).toBe('');
  });

  it('counts several, and names the newest', async () => {
    const { url } = await holding(listed('a', 2000, 'ok'), listed('b', 3000, 'anomalous'));
    const { stderr } = await replay(csv('timestamp,a,b\n1,2,3\n'), url);
    expect(stderr).toMatch(
      /^b and 1 more of these series have been judged up to 1970-01-01T00:50:00\.000Z: /,
    );
  });

  it('says nothing where every row is judged: a series that learns, gave up its state, or ends before', async () => {
    const { url } = await holding(
      listed('a', 2000, 'warming_up'),
      listed('b', 2000, 'unknown'),
      listed('c', 999.9, 'ok'),
      { series: 'd', last: null },
    );
    const { code, stderr } = await replay(csv('timestamp,a,b,c,d\n1000,1,1,1,1\n'), url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('an interrupted replay', () => {
  it.each(['SIGINT', 'SIGKILL'] as const)(
    'ended by %s goes on after the last acknowledged row',
    async (signal) => {
      const { url, requests } = await server();
      const file = csv(`timestamp,v\n${rows(200)}`);
      const paced = run(['replay', file, '--url', url, '--speed', '5', '--shift-to-now'], env);
      while (requests.length < 5) await pause(10);
      await pause(10);
      paced.process.kill(signal);
      const ended = await paced.ended;
      if (signal === 'SIGINT') {
        expect(ended.code).toBe(130);
        expect(paced.stderr()).toMatch(/Interrupted after line \d+; the same command goes on from there\./);
      }
      const again = await replay(file, url, '--shift-to-now');
      expect(again.code).toBe(0);
      expect(again.stderr).toMatch(/^Going on after line \d+/);
      const times = requests.flatMap((request) => request.items.map((item) => item.timestamp as number));
      // One batch may be sent twice: the connection can end between the answer and the note of it.
      expect(new Set(times).size).toBe(200);
      const largest = Math.max(...requests.map((request) => request.items.length));
      expect(times.length).toBeLessThanOrEqual(200 + largest);
      expect(Math.max(...times) - Math.min(...times)).toBe(199);
      // Through is through: the next one begins anew.
      expect((await replay(file, url, '--shift-to-now')).stderr).toBe('');
    },
  );

  it('begins anew with --restart, and for another file under the same name', async () => {
    let broken = true;
    const { url, requests } = await server((_, index) =>
      broken && index > 0 ? { status: 401, body: {} } : undefined,
    );
    const file = csv(`timestamp,v\n${rows(6000)}`);
    expect((await replay(file, url)).code).toBe(7);
    broken = false;
    requests.length = 0;
    expect((await replay(file, url, '--restart')).stdout).toContain('Sent 6,000 samples');
    broken = true;
    requests.length = 0;
    expect((await replay(file, url)).code).toBe(7);
    broken = false;
    utimesSync(file, 1, 1);
    expect((await replay(file, url)).stdout).toContain('Sent 6,000 samples');
  });
});

describe('seismo replay refuses', () => {
  it.each([
    [['--speed', '0'], '--speed must be a number above 0'],
    [['--speed', 'fast'], '--speed must be'],
    [['--label', 'novalue'], '--label must be name=value'],
    [['--url', 'ftp://x'], '--url must be an address'],
    [['--sped', '1'], "Unknown option '--sped'.\nhint: Did you mean --speed?"],
  ])('%j', async (flags, words) => {
    const { code, stderr } = await runToEnd(['replay', csv('timestamp,v\n1,1\n'), ...flags], env);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  it('a file that is not there, and standard input with --shift-to-now', async () => {
    const missing = await runToEnd(['replay', join(folder, 'none.csv')], env);
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain('There is no file');
    const input = await runToEnd(['replay', '-', '--shift-to-now'], env);
    expect(input).toMatchObject({ code: 2 });
    expect(input.stderr).toContain('--shift-to-now needs a file');
  });
});
