import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alarmsByIncident } from '../support/recordings.js';
import { REPOSITORY, type RunningServer, startServer } from './support/start-server.js';

const text = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const run = promisify(execFile);

/** Commands of the page, each with the output that stands below it; the two that start everything have none. */
const examples = [...text.matchAll(/```sh\n([^`]*?)```\n\n```(json|text)\n([^`]*?)```/g)].map(
  ([, command = '', kind = '', output = '']) => ({ command: command.trim(), kind, output: output.trim() }),
);

/** The same keys and types at every level; only what does not depend on the clock is compared by value. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]));
}

/** Long fractions to five digits: a sum taken in another order differs behind them. */
const rounded = (output: string) => output.replace(/\d+\.\d{6,}/g, (number) => Number(number).toPrecision(5));

let server: RunningServer;
/** When the replay began: where the end of the recording was moved, or somewhat before. */
let endMs = 0;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function execute(command: string): Promise<string> {
  const inTest = command
    .replaceAll('http://127.0.0.1:8080', server.url)
    .replace(/^curl/, 'curl -s')
    .replace(/^npx seismo/, 'node tests/blackbox/support/run-main.js');
  const env = { ...process.env, SEISMO_URL: server.url };
  return (await run('sh', ['-c', inTest], { cwd: REPOSITORY, env })).stdout.trim();
}

describe('README', () => {
  test('starts with the two commands', () => {
    const first = /```sh\n([^`]*)```/.exec(text)?.[1] ?? '';
    expect(first.split('\n').map((line) => line.replace(/ *#.*/, ''))).toEqual(['npm start', 'npm test', '']);
  });

  test('has no command of this machine that is not run here: blocks of `bash` are for Google Cloud', () => {
    expect(text.match(/```sh\n/g)).toHaveLength(1 + examples.length);
    const others = [...text.matchAll(/```bash\n([^`]*)```/g)].map(([, commands]) => commands!);
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((commands) => !/^(gcloud|bq|curl "https|.*terraform)/m.test(commands))).toEqual([]);
  });

  test('shows keys that are taken', async () => {
    const keys = /SEISMO_API_KEYS=(\S+) npm start -- --host 0\.0\.0\.0/.exec(text)![1]!;
    const check = 'node tests/blackbox/support/run-main.js check --host 0.0.0.0 --port 0';
    const env = { ...process.env, SEISMO_API_KEYS: keys, SEISMO_DATA: join(tmpdir(), 'seismo-readme-none') };
    const { stdout } = await run('sh', ['-c', check], { cwd: REPOSITORY, env });
    expect(stdout).toMatch(/^ok +access +2 keys/m);
  });

  test('has its commands do what it says, in its order', async () => {
    expect(examples.map(({ command }) => command.split(' ').slice(0, 3).join(' '))).toEqual([
      'npx seismo replay',
      "curl 'http://127.0.0.1:8080/get_anomalies?series=latency&label.source=&alarms_only=true&limit=1'",
      'curl http://127.0.0.1:8080/metrics -H',
      'npx seismo detect',
      'npx seismo sql',
    ]);
    const [replay, anomalies, post, detect, sql] = examples as [
      (typeof examples)[0],
      (typeof examples)[0],
      (typeof examples)[0],
      (typeof examples)[0],
      (typeof examples)[0],
    ];
    const withoutSeconds = (line: string) => line.replace(/ in [\d.]+ s/, '');
    endMs = Date.now();
    expect(withoutSeconds(await execute(replay.command))).toBe(withoutSeconds(replay.output));

    const said = JSON.parse(anomalies.output) as { anomalies: [{ value: number; expected: number }] };
    await expect
      .poll(async () => JSON.parse(await execute(anomalies.command)) as unknown)
      .toMatchObject({ anomalies: [{ value: said.anomalies[0].value, alarm: true, is_anomaly: true }] });
    const answer = JSON.parse(await execute(anomalies.command)) as typeof said;
    expect(shapeOf(answer)).toEqual(shapeOf(said));
    expect(answer.anomalies[0].expected).toBeCloseTo(said.anomalies[0].expected, 0);

    // Whoever types has left the recording's last second, which the command would otherwise write over.
    await sleep(1000);
    expect(JSON.parse(await execute(post.command))).toEqual(JSON.parse(post.output));
    const newest = anomalies.command.replace('&alarms_only=true', '');
    await expect
      .poll(async () => JSON.parse(await execute(newest)) as unknown)
      .toMatchObject({ anomalies: [{ value: 312 }] });

    expect(rounded(await execute(detect.command))).toBe(rounded(detect.output));
    expect(await execute(sql.command)).toBe(sql.output);
  });

  test('is right that each incident of the recording has one alarm, and that few are elsewhere', async () => {
    const url = `${server.url}/get_anomalies?series=latency&alarms_only=true`;
    await expect
      .poll(async () => {
        const { anomalies } = (await (await fetch(url)).json()) as { anomalies: { timestamp: number }[] };
        const times = anomalies.map(({ timestamp }) => timestamp * 1000).filter((timeMs) => timeMs <= endMs);
        return alarmsByIncident('ec2_request_latency_system_failure.csv', times, endMs);
      })
      .toEqual({ incidents: [1, 1, 1], elsewhere: expect.toSatisfy((count) => count === 3 || count === 4) });
  });
});
