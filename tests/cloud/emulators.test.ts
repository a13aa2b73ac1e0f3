import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeNow, listenLocally } from '../support/local-server.js';
import { type BigQueryEmulator, startBigQueryEmulator } from './support/bigquery-emulator.js';
import { startGuarded } from './support/guarded-process.js';
import { lacksPeer } from './support/peers.js';
import { type PubSubEmulator, startPubSubEmulator } from './support/pubsub-emulator.js';

// Without the emulator there is nothing to look at; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('pubsub'))('the Pub/Sub emulator', () => {
  let pubsub: PubSubEmulator;
  beforeAll(async () => {
    pubsub = await startPubSubEmulator();
  });
  afterAll(() => pubsub?.stop());

  it('pushes over HTTP until it is answered with success', async () => {
    const bodies: PushBody[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (part) => {
        text += part;
      });
      request.on('end', () => {
        bodies.push(JSON.parse(text) as PushBody);
        response.writeHead(bodies.length < 3 ? 503 : 204).end();
      });
    });
    const port = await listenLocally(server);
    try {
      await pubsub.createTopic('pushed');
      await pubsub.createSubscription('pushed-push', {
        topic: 'pushed',
        pushEndpoint: `http://127.0.0.1:${port}/pubsub/push`,
      });
      const [messageId] = await pubsub.publish('pushed', [{ data: '[1]', attributes: { shard: '3' } }]);
      await expect.poll(() => bodies.length).toBe(3);
      const { message } = bodies[2]!;
      expect(Buffer.from(message.data, 'base64').toString()).toBe('[1]');
      expect(message).toMatchObject({ attributes: { shard: '3' }, messageId });
    } finally {
      await closeNow(server);
    }
  });

  it('keeps what nobody has pulled yet', async () => {
    await pubsub.createTopic('pulled');
    await pubsub.createSubscription('pulled-pull', { topic: 'pulled' });
    await pubsub.publish('pulled', [{ data: 'one' }, { data: 'two', attributes: { reason: 'not_json' } }]);
    const messages = await pubsub.pull('pulled-pull');
    expect(messages.map(({ data, attributes }) => [data.toString(), attributes])).toEqual([
      ['one', {}],
      ['two', { reason: 'not_json' }],
    ]);
    expect(await pubsub.pull('pulled-pull')).toEqual([]);
  });
});

interface PushBody {
  readonly message: { data: string; attributes: Record<string, string>; messageId: string };
}

// Without the emulator there is nothing to look at; `lacksPeer` says what to install.
describe.skipIf(lacksPeer('bigquery'))('the BigQuery emulator', () => {
  let bigquery: BigQueryEmulator;
  beforeAll(async () => {
    bigquery = await startBigQueryEmulator();
  });
  afterAll(() => bigquery?.stop());

  it('has the dataset, runs statements and gives all pages of an answer', async () => {
    await bigquery.query('CREATE TABLE metrics_dataset.numbers (n INT64)');
    await bigquery.query(
      'INSERT INTO metrics_dataset.numbers SELECT * FROM UNNEST(GENERATE_ARRAY(1, 20000))',
    );
    const rows = await bigquery.query('SELECT n FROM metrics_dataset.numbers ORDER BY n');
    expect([rows.length, rows[0], rows.at(-1)]).toEqual([20_000, { n: '1' }, { n: '20000' }]);
  });

  it('says what is wrong with a statement', async () => {
    await expect(bigquery.query('SELECT * FROM metrics_dataset.nothing')).rejects.toThrow(/nothing/);
  });
});

describe('a guarded process', () => {
  it('ends with all it started when its starter is killed', async () => {
    // The starter starts a shell under guard, which starts another; both print their numbers.
    const starter = startGuarded(process.execPath, ['--input-type=module', '-e', STARTER]);
    const pids = await starter.until((output) => {
      const found = [...output.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));
      return found.length === 2 ? found : undefined;
    });
    expect(pids.map(isRunning)).toEqual([true, true]);
    await starter.kill();
    await expect.poll(() => pids.map(isRunning)).toEqual([false, false]);
  });
});

const GUARD = new URL('support/run-guard.js', import.meta.url).pathname;
const STARTER = `
  import { spawn } from 'node:child_process';
  spawn(process.execPath, [${JSON.stringify(GUARD)}, 'sh', '-c', 'echo pid $$; sh -c "echo pid \\\\$\\\\$; sleep 100; true"; true'],
    { stdio: ['pipe', 'inherit', 'inherit'], detached: true });
  setInterval(() => {}, 1000);
`;

function isRunning(pid: number): boolean {
  const { status } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]);
  return status === 0;
}
