import { describe, expect, it } from 'vitest';
import { modelItem } from './model-item.fixture.js';
import { notesOf, type ServerFacts } from './sql-notes.js';

/** 14:50 UTC */
const NOW = Date.parse('2026-03-12T14:50:00Z') / 1000;
const QUEUE = { waiting: 0, running: 0, workers: 1, seconds_to_train_all: null, without_room: 0 };
const early = (series: string, have: number) =>
  modelItem({ series, name: series, state: 'waiting', trained_at: null, have, need: 120 });
const server = (models: ReturnType<typeof modelItem>[], change: Partial<ServerFacts> = {}): ServerFacts => ({
  models: { models, count: models.length, queue: QUEUE },
  seriesCount: 9,
  hasPlain: false,
  now: NOW,
  ...change,
});
const FORECAST = {
  sql: 'SELECT * FROM ML.FORECAST(MODEL metrics_dataset.series_anomalies)',
  failure: null,
  isEmpty: true,
};

describe('why a statement gave nothing, and when it will', () => {
  it('is said of models that wait for minutes, with what they need and when they can have it', () => {
    const [note] = notesOf(FORECAST, server([early('cpu', 3), early('load', 20)]));
    expect(note).toContain('A model needs 120 minutes with data: load has 20');
    expect(note).toContain('in 2 h, at 16:30 UTC');
  });

  it('is said of models in training, of failed ones and of those that only some series have', () => {
    const training = modelItem({ state: 'training', trained_at: null });
    const failed = modelItem({ state: 'failed', trained_at: null, error: 'No memory.' });
    const [note] = notesOf({ ...FORECAST, isEmpty: false }, server([modelItem(), training, failed]));
    expect(note).toContain('1 is being trained or next to be. 1 failed: No memory.');
  });

  it('is not made up where the statement itself leaves nothing, or nobody can know', () => {
    expect(notesOf(FORECAST, server([modelItem()]))).toEqual([]);
    expect(notesOf(FORECAST, server([modelItem(), early('cpu', 3)]))).toEqual([]);
    expect(notesOf(FORECAST, server([], { models: null }))).toEqual([]);
    expect(notesOf({ ...FORECAST, sql: 'SELECT 1 FROM t' }, server([early('cpu', 3)]))).toEqual([]);
  });

  it('is said where the server keeps no models, or has no minute yet', () => {
    const none = { models: [], count: 0, queue: null };
    expect(notesOf(FORECAST, server([], { models: none }))[0]).toContain('keeps no models');
    expect(notesOf(FORECAST, server([]))[0]).toContain('No series has a whole minute');
  });

  it('is said of metrics_table where nothing came without labels', () => {
    const run = { sql: 'SELECT * FROM metrics_dataset.metrics_table', failure: null, isEmpty: true };
    expect(notesOf(run, server([]))[0]).toContain(
      'All 9 series of this server are in metrics_dataset.samples',
    );
    expect(notesOf(run, server([], { hasPlain: true }))).toEqual([]);
    const train = { ...run, isEmpty: false, failure: 'The training data have no rows.' };
    expect(notesOf(train, server([])).length).toBe(1);
  });

  it('names the statement that makes the model', () => {
    const failure = 'Not found: Model seismo:metrics_dataset.latency_anomalies was not found in location US';
    expect(notesOf({ sql: 'SELECT 1', failure, isEmpty: false }, server([]))).toEqual([
      '“Train a model”, above, makes it.',
    ]);
  });
});
