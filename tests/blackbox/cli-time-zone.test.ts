import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SamplesBody } from '@seismo/server/serve/schemas';
import { afterAll, expect, it } from 'vitest';
import { runToEnd, startServer } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-zone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STEP_S = 300;
const DAYS = 22;
const START_S = Date.UTC(2025, 2, 10) / 1000;
/** Summer time begins in Berlin: from here on its noon is an hour earlier in UTC. */
const SWITCH_S = Date.UTC(2025, 2, 30, 1) / 1000;

/** Every day the same by the clocks of Berlin, with its peak at noon. */
const recording = Array.from({ length: (DAYS * 86_400) / STEP_S }, (_, i) => {
  const timestamp = START_S + i * STEP_S;
  const hour = ((timestamp + (timestamp < SWITCH_S ? 3600 : 7200)) % 86_400) / 3600;
  return { timestamp, visits: 100 + 200 * Math.exp(-((hour - 12) ** 2) / 2) + ((i * 7) % 5) / 5 };
});

/** How far off expectation is on the day after the switch, on average. */
function meanError(rows: readonly { time: number; value: number; expected: number }[]): number {
  const day = rows.filter(({ time }) => time >= SWITCH_S && time < SWITCH_S + 86_400);
  expect(day).toHaveLength(86_400 / STEP_S);
  return day.reduce((sum, { value, expected }) => sum + Math.abs(value - expected), 0) / day.length;
}

async function errorOfDetect(zone: string): Promise<number> {
  const file = join(folder, 'visits.csv');
  const lines = recording.map(({ timestamp, visits }) => `${timestamp},${visits}\n`);
  writeFileSync(file, `timestamp,visits\n${lines.join('')}`);
  const { code, stdout } = await runToEnd([
    'detect',
    file,
    ...['--all', '--format', 'csv', '--time-zone', zone],
  ]);
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split('\n').slice(1);
  return meanError(
    rows.map((row) => {
      const [time, , value, expected] = row.split(',').map(Number);
      return { time: time!, value: value!, expected: expected! };
    }),
  );
}

async function errorOfServe(zone: string): Promise<number> {
  const server = await startServer({ args: ['--time-zone', zone, '--retention', '36500d'] });
  try {
    const answer = await fetch(`${server.url}/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(recording),
    });
    expect(answer.status).toBe(202);
    const path = `/api/samples?series=visits&from=${START_S}&to=${START_S + DAYS * 86_400}&points=20000`;
    let body: SamplesBody;
    do body = (await (await fetch(server.url + path)).json()) as SamplesBody;
    while (body.state.at(-1) === 'unknown');
    return meanError(
      body.time.map((time, i) => ({ time, value: body.value[i]!, expected: body.expected[i]! })),
    );
  } finally {
    await server.stop();
  }
}

it.each([
  ['detect', errorOfDetect],
  ['serve', errorOfServe],
])(
  'the usual day of `%s` goes by the clocks of --time-zone, through the change to summer time',
  async (_, errorOf) => {
    const berlin = await errorOf('Europe/Berlin');
    expect(berlin).toBeGreaterThan(0);
    expect(await errorOf('UTC')).toBeGreaterThan(2 * berlin);
  },
);
