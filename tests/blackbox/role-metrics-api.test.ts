import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { endRoles, startRole } from './support/start-role.js';
import { pause, runToEnd } from './support/start-server.js';

const KEY = '0123456789abcdef';
const TRACE = '105445aa7843bc8bf206b12000100000';
/** Nobody listens there. */
const NOWHERE = { PUBSUB_EMULATOR_HOST: '127.0.0.1:9', METADATA_SERVER_DETECTION: 'none' };

afterEach(endRoles);

async function start(args: readonly string[], env: Record<string, string> = {}) {
  const project = ['--project', 'my-project'];
  const { command, url } = await startRole('metrics-api', [...project, ...args], { ...NOWHERE, ...env });
  return { command, url, lines: () => linesOf(command.stdout()) };
}

function linesOf(output: string): Record<string, unknown>[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Pub/Sub's Publish, which answers when it is told to. */
async function startSlowPubSub() {
  const server = new Server();
  const path = '/google.pubsub.v1.Publisher/Publish';
  let answer = () => {};
  const mayAnswer = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let noteCall = () => {};
  const called = new Promise<void>((resolve) => {
    noteCall = resolve;
  });
  const bytes = (buffer: Buffer) => buffer;
  server.addService(
    {
      publish: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: bytes,
        requestDeserialize: bytes,
        responseSerialize: bytes,
        responseDeserialize: bytes,
      },
    },
    {
      publish: (_call: unknown, done: (error: null, answer: Buffer) => void) => {
        noteCall();
        // One message id, "1".
        void mayAnswer.then(() => done(null, Buffer.from([0x0a, 1, 0x31])));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { host: `127.0.0.1:${port}`, called, answer: () => answer(), stop: () => server.forceShutdown() };
}

const sample = () => JSON.stringify({ timestamp: Math.floor(Date.now() / 1000), latency: 312 });

describe('the service metrics-api', () => {
  it('listens on all addresses and answers what every service answers', async () => {
    const { url, lines } = await start(['--api-key', KEY]);
    const get = async (path: string, headers: Record<string, string> = { 'x-api-key': KEY }) => {
      const answer = await fetch(`${url}${path}`, { headers });
      return { status: answer.status, text: await answer.text() };
    };
    expect(await get('/health', {})).toMatchObject({ status: 200 });
    expect(await get('/ready', {})).toMatchObject({ status: 200 });
    expect((await get('/metrics', {})).status).toBe(401);
    expect((await get('/metrics')).text).toContain('seismo_ready 1');
    const { paths } = JSON.parse((await get('/openapi.json')).text) as { paths: object };
    expect(Object.keys(paths).sort()).toEqual(['/health', '/metrics', '/ready']);
    expect((await get('/')).status).toBe(404);
    expect(lines()[0]).toMatchObject({ severity: 'INFO', message: 'Seismo is ready.', role: 'metrics-api' });
  });

  it('refuses what the embedded server refuses, with the same words', async () => {
    const { url } = await start(['--api-key', KEY]);
    const post = async (body: string, headers = {}) => {
      const answer = await fetch(`${url}/metrics`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    expect((await post(sample())).status).toBe(401);
    const key = { 'x-api-key': KEY };
    expect(await post('nonsense', key)).toMatchObject({ status: 400, body: { error: { code: 'not_json' } } });
    expect(await post('{"timestamp": 1743548330000, "latency": 1}', key)).toMatchObject({
      status: 400,
      body: { accepted: 0, rejected: [{ index: 0, code: 'timestamp_in_milliseconds' }] },
    });
  });

  it('answers 503 when Pub/Sub does not, says so in the log by the trace, and stops within 10 s', async () => {
    const { command, url, lines } = await start(['--auth', 'iam']);
    const answered = fetch(`${url}/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cloud-trace-context': `${TRACE}/1;o=1` },
      body: sample(),
    });
    const answer = await answered;
    expect(answer.status).toBe(503);
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('unreachable');
    expect(error.message).not.toContain('Previous errors');
    expect(lines()).toContainEqual(
      expect.objectContaining({
        severity: 'WARNING',
        code: 'unreachable',
        'logging.googleapis.com/trace': `projects/my-project/traces/${TRACE}`,
      }),
    );
    command.process.kill('SIGTERM');
    expect(await command.ended).toMatchObject({ code: 0 });
  });

  it('finishes what runs when it is told to stop, and takes nothing new', async () => {
    const pubsub = await startSlowPubSub();
    const { command, url } = await start(['--api-key', KEY], { PUBSUB_EMULATOR_HOST: pubsub.host });
    const post = () =>
      fetch(`${url}/metrics`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': KEY },
        body: sample(),
      });
    const running = post();
    await pubsub.called;
    command.process.kill('SIGTERM');
    while (!command.stdout().includes('Stopping')) await pause(20);
    await expect(post()).rejects.toThrow();
    pubsub.answer();
    expect((await running).status).toBe(202);
    expect(await command.ended).toMatchObject({ code: 0 });
    pubsub.stop();
  });

  it('says in a check what it would run as', async () => {
    const args = ['check', '--role', 'metrics-api', '--auth', 'iam', '--port', '0'];
    const good = await runToEnd([...args, '--project', 'my-project', '--region', 'us-central1'], NOWHERE);
    expect(good.stdout).toMatch(/^ok {5}project {6}my-project, dataset metrics_dataset in us-central1$/m);
    expect(good.stdout).not.toContain('data folder');
    expect(good.code).toBe(0);
    const bad = await runToEnd(args, NOWHERE);
    expect(bad.stdout).toMatch(/^fault {2}project {6}The role metrics-api needs a project/m);
    expect(bad.code).toBe(2);
  });

  it('does not start without keys, nor without a project', async () => {
    const env = { ...NOWHERE, K_SERVICE: 'metrics-api', PORT: '0' };
    const open = await runToEnd(['serve'], env);
    expect(open.code).toBe(2);
    expect(linesOf(open.stderr)[0]).toMatchObject({
      severity: 'CRITICAL',
      message: expect.stringContaining('without a key would let anybody read and write') as string,
      hint: expect.stringContaining('SEISMO_AUTH=iam') as string,
      serviceContext: { service: 'metrics-api' },
    });
    const nowhere = await runToEnd(['serve'], { ...env, SEISMO_AUTH: 'iam', SEISMO_LOG: 'text' });
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    expect(nowhere.stderr).toMatch(
      /^error: The role metrics-api needs a project, and none was named\.\nhint: Set SEISMO_PROJECT/,
    );
  });
});
