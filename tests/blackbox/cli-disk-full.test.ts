import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mountSmallDisk } from '../support/small-disk.js';
import { FULL_LENGTH } from '../support/test-length.js';
import { type RunningServer, runToEnd, startServer } from './support/start-server.js';

const MIB = 1024 ** 2;
let folder: string;
let disk: string;
const running: RunningServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seismo-full-'));
  disk = join(folder, 'disk');
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Parameters<typeof startServer>[0]): Promise<RunningServer> {
  const server = await startServer(options);
  running.push(server);
  return server;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

async function send(url: string, timestamp: number) {
  const answer = await fetch(`${url}/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ timestamp, kept: 1 }),
  });
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.json() };
}

const hint =
  'Make room on the disk of the data folder: samples are then taken again by themselves, without a restart.';

describe('free space below --disk-reserve', () => {
  it('refuses samples with the reserve as it was set, while reading goes on', async () => {
    const args = ['--disk-reserve', '1000000TiB', '--data', join(folder, 'data')];
    const { url, stderr } = await start({ args, answers: '/health' });
    const message =
      'Samples cannot be taken: free space is below the reserve of 1000000 TiB (--disk-reserve).';
    expect(await send(url, nowSeconds())).toEqual({
      status: 503,
      retryAfter: '30',
      body: { error: { code: 'storage_full', message, hint } },
    });
    const ready = await fetch(`${url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { error: { code: 'not_ready', message, hint } },
    ]);
    for (const path of ['/api/series', '/get_anomalies', '/health', '/metrics']) {
      expect((await fetch(url + path)).status, path).toBe(200);
    }
    expect(stderr()).toContain('free space is below the reserve of 1000000 TiB');
    const checked = await runToEnd(['check', '--port', '0', ...args]);
    expect(checked.code).toBe(5);
    expect(checked.stdout).toMatch(
      /fault {2}free space {3}[\d.]+ [KMGT]iB free, 1000000 TiB kept in reserve/,
    );
  });

  it('is over when there is room again, without a restart', async (context) => {
    const mounted = mountSmallDisk(disk, 64);
    if (mounted === undefined) return context.skip('needs the right to mount a tmpfs');
    try {
      const server = await start({ args: ['--disk-reserve', '30MiB', '--data', join(disk, 'data')] });
      const time = nowSeconds() - 100;
      expect(await send(server.url, time)).toMatchObject({ status: 202, body: { accepted: 1 } });
      const filler = join(disk, 'filler');
      writeFileSync(filler, Buffer.alloc(40 * MIB));
      await expect.poll(async () => (await send(server.url, time + 1)).status).toBe(503);
      expect((await fetch(`${server.url}/ready`)).status).toBe(503);
      const samples = await fetch(`${server.url}/api/samples?series=kept&from=${time}&to=${time}`);
      expect(await samples.json()).toMatchObject({ value: [1] });
      rmSync(filler);
      await expect.poll(async () => (await send(server.url, time + 2)).status).toBe(202);
      expect((await fetch(`${server.url}/ready`)).status).toBe(200);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
    } finally {
      mounted.unmount();
    }
  });
});

describe('a start on a disk that is full', () => {
  it.each(FULL_LENGTH ? [0, 8, 16, 64, 300] : [16])(
    'with %i KiB left leaves nothing behind that bars the next one',
    async (kibibytes) => {
      const mounted = mountSmallDisk(disk, 16);
      // Without the right to mount, the test above says what is missing.
      if (mounted === undefined) return;
      try {
        const { bavail, bsize } = statfsSync(disk);
        const filler = join(disk, 'filler');
        writeFileSync(filler, Buffer.alloc(bavail * bsize - kibibytes * 1024));
        const data = join(disk, 'data');
        const args = ['serve', '--port', '0', '--no-host-metrics', '--data', data, '--disk-reserve', '1MiB'];
        const { code, stderr } = await runToEnd(args);
        expect(stderr).toBe(
          `error: The disk of ${data} is full.\nhint: Make room there, or name a place on another disk.\n`,
        );
        expect(code).toBe(5);
        expect(existsSync(join(data, 'seismo.duckdb'))).toBe(false);
        rmSync(filler);
        const server = await start({ args: ['--data', data, '--disk-reserve', '1MiB'] });
        expect((await send(server.url, nowSeconds())).status).toBe(202);
        await server.stop();
      } finally {
        mounted.unmount();
      }
    },
  );

  it('serves what is stored, and stops with 0', async (context) => {
    const mounted = mountSmallDisk(disk, 16);
    if (mounted === undefined) return context.skip('needs the right to mount a tmpfs');
    try {
      const data = join(disk, 'data');
      const time = nowSeconds();
      const first = await start({ args: ['--data', data, '--disk-reserve', '1MiB'] });
      expect((await send(first.url, time)).status).toBe(202);
      await first.stop();
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize));
      const again = await start({ args: ['--data', data], answers: '/health' });
      expect((await send(again.url, time + 1)).status).toBe(503);
      const samples = await fetch(`${again.url}/api/samples?series=kept&from=${time}&to=${time + 1}`);
      expect(await samples.json()).toMatchObject({ total: 1, value: [1] });
      expect(await again.stop()).toEqual({ code: 0, signal: null });
    } finally {
      mounted.unmount();
    }
  });
});

it('a backup that finds no room says so, and the next one with room is whole', async (context) => {
  const mounted = mountSmallDisk(disk, 24);
  if (mounted === undefined) return context.skip('needs the right to mount a tmpfs');
  try {
    const data = join(disk, 'data');
    const { url } = await start({ args: ['--data', data, '--disk-reserve', '0'] });
    expect((await send(url, nowSeconds())).status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const filler = join(disk, 'filler');
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
    const to = join(folder, 'copy.duckdb');
    const failed = await runToEnd(['backup', '--url', url, '--to', to]);
    expect(failed).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^error: The disk of .* is full\./),
    });
    expect(existsSync(to)).toBe(false);
    rmSync(filler);
    expect(await runToEnd(['backup', '--url', url, '--to', to])).toMatchObject({ code: 0, stderr: '' });
    expect(await runToEnd(['restore', to, '--data', join(folder, 'restored')])).toMatchObject({ code: 0 });
    expect(readdirSync(data).filter((name) => /^backup-|^models-of/.test(name))).toEqual([]);
  } finally {
    mounted.unmount();
  }
});

it('an export that finds no room says so, and leaves nothing', async (context) => {
  const mounted = mountSmallDisk(disk, 1);
  if (mounted === undefined) return context.skip('needs the right to mount a tmpfs');
  try {
    const data = join(folder, 'data');
    const server = await start({ args: ['--data', data] });
    expect((await send(server.url, nowSeconds())).status).toBe(202);
    await server.stop();
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize));
    const to = join(disk, 'samples');
    expect(await runToEnd(['export', '--data', data, '--to', to])).toMatchObject({
      code: 5,
      stderr: `error: The disk of ${to} is full.\nhint: Make room there, or name a place on another disk.\n`,
    });
    expect(readdirSync(disk)).toEqual(['filler']);
  } finally {
    mounted.unmount();
  }
});
