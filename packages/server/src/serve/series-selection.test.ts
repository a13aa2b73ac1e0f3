import { expect, test } from 'vitest';
import { SeriesRegistry } from '../model/series-registry.js';
import { SeriesSelection } from './series-selection.js';

const registry = new SeriesRegistry();
const plain = registry.add('latency', 'latency', {});
const host = registry.add('latency{source="host"}', 'latency', { source: 'host' });
const checkout = registry.add('latency{service="checkout"}', 'latency', { service: 'checkout' });
registry.add('cpu', 'cpu', {});

function keys(query: Record<string, unknown>): string[] {
  return SeriesSelection.ofQuery(query)
    .select(registry)
    .map(({ key }) => key);
}

test('a bare name stands for every series of that name, a key for one', () => {
  expect(keys({ series: ['latency'] })).toEqual([plain.key, host.key, checkout.key]);
  expect(keys({ series: [host.key] })).toEqual([host.key]);
});

test('labels must hold besides, and an empty value asks for series without the label', () => {
  expect(keys({ series: ['latency'], 'label.source': 'host' })).toEqual([host.key]);
  expect(keys({ series: ['latency'], 'label.source': '' })).toEqual([plain.key, checkout.key]);
  expect(keys({ 'label.source': '', 'label.service': '' })).toEqual([plain.key, 'cpu']);
});

test('nothing asked for means everything', () => {
  expect(SeriesSelection.ofQuery({}).isEverything).toBe(true);
  expect(keys({})).toHaveLength(4);
});
