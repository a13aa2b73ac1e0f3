import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../logger.js';
import type { IngestResult } from '../ports/ingest.js';
import { startHostMetrics } from './host-metrics.js';
import { parseDiskstats, parseNetDev } from './host-readings.js';

const ENDED: (() => void)[] = [];
afterEach(() => {
  for (const end of ENDED.splice(0)) end();
});

async function startHealth(): Promise<{ baseUrl: string; keys: unknown[] }> {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers['x-api-key']);
    response.writeHead(request.url === '/health' ? 200 : 404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ENDED.push(() => server.close());
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys };
}

function setUp(baseUrl: string, answer: () => Promise<IngestResult>) {
  const items: Record<string, unknown>[] = [];
  const warnings: string[] = [];
  const infos: string[] = [];
  const log: Logger = {
    debug() {},
    info: (_fields, message) => infos.push(message),
    warn: (fields) => warnings.push(JSON.stringify(fields)),
    error() {},
  };
  const ingest = {
    ingest(item: unknown) {
      items.push(item as Record<string, unknown>);
      return answer();
    },
    refuse: () => ({ accepted: 0, rejected: [], rejectedCount: 0 }),
  };
  const clock = { nowMs: () => Date.now() };
  ENDED.push(startHostMetrics({ ingest, clock, baseUrl, headers: { 'x-api-key': 'k' }, log }).stop);
  return { items, warnings, infos };
}

const STORED: IngestResult = { accepted: 1, rejected: [], rejectedCount: 0 };

describe('host metrics', () => {
  it('record this machine once a second, with a real request through the server', async () => {
    const { baseUrl, keys } = await startHealth();
    const { items } = setUp(baseUrl, async () => STORED);
    await vi.waitFor(() => expect(items.length).toBeGreaterThanOrEqual(2), 120_000);
    const [first, second] = items as [Record<string, unknown>, Record<string, unknown>];
    expect(first.labels).toEqual({ source: 'host' });
    expect(Number.isInteger(first.timestamp)).toBe(true);
    expect(second.timestamp).toBeGreaterThan(first.timestamp as number);
    expect(first.latency).toBeGreaterThan(0);
    expect(Number.isInteger(second.cpu)).toBe(true);
    expect(second.memory_used_percent).toBeGreaterThan(0);
    expect(keys[0]).toBe('k');
  });

  it('do not count the first request, which finds the process cold', async () => {
    const { baseUrl, keys } = await startHealth();
    const { items } = setUp(baseUrl, () => new Promise(() => undefined));
    await vi.waitFor(() => expect(items).toHaveLength(1), 120_000);
    expect(keys).toHaveLength(2);
  });

  it('say once that they cannot be recorded, go on, and say when they can again', async () => {
    const { baseUrl } = await startHealth();
    let calls = 0;
    const { items, warnings, infos } = setUp(baseUrl, async () => {
      if (++calls <= 2) throw new Error('the disk is full');
      return STORED;
    });
    await vi.waitFor(() => expect(infos).toHaveLength(1), 120_000);
    expect(items.length).toBeGreaterThanOrEqual(3);
    expect(warnings).toEqual(['{"error":"Error: the disk is full"}']);
  });

  it('leave out a second while the one before is not done', async () => {
    const { baseUrl } = await startHealth();
    let finish: ((result: IngestResult) => void) | undefined;
    const { items } = setUp(baseUrl, () => new Promise((resolve) => (finish = resolve)));
    await vi.waitFor(() => expect(items).toHaveLength(1), 120_000);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(items).toHaveLength(1);
    finish?.(STORED);
    await vi.waitFor(() => expect(items).toHaveLength(2), 120_000);
  });

  it('count whole disks and real interfaces only', () => {
    const diskstats = [
      '   7       0 loop0 9 9 9 9 9 9 9 9 9 9 9',
      ' 259       0 nvme0n1 10 0 100 5 20 0 200 5 0 5 10',
      ' 259       1 nvme0n1p1 10 0 100 5 20 0 200 5 0 5 10',
      '   8       0 sda 1 0 8 5 2 0 16 5 0 5 10',
      ' 253       0 dm-0 10 0 100 5 20 0 200 5 0 5 10',
    ].join('\n');
    expect(parseDiskstats(diskstats)).toEqual({ inBytes: 108 * 512, outBytes: 216 * 512 });
    const netDev = [
      'Inter-|   Receive                |  Transmit',
      ' face |bytes packets errs drop fifo frame compressed multicast|bytes packets',
      '    lo: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0',
      '  eth0: 700 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0',
      'veth12:5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0',
    ].join('\n');
    expect(parseNetDev(netDev)).toEqual({ inBytes: 700, outBytes: 900 });
    expect(parseNetDev('')).toBeUndefined();
    expect(parseDiskstats('')).toBeUndefined();
  });
});
