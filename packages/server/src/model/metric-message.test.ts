import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessages, fnv1a, type MetricMessage } from './metric-message.js';
import { seriesKey } from './series.js';
import { SeriesRegistry } from './series-registry.js';

type Item = readonly [name: string, labels: Record<string, string>, timeMs: number, value: number];

function encode(
  items: readonly Item[],
  options: { shards?: number; dataBytesMax?: number } = {},
): MetricMessage[] {
  const registry = new SeriesRegistry();
  const ids = items.map(([name, labels]) => {
    const key = seriesKey(name, labels);
    return (registry.byKey(key) ?? registry.add(key, name, labels)).id;
  });
  const batch = {
    seriesIds: Uint32Array.from(ids),
    timesMs: Float64Array.from(items, (item) => item[2]),
    values: Float64Array.from(items, (item) => item[3]),
  };
  const lookup = (id: number) => registry.byId(id);
  return encodeMessages(batch, { lookup, shards: 16, dataBytesMax: 1_000_000, ...options });
}

/** What a receiver finds in the messages: sample → value. */
function decode(messages: readonly MetricMessage[]): Map<string, number> {
  const samples = new Map<string, number>();
  for (const message of messages) {
    const decoded = decodeMessage(message);
    if (!decoded.ok) throw new Error(decoded.error);
    for (const { timestamp, labels = {}, ...values } of decoded.items as Record<string, never>[]) {
      for (const [name, value] of Object.entries(values)) {
        const sample = `${seriesKey(name, labels)} ${Math.round(timestamp! * 1000)}`;
        expect(samples.has(sample)).toBe(false);
        samples.set(sample, value);
      }
    }
  }
  return samples;
}

describe('messages of samples', () => {
  it('are bodies of POST /metrics with version, type and shard as attributes', () => {
    const [message, ...more] = encode([
      ['latency', { service: 'checkout' }, 1_743_548_330_250, 312.5],
      ['latency', { service: 'checkout' }, 1_743_548_331_000, -1e300],
    ]);
    expect(more).toEqual([]);
    expect(message!.data.toString()).toBe(
      '[{"timestamp":1743548330.25,"latency":312.5,"labels":{"service":"checkout"}},' +
        '{"timestamp":1743548331,"latency":-1e+300,"labels":{"service":"checkout"}}]',
    );
    const shard = String(fnv1a('latency{service="checkout"}') % 16);
    expect(message!.attributes).toEqual({ schema_version: '1', content_type: 'application/json', shard });
  });

  it('keep every sample, exactly, within the size given, each series in one shard', () => {
    const name = fc.constantFrom('latency', 'cpu', 'a.b:c/d-e', '__proto__');
    const labels = fc.dictionary(fc.constantFrom('a', 'b'), fc.string({ unit: 'grapheme', maxLength: 20 }));
    const item = fc.tuple(
      name,
      labels,
      fc.integer({ min: 0, max: 4e12 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    );
    const sizes = fc.integer({ min: 200, max: 2000 });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 60 }), sizes, (items, dataBytesMax) => {
        const messages = encode(items, { shards: 4, dataBytesMax });
        const last = new Map(items.map(([n, l, timeMs, value]) => [`${seriesKey(n, l)} ${timeMs}`, value]));
        expect(decode(messages)).toEqual(last);
        for (const { data } of messages) expect(data.length).toBeLessThanOrEqual(dataBytesMax);
        const shardOf = new Map<string, string>();
        for (const message of messages) {
          for (const sample of decode([message]).keys()) {
            const series = sample.slice(0, sample.lastIndexOf(' '));
            expect(shardOf.get(series) ?? message.attributes.shard).toBe(message.attributes.shard);
            shardOf.set(series, message.attributes.shard!);
          }
        }
      }),
    );
  });

  it('are few: one for each shard until it is full', () => {
    const items = Array.from({ length: 10_000 }, (_, i) => [`m_${i % 100}`, {}, i, i] as const);
    expect(encode(items, { shards: 8 })).toHaveLength(8);
    const sizes = encode(items, { shards: 1, dataBytesMax: 10_000 }).map(({ data }) => data.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(9900);
  });

  it('hash a series by FNV-1a over UTF-8', () => {
    // The values of the authors' own test program (test_fnv.c).
    expect([fnv1a(''), fnv1a('a'), fnv1a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it('without attributes are read as a plain body', () => {
    const data = Buffer.from('{"timestamp": 1743548330, "latency": 312.0, "cpu": 100}');
    expect(decodeMessage({ data, attributes: {} })).toEqual({
      ok: true,
      items: { timestamp: 1743548330, latency: 312, cpu: 100 },
    });
  });

  it.each([
    ['of another version', '[]', { schema_version: '2' }, 'schema_version_unknown', 'reads "1"'],
    ['of another type', 'x', { content_type: 'text/csv' }, 'content_type_unknown', 'text/csv'],
    ['without data', '', { schema_version: '1' }, 'empty', 'no data'],
    ['that are cut', '[{"timestamp":', {}, 'not_json', 'not JSON'],
    ['with bytes that are no text', Buffer.from([0x22, 0xff, 0x22]), {}, 'not_json', 'not UTF-8'],
  ] as const)('%s are refused with the reason', (_, data, attributes, reason, words) => {
    expect(decodeMessage({ data: Buffer.from(data), attributes })).toEqual({
      ok: false,
      reason,
      error: expect.stringContaining(words),
    });
  });
});
