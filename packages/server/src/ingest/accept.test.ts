import { describe, expect, it } from 'vitest';
import { ActiveSeries } from '../model/active-series.js';
import { SeriesRegistry } from '../model/series-registry.js';
import { Acceptor } from './accept.js';

const NOW_S = 1_743_548_400;
const DAY_MS = 86_400_000;

function setUp(seriesMax = 100) {
  const registry = new SeriesRegistry();
  const active = new ActiveSeries(seriesMax);
  const acceptor = new Acceptor({
    registry,
    active,
    clock: { nowMs: () => NOW_S * 1000 },
    retentionMs: 30 * DAY_MS,
  });
  const samples = (items: unknown) => {
    const { batch } = acceptor.accept(items);
    return Array.from(batch.values, (value, i) => [
      registry.byId(batch.seriesIds[i]!)?.key,
      batch.timesMs[i],
      value,
    ]);
  };
  const rejections = (items: unknown) =>
    acceptor.accept(items).rejected.map(({ index, field, code }) => [index, field, code]);
  const message = (items: unknown) => acceptor.accept(items).rejected[0]?.message;
  return { registry, active, acceptor, samples, rejections, message };
}

describe('accept', () => {
  it('takes every numeric field of an object as a series', () => {
    expect(setUp().samples({ timestamp: 1743548330, latency: 312.0, cpu: 100 })).toEqual([
      ['latency', 1743548330000, 312],
      ['cpu', 1743548330000, 100],
    ]);
  });

  it('makes labels part of the series, sorted and escaped', () => {
    const labels = { zone: 'a"b\\c\nd', service: 'checkout' };
    expect(setUp().samples({ timestamp: NOW_S, labels, latency: 1 })).toEqual([
      ['latency{service="checkout",zone="a\\"b\\\\c\\nd"}', NOW_S * 1000, 1],
    ]);
  });

  it('gives a series one id, whatever the order of its labels', () => {
    const { acceptor } = setUp();
    const { batch } = acceptor.accept([
      { timestamp: NOW_S, labels: { a: '1', b: '2' }, x: 1 },
      { timestamp: NOW_S, labels: { b: '2', a: '1' }, x: 1 },
      { timestamp: NOW_S, labels: {}, x: 1 },
      { timestamp: NOW_S, x: 1 },
    ]);
    expect([...batch.seriesIds]).toEqual([0, 0, 1, 1]);
  });

  it.each([
    [1743548330.25, 1743548330250],
    [1743548330.0004, 1743548330000],
    ['2025-04-01T22:58:50Z', 1743548330000],
    ['2025-04-01t22:58:50.1239z', 1743548330124],
    ['2025-04-02 00:58:50+02:00', 1743548330000],
    ['2025-04-01T17:28:50.5-05:30', 1743548330500],
  ])('reads the timestamp %s', (timestamp, timeMs) => {
    expect(setUp().samples({ timestamp, x: 1 })).toEqual([['x', timeMs, 1]]);
  });

  it.each([
    [undefined, 'timestamp_missing'],
    [null, 'timestamp_not_finite'],
    [Number.POSITIVE_INFINITY, 'timestamp_not_finite'],
    [true, 'timestamp_not_finite'],
    ['1743548330', 'timestamp_not_finite'],
    ['2025-02-30T00:00:00Z', 'timestamp_not_finite'],
    ['2025-04-01T24:00:00Z', 'timestamp_not_finite'],
    ['2025-04-01T22:58:50', 'timestamp_not_finite'],
    [1743548330000, 'timestamp_in_milliseconds'],
    [1743548330000000, 'timestamp_out_of_range'],
    [1743548330000000000, 'timestamp_out_of_range'],
    [1e300, 'timestamp_out_of_range'],
    [-1, 'timestamp_out_of_range'],
    [NOW_S + 3601, 'timestamp_in_future'],
    ['9999-12-31T23:59:59Z', 'timestamp_in_future'],
    [NOW_S - 31 * 86400, 'timestamp_too_old'],
    [0, 'timestamp_too_old'],
  ])('refuses the timestamp %s as %s', (timestamp, code) => {
    const { rejections, samples } = setUp();
    const item = timestamp === undefined ? { x: 1 } : { timestamp, x: 1 };
    expect(rejections(item)).toEqual([[0, 'timestamp', code]]);
    expect(samples(item)).toEqual([]);
  });

  it('takes a sample up to one hour ahead and up to the retention back', () => {
    const { samples } = setUp();
    expect(samples([{ timestamp: NOW_S + 3600, x: 1 }])).toHaveLength(1);
    expect(samples([{ timestamp: NOW_S - 30 * 86400, x: 1 }])).toHaveLength(1);
  });

  it('says what would be right for milliseconds sent as seconds', () => {
    expect(setUp().message({ timestamp: 1743548330123, x: 1 })).toBe(
      'timestamp 1743548330123 looks like milliseconds; send seconds: 1743548330.123',
    );
  });

  it('takes the good fields of a partly bad item and lists the bad ones', () => {
    const { acceptor, rejections } = setUp();
    const items = [
      { timestamp: NOW_S, good: 1, text: '312', none: null, nan: Number.NaN, deep: { a: 1 } },
      7,
      null,
      [1],
      { timestamp: NOW_S },
    ];
    expect(acceptor.accept(items).batch.values).toHaveLength(1);
    expect(rejections(items)).toEqual([
      [0, 'text', 'value_not_finite'],
      [0, 'none', 'value_not_finite'],
      [0, 'nan', 'value_not_finite'],
      [0, 'deep', 'value_not_finite'],
      [1, undefined, 'not_an_object'],
      [2, undefined, 'not_an_object'],
      [3, undefined, 'not_an_object'],
      [4, undefined, 'no_values'],
    ]);
  });

  it.each([
    [{ '1st': 1 }, '1st', 'series_name_invalid'],
    [{ '': 1 }, '', 'series_name_invalid'],
    [{ 'a b': 1 }, 'a b', 'series_name_invalid'],
    [{ x: 1, labels: [] }, 'labels', 'labels_invalid'],
    [{ x: 1, labels: 'a' }, 'labels', 'labels_invalid'],
    [{ x: 1, labels: null }, 'labels', 'labels_invalid'],
    [{ x: 1, labels: { port: 80 } }, 'labels.port', 'labels_invalid'],
    [{ x: 1, labels: { a: 'cut \ud83d' } }, 'labels.a', 'labels_invalid'],
    [{ x: 1, labels: { 'a="b",c': 'd' } }, 'labels.a="b",c', 'label_name_invalid'],
    [{ x: 1, labels: { a: 'v'.repeat(501) } }, 'labels.a', 'label_too_long'],
    [
      { x: 1, labels: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`l${i}`, 'v'])) },
      'labels',
      'too_many_labels',
    ],
  ])('refuses %j at %s as %s', (fields, field, code) => {
    expect(setUp().rejections({ timestamp: NOW_S, ...fields })).toEqual([[0, field, code]]);
  });

  it('takes names, labels and values of the greatest length', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`l${i}`.padEnd(100, '.'), 'v'.repeat(500)]),
    );
    expect(setUp().samples({ timestamp: NOW_S, ['x'.repeat(200)]: 1, labels })).toHaveLength(1);
    expect(setUp().rejections({ timestamp: NOW_S, ['x'.repeat(201)]: 1 })).toHaveLength(1);
  });

  it('cuts huge names and values in its messages', () => {
    const { acceptor } = setUp();
    const huge = 'y'.repeat(1_000_000);
    const { rejected } = acceptor.accept([
      { timestamp: huge, x: 1 },
      { timestamp: NOW_S, x: huge, [huge]: 1, labels: undefined },
      { timestamp: NOW_S, x: 1, labels: { [huge]: huge } },
    ]);
    expect(rejected).toHaveLength(4);
    expect(JSON.stringify(rejected).length).toBeLessThan(2500);
  });

  it('comes to no harm from the names of prototypes', () => {
    const { samples, rejections } = setUp();
    const item = JSON.parse(
      `{"timestamp": ${NOW_S}, "__proto__": 1, "constructor": 2, "labels": {"__proto__": "a", "toString": "b"}}`,
    );
    expect(samples(item)).toEqual([
      ['__proto__{__proto__="a",toString="b"}', NOW_S * 1000, 1],
      ['constructor{__proto__="a",toString="b"}', NOW_S * 1000, 2],
    ]);
    expect(rejections(JSON.parse('{"__proto__": {"timestamp": 1743548400, "x": 1}}'))).toEqual([
      [0, 'timestamp', 'timestamp_missing'],
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('refuses new series over the limit and goes on taking known ones', () => {
    const { rejections, samples, registry, active } = setUp(2);
    expect(rejections({ timestamp: NOW_S, a: 1, b: 1, c: 1 })).toEqual([[0, 'c', 'series_limit']]);
    expect(samples({ timestamp: NOW_S, a: 2, d: 1 })).toEqual([['a', NOW_S * 1000, 2]]);
    expect(registry.size).toBe(2);
    active.release(0);
    expect(samples({ timestamp: NOW_S, c: 1 })).toHaveLength(1);
    expect(rejections({ timestamp: NOW_S, a: 3 })).toEqual([[0, 'a', 'series_limit']]);
  });

  it('lists at most 1,000 rejections and counts all', () => {
    const { rejected, rejectedByCode } = setUp().acceptor.accept(Array.from({ length: 1500 }, () => 0));
    expect(rejected).toHaveLength(1000);
    expect(rejectedByCode.get('not_an_object')).toBe(1500);
  });

  it('says that an empty array holds nothing', () => {
    expect(setUp().rejections([])).toEqual([[0, undefined, 'no_values']]);
  });
});
