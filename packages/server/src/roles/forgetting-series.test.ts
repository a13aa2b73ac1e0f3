import { describe, expect, it } from 'vitest';
import { ForgettingSeries } from './forgetting-series.js';

const MINUTE_MS = 60_000;

function setUp(max: number) {
  const clock = { ms: 1_743_548_330_000, nowMs: () => clock.ms };
  const series = new ForgettingSeries({ max, idleMs: 10 * MINUTE_MS, clock });
  const send = (name: string) => {
    series.sweep();
    const { registry, active } = series;
    const one = registry.byKey(name) ?? (active.hasRoom ? registry.add(name, name, {}) : undefined);
    return one !== undefined && active.touch(one.id, Math.floor(clock.ms / 1000)) ? one : undefined;
  };
  return { clock, series, send };
}

describe('the series of a stateless service', () => {
  it('fill the limit and make room once they idle', () => {
    const { clock, series, send } = setUp(2);
    expect([send('a'), send('b')].every((one) => one !== undefined)).toBe(true);
    expect(send('c')).toBeUndefined();
    clock.ms += 9 * MINUTE_MS;
    send('a');
    clock.ms += 2 * MINUTE_MS;
    expect(send('c')).toMatchObject({ key: 'c' });
    expect(series.registry.byKey('b')).toBeUndefined();
    expect(series.registry.byKey('a')).toBeDefined();
  });

  it('never fill it for good, however many names come', () => {
    const { clock, series, send } = setUp(50);
    let refused = 0;
    let idMax = 0;
    for (let minute = 0; minute < 1000; minute++) {
      for (let i = 0; i < 4; i++) {
        const one = send(`churn${minute}_${i}`);
        if (one === undefined) refused++;
        else idMax = Math.max(idMax, one.id);
      }
      clock.ms += MINUTE_MS;
    }
    expect(refused).toBe(0);
    expect(series.registry.size).toBeLessThanOrEqual(50);
    // Ids are used again, so what is kept by id does not grow either.
    expect(idMax).toBeLessThan(120);
  });

  it('leave an id alone until nobody can hold it any more', () => {
    const { clock, send } = setUp(10);
    const first = send('a')!;
    clock.ms += 11 * MINUTE_MS;
    expect(send('b')!.id).not.toBe(first.id);
    clock.ms += 2 * MINUTE_MS;
    expect(send('c')!.id).not.toBe(first.id);
    clock.ms += 9 * MINUTE_MS;
    expect(send('d')!.id).toBe(first.id);
  });
});
