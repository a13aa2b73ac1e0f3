import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endRoles, startRole } from './support/start-role.js';
import { pause, run, runToEnd } from './support/start-server.js';
import { startTokenSigner, type TokenSigner } from './support/token-signer.js';

const PROJECT = 'example.com:my-project';
const KEY = '0123456789abcdef';
/** The names by convention, of a project in a domain. */
const PUSH = 'pubsub-push@my-project.example.com.iam.gserviceaccount.com';
const SCHEDULER = 'scheduler@my-project.example.com.iam.gserviceaccount.com';
/** Nobody listens there. */
const NOWHERE = {
  METADATA_SERVER_DETECTION: 'none',
  PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
  BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9/bigquery/v2',
  SEISMO_BIGQUERY_WRITE_ENDPOINT: '127.0.0.1:9',
};

let signer: TokenSigner;
beforeAll(async () => {
  signer = await startTokenSigner({});
});
afterAll(() => Promise.all([endRoles(), signer.stop()]));

interface Answer {
  readonly status: number;
  readonly body: { readonly error?: { readonly code: string; readonly message: string } };
}

async function start(role: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const { command, url } = await startRole(role, ['--project', PROJECT, ...args], {
    ...NOWHERE,
    SEISMO_JWKS_URL: signer.jwksUrl,
    ...env,
  });
  return {
    url,
    command,
    async call(path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Answer> {
      const answer = await fetch(`${url}${path}`, { ...init, headers });
      const text = await answer.text();
      return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : {} };
    },
    async bearer(email: string, path: string) {
      return { authorization: `Bearer ${await signer.sign({ email, aud: `${url}${path}` })}` };
    },
    async stop() {
      command.process.kill('SIGTERM');
      return command.ended;
    },
  };
}

const POST = { method: 'POST' };
const json = { 'content-type': 'application/json' };

describe.concurrent('the service processmetrics', () => {
  let service: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    service = await start('processmetrics');
  });

  it('starts without keys, and then is closed to all who bring no token', async () => {
    expect((await service.call('/health')).status).toBe(200);
    expect((await service.call('/ready')).status).toBe(200);
    expect((await service.call('/openapi.json')).status).toBe(200);
    for (const path of ['/get_anomalies', '/metrics']) {
      expect(await service.call(path), path).toMatchObject({ status: 401 });
      expect(await service.call(path, { 'x-api-key': KEY }), path).toMatchObject({ status: 401 });
    }
    for (const path of ['/pubsub/push', '/jobs/train', '/jobs/detect']) {
      expect(await service.call(path, {}, POST), path).toMatchObject({ status: 401 });
    }
  });

  it('lets Pub/Sub push and the Scheduler start jobs, and neither do what is the other’s', async () => {
    const push = { ...POST, body: '{}' };
    const pushed = { ...json, ...(await service.bearer(PUSH, '/pubsub/push')) };
    expect((await service.call('/pubsub/push', pushed, push)).status).toBe(400);
    const foreign = { ...json, ...(await service.bearer(SCHEDULER, '/pubsub/push')) };
    expect((await service.call('/pubsub/push', foreign, push)).status).toBe(403);
    expect((await service.call('/jobs/train', await service.bearer(PUSH, '/jobs/train'), POST)).status).toBe(
      403,
    );
  });

  it('brings a message again that cannot be stored, and starts no job, while BigQuery is away', async () => {
    const data = Buffer.from(JSON.stringify({ timestamp: Date.now() / 1000, latency: 1 })).toString('base64');
    const message = { data, messageId: '1', publishTime: new Date().toISOString() };
    const body = JSON.stringify({ message, subscription: 's' });
    const headers = { ...json, ...(await service.bearer(PUSH, '/pubsub/push')) };
    const pushed = await service.call('/pubsub/push', headers, { ...POST, body });
    expect(pushed).toMatchObject({ status: 503, body: { error: { code: 'unreachable' } } });

    const scheduler = await service.bearer(SCHEDULER, '/jobs/detect');
    // As Cloud Scheduler sends a job that was made without a body.
    const job = { ...scheduler, 'content-type': 'application/octet-stream' };
    expect(await service.call('/jobs/detect', job, POST)).toMatchObject({ status: 503 });
    const failed = service.command
      .stdout()
      .split('\n')
      .find((line) => line.includes('detect_failed'));
    const reason = expect.stringContaining('BigQuery') as string;
    expect(JSON.parse(failed ?? '{}')).toMatchObject({ severity: 'ERROR', event: 'detect_failed', reason });
  });

  it('stops within 10 s of SIGTERM', async () => {
    const other = await start('processmetrics');
    expect(await other.stop()).toMatchObject({ code: 0 });
  });

  it('writes what gRPC says of itself into its log, not as bare text beside it', async ({ expect }) => {
    const other = await start('processmetrics', [], { grpc_proxy: 'no address' });
    const said = () =>
      other.command
        .stdout()
        .split('\n')
        .find((line) => line.includes('"event":"grpc"'));
    await expect.poll(said).toBeDefined();
    expect(JSON.parse(said()!)).toMatchObject({
      severity: 'WARNING',
      message: expect.stringMatching(/^gRPC: .*grpc_proxy/),
    });
    await other.stop();
    expect(other.command.stderr()).toBe('');
  });
});

