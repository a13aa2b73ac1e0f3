import { describe, expect, it } from 'vitest';
import { modelItem } from './model-item.fixture.js';
import { learnedSteps, modelState, neediestFirst, orderWords, seasonWords } from './model-words.js';

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

describe('a step that the model has learned', () => {
  const step_changes = [
    { time: 3000, size: 5 },
    { time: 8000, size: -9 },
  ];

  it('is quiet once it led to anomalies and none came since the training', () => {
    expect(learnedSteps(modelItem({ step_changes }), [8010, 9000])).toEqual([
      { time: 8000, size: -9, isQuiet: true },
      { time: 3000, size: 5, isQuiet: false },
    ]);
    expect(learnedSteps(modelItem({ step_changes }), [2600, 7000]).map(({ isQuiet }) => isQuiet)).toEqual([
      false,
      true,
    ]);
  });

  it('is not called quiet while anomalies go on, nor where there were none', () => {
    const quiet = (times: number[]) =>
      learnedSteps(modelItem({ step_changes }), times).some(({ isQuiet }) => isQuiet);
    expect(quiet([8010, 10_001])).toBe(false);
    expect(quiet([])).toBe(false);
    expect(quiet([1000])).toBe(false);
  });

  it('is none before the first training', () => {
    expect(learnedSteps(modelItem({ step_changes, trained_at: null }), [8010])).toEqual([]);
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
