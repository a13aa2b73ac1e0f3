import { describe, expect, it } from 'vitest';
import { modelItem } from './model-item.fixture.js';
import { areSamplesAnomalous, lateStep, newsWords, stepNews } from './step-news.js';

const learned = { time: 8000, size: -9, learned_at: 9900 };
const judged = (time: number) => modelItem({ last_minute: { time, state: 'ok' } });

describe('the step that is told of', () => {
  it('is the newest that a training after the first has learned within a day', () => {
    const of = (step_changes: Parameters<typeof lateStep>[0]['step_changes'], now = 10_000) =>
      lateStep({ step_changes }, now);
    const older = { time: 3000, size: 5, learned_at: 9900 };
    expect(of([older, learned])).toEqual(learned);
    expect(of([older, { ...learned, learned_at: null }])).toEqual(older);
    expect(of([{ ...learned, learned_at: null }])).toBeNull();
    expect(of([learned], 9900 + 86_401)).toBeNull();
    expect(of([])).toBeNull();
  });
});

describe('the news of a step', () => {
  it('is that the anomalies it led to have stopped, once a minute was judged since', () => {
    expect(stepNews(judged(10_020), learned, [7980, 8040, 9840], null)).toEqual({
      series: 'latency',
      step: learned,
      learnedAt: 9900,
      anomalousMinutes: 3,
      isProven: true,
    });
    expect(stepNews(judged(9840), learned, [8040], null)).toMatchObject({
      anomalousMinutes: 1,
      isProven: false,
    });
    expect(stepNews(modelItem(), learned, [8040], null)).toMatchObject({ isProven: false });
  });

  it('is proven by a minute with data, whether or not one without came after it', () => {
    const silent = modelItem({ last_minute: { time: 10_200, state: 'no_data' } });
    const isProven = (lastSample: number | null) => stepNews(silent, learned, [8040], lastSample)?.isProven;
    expect([null, 9890, 10_085, 10_215, 10_265].map(isProven)).toEqual([false, false, true, true, false]);
  });

  it('is none while anomalies go on, nor where the step led to none', () => {
    expect(stepNews(judged(10_020), learned, [8040, 9960], null)).toBeNull();
    expect(stepNews(judged(10_020), learned, [], null)).toBeNull();
    expect(stepNews(judged(10_020), learned, [9000], null)).toBeNull();
    expect(stepNews(judged(10_020), learned, [7000], null)).toBeNull();
  });

  it('is told in words', () => {
    const news = stepNews(judged(10_020), learned, [8040, 8100], null)!;
    expect(newsWords(news, '2 min ago', false)).toBe(
      'learned 2 min ago; 2 minutes were anomalous to the model until then, none since: anomalous minutes have stopped by themselves',
    );
    expect(newsWords({ ...news, anomalousMinutes: 1, isProven: false }, 'just now', false)).toBe(
      'learned just now; 1 minute was anomalous to the model until then, and this level is expected from now on',
    );
  });

  it('does not say that anything has stopped while single samples are anomalous', () => {
    const news = stepNews(judged(10_020), learned, [8040, 8100], null)!;
    expect(newsWords(news, '2 min ago', true)).toBe(
      'learned 2 min ago; 2 minutes were anomalous to the model until then, none since; single samples still are',
    );
    const still = (state: string, last_anomaly: number | null) =>
      areSamplesAnomalous({ state, last_anomaly }, news, 12_000);
    expect([still('anomalous', null), still('ok', 11_990), still('ok', 9899), still('ok', 11_000)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(still('ok', null)).toBe(false);
    expect(areSamplesAnomalous(undefined, news, 12_000)).toBe(false);
  });
});
