import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { pause, REPOSITORY, type RunningServer, runToEnd, startServer } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-serve-'));
const running: RunningServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(options: Parameters<typeof startServer>[0] = {}): Promise<RunningServer> {
  const server = await startServer(options);
  running.push(server);
  return server;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

function send(url: string, items: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(items),
  });
}

describe('seismo serve', () => {
  it('prints version, address, folder, one thing to try and the seconds it took, and nothing else', async () => {
    const server = await start();
    const lines = server.stdout().split('\n');
    expect(lines[0]).toMatch(/^Seismo \d+\.\d+\.\d+$/);
    expect(lines[1]).toBe(`  address  ${server.url}`);
    expect(lines[2]).toBe(`  data     ${server.dataFolder}`);
    expect(lines[3]).toContain(
      `  try      curl ${server.url}/metrics -H 'Content-Type: application/json' -d `,
    );
    expect(lines[4]).toMatch(/^ {2}ready in \d+\.\d\d s$/);
    expect(lines.slice(5)).toEqual(['']);
    expect(server.stderr()).toBe('');
    expect(server.stdout()).not.toContain('\x1b');
  });

  it('shows a line to try that works as it is', async () => {
    const server = await start();
    const line = /try {6}(curl .*)/.exec(server.stdout())?.[1] ?? '';
    const shell = spawn('sh', ['-c', line.replace('curl ', 'curl -s ')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let answer = '';
    shell.stdout.on('data', (chunk) => {
      answer += chunk;
    });
    await once(shell, 'close');
    expect(JSON.parse(answer)).toEqual({ accepted: 2 });
  });

  it('prints nothing with --quiet until something is wrong', async () => {
    const port = await freePort();
    const server = startServer({
      args: ['--quiet', '--port', String(port)],
      url: `http://127.0.0.1:${port}`,
    });
    running.push(await server);
    const { stdout, stderr } = await server;
    expect(stdout() + stderr()).toBe('');
  });

  it('logs one JSON object a line with --log json, from start to stop', async () => {
    const server = await start({ args: ['--log', 'json'] });
    await server.stop();
    const records = server
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records[0]).toMatchObject({ level: 'info', msg: 'Seismo is ready.', url: server.url });
    expect(records.map((record) => record.msg)).toContain('Stopping: finishing what runs.');
    for (const record of records) expect(Date.parse(record.time as string)).toBeGreaterThan(0);
    expect(server.stderr()).toBe('');
  });

  it('reads its settings from the environment', async () => {
    const env = { SEISMO_DATA: join(folder, 'by-env'), SEISMO_API_KEYS: 'write:0123456789,read:9876543210' };
    const server = await start({ args: ['--data', env.SEISMO_DATA], env });
    expect((await send(server.url, { timestamp: nowSeconds(), a: 1 })).status).toBe(401);
    const readKey = await send(server.url, { timestamp: nowSeconds(), a: 1 }, { 'x-api-key': '9876543210' });
    expect(readKey.status).toBe(403);
    const writeKey = await send(server.url, { timestamp: nowSeconds(), a: 1 }, { 'x-api-key': '0123456789' });
    expect(writeKey.status).toBe(202);
    expect(server.stdout() + server.stderr()).not.toMatch(/0123456789|9876543210/);
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends with 0, after what was sent is stored', async (signal) => {
    const data = join(folder, `by-${signal}`);
    const first = await start({ args: ['--data', data] });
    const begin = nowSeconds() - 10_000;
    let acknowledged = 0;
    let next = 0;
    const client = async () => {
      for (;;) {
        const answer = await send(first.url, { timestamp: begin + next++, drained: 1 }).catch(
          () => undefined,
        );
        if (answer === undefined || answer.status === 503) return;
        if (answer.status === 202) acknowledged++;
        await answer.arrayBuffer();
      }
    };
    const clients = Array.from({ length: 8 }, client);
    while (acknowledged < 100) await pause(5);
    expect(await first.stop(signal)).toEqual({ code: 0, signal: null });
    await Promise.all(clients);
    const second = await start({ args: ['--data', data] });
    const answer = await fetch(`${second.url}/api/samples?series=drained&from=${begin}&points=20000`);
    const { total } = (await answer.json()) as { total: number };
    expect(total).toBeGreaterThanOrEqual(acknowledged);
  });

  it('that comes at once by another way too, as under npm, is one', async () => {
    const server = await start();
    const ended = once(server.process, 'exit');
    server.process.kill('SIGINT');
    server.process.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(server.stderr()).toContain('Stopped; every acknowledged sample is stored.');
  });

  it('ends a server with open live streams and idle connections, and keeps what it acknowledged', async () => {
    const data = join(folder, 'with-readers');
    const server = await start({ args: ['--data', data] });
    const time = nowSeconds();
    expect((await send(server.url, { timestamp: time, kept: 1 })).status).toBe(202);
    const live = await fetch(`${server.url}/api/live`);
    const reader = live.body!.getReader();
    await reader.read();
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
    await once(idle, 'connect');
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    idle.destroy();
    await reader.cancel().catch(() => {});
    const again = await start({ args: ['--data', data] });
    const answer = await fetch(`${again.url}/api/samples?series=kept&from=${time}&to=${time}`);
    expect(await answer.json()).toMatchObject({ total: 1, value: [1] });
  });

  // npx passes no signal on: what it leaves behind it ends by itself.
  it.each([
    ['npm start', 'npm', ['start', '--silent'], [0, null]],
    ['npx', 'npx', ['--offline', 'seismo', 'serve'], expect.any(Array)],
  ])('reaches the server under `%s`', async (name, command, args, ending) => {
    const env = {
      ...process.env,
      PORT: String(await freePort()),
      SEISMO_DATA: join(folder, `data of ${name}`),
      SEISMO_NO_HOST_METRICS: '1',
      npm_config_cache: join(folder, 'cache'),
    };
    const npm = spawn(command, args, {
      cwd: builtCopy(join(folder, `copy for ${name}`)),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    const ended = once(npm, 'close');
    while (!output.includes('ready in')) {
      expect(npm.exitCode, output).toBeNull();
      await pause(50);
    }
    npm.kill('SIGTERM');
    // With the last of those who write to its output, so with the server itself.
    expect(await ended).toEqual(ending);
    expect(output).toContain('Stopped; every acknowledged sample is stored.');
  });
});

describe('seismo serve refuses', () => {
  it('a port in use, makes no folder, and leaves the other one alone', async () => {
    const first = await start();
    const { port } = new URL(first.url);
    const data = join(folder, 'port');
    const { code, stderr } = await runToEnd(['serve', '--port', port, '--data', data]);
    expect(code).toBe(6);
    expect(existsSync(data)).toBe(false);
    expect(stderr).toMatch(
      new RegExp(`^error: Port ${port} on 127.0.0.1 is already in use.\nhint: .*--port`),
    );
    expect((await fetch(`${first.url}/health`)).status).toBe(200);
  });

  it('a data folder in use by another process, which it names', async () => {
    const first = await start();
    const { code, stderr } = await runToEnd(['serve', '--port', '0', '--data', first.dataFolder]);
    expect(code).toBe(3);
    expect(stderr).toContain(`is in use by the process ${first.process.pid}.\nhint: Stop that process`);
  });

  it('a data folder that is a file', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, stderr } = await runToEnd(['serve', '--port', '0', '--data', file]);
    expect(code).toBe(3);
    expect(stderr).toContain(`error: The data folder ${file} cannot be used`);
  });

  it('a data folder in a place where none can be made', async () => {
    // Nobody, not even root, can make a folder here; Node 20's own recursive mkdir does not come back.
    const { code, stderr } = await runToEnd(['serve', '--port', '0', '--data', '/proc/seismo/data']);
    expect(code).toBe(3);
    expect(stderr).toContain('error: The data folder /proc/seismo/data cannot be used');
  });

  it.each([
    [['--api-key', ''], {}, '--api-key'],
    [[], { SEISMO_API_KEYS: '' }, 'SEISMO_API_KEYS'],
  ])('an empty key instead of running without one: %j %j', async (flags, env, named) => {
    const data = join(folder, 'empty-key');
    const { code, stderr } = await runToEnd(['serve', '--port', '0', '--data', data, ...flags], env);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^error: ${named} is set but empty: no key can be read from it.\nhint: .*leave it out`),
    );
    expect(existsSync(data)).toBe(false);
  });

  it.each([
    ['Europe/Berln', 'Did you mean Europe/Berlin?'],
    ['berlin', 'Did you mean Europe/Berlin?'],
    ['+02:00', 'Name the place, not the offset: it changes with summer time.'],
  ])('the time zone %s, with what may be meant', async (zone, hint) => {
    const { code, stderr } = await runToEnd(['serve', '--port', '0', '--time-zone', zone]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: --time-zone must be a time zone of the IANA list, for example Europe/Berlin, not "${zone}".\nhint: ${hint}\n`,
    );
  });

  it('an address of another machine', async () => {
    const flags = ['--host', '192.0.2.1', '--insecure', '--data', join(folder, 'address')];
    const { code, stderr } = await runToEnd(['serve', '--port', '0', ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain('192.0.2.1 is no address of this machine.\nhint: ');
  });

  it('a public address without a key, unless told otherwise', async () => {
    const { code, stderr } = await runToEnd(['serve', '--host', '0.0.0.0', '--data', join(folder, 'public')]);
    expect(code).toBe(2);
    expect(stderr).toContain('without a key would let anybody read and write');
    expect(stderr).toContain('SEISMO_API_KEYS');
    const open = await start({ args: ['--host', '0.0.0.0', '--insecure'] });
    expect((await fetch(open.url.replace('0.0.0.0', '127.0.0.1'))).status).toBeLessThan(500);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * The repository as it is built, without its sources: nothing there sets itself up anew while other tests run
 * on the same node_modules.
 */
function builtCopy(copy: string): string {
  for (const path of ['package.json', 'bin', ...['engine', 'server', 'dashboard'].flatMap(builtParts)]) {
    cpSync(join(REPOSITORY, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function builtParts(name: string): string[] {
  return [`packages/${name}/package.json`, `packages/${name}/dist`];
}
