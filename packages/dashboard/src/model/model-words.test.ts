import { describe, expect, it } from 'vitest';
import { modelItem } from './model-item.fixture.js';
import { modelState, neediestFirst, orderWords, seasonWords } from './model-words.js';

const NEVER = { trained_at: null, non_seasonal_order: null, has_drift: null } as const;

describe('a model in words', () => {
  it('has its order, with or without drift', () => {
    expect(orderWords(modelItem())).toBe('ARIMA(1, 1, 2)');
    expect(orderWords(modelItem({ has_drift: true }))).toBe('ARIMA(1, 1, 2) with drift');
    expect(orderWords(modelItem(NEVER))).toBe('–');
  });

  it('has its seasons, or none, or nothing known', () => {
    expect(seasonWords(modelItem({ seasonal_periods: ['DAILY', 'WEEKLY'] }))).toBe('daily, weekly');
    expect(seasonWords(modelItem({ seasonal_periods: ['NO_SEASONALITY'] }))).toBe('none');
    expect(seasonWords(modelItem(NEVER))).toBe('–');
  });

  it('has a state with its reason', () => {
    const of = (change: Parameters<typeof modelItem>[0], now = 20_000) => modelState(modelItem(change), now);
    expect(of({})).toEqual({ words: 'trained', reason: null, mark: 'ok' });
    expect(of({ state: 'waiting', ...NEVER, error: '45 of 120 minutes' })).toEqual({
      words: 'no model yet',
      reason: '45 of 120 minutes',
      mark: 'warming_up',
    });
    expect(of({ state: 'failed', error: 'All missing.' })).toMatchObject({
      words: 'failed',
      reason: 'All missing.',
    });
    expect(of({ state: 'training', ...NEVER }).words).toBe('training');
    expect(of({ state: 'training' }).words).toBe('training again');
    expect(of({}, 70_000)).toMatchObject({ words: 'forecast has ended', mark: 'unknown' });
  });
});

it('the list begins with what failed, trains and waits, then with the oldest', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const [a, b, c, d, e, f] = [
    { trained_at: 500 },
    { trained_at: 400 },
    { state: 'waiting' },
    { state: 'failed' },
    { state: 'training' },
    { trained_at: 400 },
  ].map((change, i) => modelItem({ ...(change as object), series: names[i]! }));
  const given = [a!, f!, b!, c!, d!, e!];
  expect(neediestFirst(given).map(({ series }) => series)).toEqual(['d', 'e', 'c', 'b', 'f', 'a']);
  expect(given[0]).toBe(a);
});
