import { describe, expect, it } from 'vitest';
import { seriesKey } from './series.js';
import { unitOf } from './units.js';

describe('the unit of a series', () => {
  it.each([
    ['memory_used_bytes', 'B'],
    ['network_receive_bytes_per_second', 'B/s'],
    ['requests_per_second', '/s'],
    ['http_request_duration_seconds', 's'],
    ['latency_ms', 'ms'],
    ['memory_used_percent', '%'],
    ['latency', ''],
    ['items', ''],
  ])('%s is known by its name where that says it', (name, unit) => {
    expect(unitOf(name)).toBe(unit);
    expect(unitOf(seriesKey(name, { disk: 'sda_ms', node: '{a}' }))).toBe(unit);
  });

  it('is known of what this machine tells of itself', () => {
    expect(unitOf(seriesKey('cpu', { source: 'host' }))).toBe('%');
    expect(unitOf(seriesKey('latency', { core: '0', source: 'host', zone: 'a' }))).toBe('ms');
    expect(unitOf(seriesKey('cpu', { source: 'gateway' }))).toBe('');
    expect(unitOf(seriesKey('cpu', { note: 'a,source="host",b' }))).toBe('');
    expect(unitOf(seriesKey('load_1m', { source: 'host' }))).toBe('');
  });
});
