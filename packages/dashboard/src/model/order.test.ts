import type { SeriesItem } from '@seismo/server/serve/schemas';
import { describe, expect, it } from 'vitest';
import { judged } from './judged-sample.fixture.js';
import { heldOrder, matching, worstFirst } from './order.js';

const NOW = 1_000_000;
const item = (series: string, state: SeriesItem['state'], change: Partial<SeriesItem> = {}): SeriesItem => ({
  series,
  name: series,
  labels: {},
  state,
  have: 60,
  need: 60,
  last: judged({ series, state }),
  unit: '',
  last_anomaly: null,
  last_minute: null,
  ...change,
});
const names = (items: readonly SeriesItem[]) => items.map((one) => one.series);

describe('the order of series', () => {
  it('is worst first, then by name', () => {
    const items = [
      item('b', 'ok'),
      item('a', 'ok'),
      item('ended', 'no_data', { last: judged({ time: NOW - 8 * 86_400 }) }),
      item('a-try', 'no_data', { have: 1, last: judged({ time: NOW - 1000 }) }),
      item('silent', 'no_data', { last: judged({ time: NOW - 1000 }) }),
      item('new', 'warming_up'),
      item('just-recovered', 'ok', { last_anomaly: NOW - 20 }),
      item('long-recovered', 'ok', { last_anomaly: NOW - 5000 }),
      item('bad-minute', 'ok', {
        last_minute: { time: NOW - 100, state: 'anomalous' },
        last: judged({ score: 1 }),
      }),
      item('old-minute', 'ok', { last_minute: { time: NOW - 900, state: 'anomalous' } }),
      item('bad', 'anomalous', { last: judged({ score: 5 }) }),
      item('worse', 'anomalous', { last: judged({ score: 50 }) }),
    ];
    expect(names(worstFirst(items, NOW))).toEqual([
      'worse',
      'bad',
      'bad-minute',
      'just-recovered',
      'silent',
      'new',
      'a',
      'b',
      'long-recovered',
      'old-minute',
      'a-try',
      'ended',
    ]);
  });

  it('stays while held; new series come last', () => {
    const sorted = [item('new', 'anomalous'), item('b', 'anomalous'), item('a', 'ok')];
    expect(names(heldOrder(sorted, ['a', 'b']))).toEqual(['a', 'b', 'new']);
  });

  it('is searched by every word, in name and labels', () => {
    const items = [item('latency{service="checkout"}', 'ok'), item('latency', 'ok'), item('cpu', 'ok')];
    expect(names(matching(items, 'check LAT'))).toEqual(['latency{service="checkout"}']);
    expect(names(matching(items, '  '))).toHaveLength(3);
  });

  it('finds a label as it is shown and as it is written', () => {
    const items = [item('m{n="499"}', 'ok', { name: 'm', labels: { n: '499' } }), item('m', 'ok')];
    for (const query of ['n=499', 'm n=499', 'n="499"', 'N=499 M']) {
      expect(names(matching(items, query))).toEqual(['m{n="499"}']);
    }
  });
});