describe.concurrent('the service get-anomalies', () => {
  it('asks for a key, understands what the embedded server does, and says when BigQuery is away', async () => {
    const service = await start('get-anomalies', ['--api-key', `read:${KEY}`]);
    const key = { 'x-api-key': KEY };
    expect((await service.call('/get_anomalies')).status).toBe(401);
    expect(await service.call('/get_anomalies?limt=3', key)).toMatchObject({
      status: 400,
      body: { error: { field: 'limt', hint: 'Did you mean limit?' } },
    });
    expect(await service.call('/get_anomalies?cursor=x', key)).toMatchObject({
      status: 400,
      body: { error: { field: 'cursor' } },
    });
    expect((await service.call('/get_anomalies', key)).status).toBe(503);
    expect((await service.call('/metrics', key, POST)).status).toBe(405);
    expect((await service.stop()).code).toBe(0);
  });
});

it.concurrent('a service that is told to stop ends by itself although a call it waits for does not', async () => {
  const service = await start('metrics-api', ['--auth', 'iam']);
  const body = JSON.stringify({ timestamp: Math.floor(Date.now() / 1000), latency: 1 });
  // Pub/Sub is called again and again, for longer than Cloud Run would wait.
  const waiting = service.call('/metrics', json, { ...POST, body }).catch(() => undefined);
  await pause(300);
  expect(await service.stop()).toEqual({ code: 0, signal: null });
  expect((await waiting)?.status).not.toBe(202);
});

it.concurrent('the role migrate ends with a sentence when BigQuery is away', async () => {
  const command = run(['serve', '--role', 'migrate', '--project', 'my-project'], NOWHERE);
  expect((await command.ended).code).not.toBe(0);
  expect(command.stderr()).toMatch(/^error: BigQuery, /m);
});

it.concurrent('what a role prints for a person to try is something that it answers', async () => {
  const pathOf = { 'metrics-api': '/metrics', processmetrics: '/health', 'get-anomalies': '/get_anomalies' };
  for (const [role, path] of Object.entries(pathOf)) {
    const args = ['serve', '--role', role, '--project', 'my-project', '--port', '0', '--auth', 'iam'];
    const command = run(args, NOWHERE);
    while (!command.stdout().includes('ready in') && command.process.exitCode === null) await pause(20);
    expect(command.stdout().split('\n')[3]).toMatch(
      new RegExp(`^ {2}try {6}curl http://127\\.0\\.0\\.1:\\d+${path}( |$)`),
    );
    command.process.kill('SIGTERM');
    await command.ended;
  }
});

it.concurrent('a check says how tokens are checked, and of the role migrate nothing about a port', async () => {
  const check = (role: string) =>
    runToEnd(['check', '--role', role, '--project', 'my-project', '--port', '0'], NOWHERE);
  const service = await check('processmetrics');
  expect(service.stdout).toMatch(/^ok {5}tokens {7}.* in full \(--push-auth verify\)$/m);
  const job = await check('migrate');
  expect(job.stdout).not.toMatch(/port|access/);
  expect([service.code, job.code]).toEqual([0, 0]);
});
