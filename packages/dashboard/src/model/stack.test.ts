import { describe, expect, it } from 'vitest';
import { type ExplainedPoint, placesOf, stackOf } from './stack.js';

const AHEAD: ExplainedPoint = {
  time: 600,
  part: 'forecast',
  value: null,
  expected: 212,
  standard_error: 10,
  lower: 192,
  upper: 232,
  trend: 180,
  seasonal: { daily: 35, weekly: 6 },
  holiday: 0,
  spikes_and_dips: 0,
  step_changes: -9,
  residual: 0,
  words: '',
};

describe('the parts of a minute', () => {
  it('stand on top of each other up to what was expected', () => {
    expect(stackOf(AHEAD, null).map(({ name, from, to, kind }) => [name, from, to, kind])).toEqual([
      ['trend', 180, 180, 'level'],
      ['daily', 180, 215, 'part'],
      ['weekly', 215, 221, 'part'],
      ['steps', 221, 212, 'part'],
      ['expected', 212, 212, 'level'],
    ]);
  });

  it('go on to the mean of a minute that the model knows, and to the sample looked at', () => {
    const known: ExplainedPoint = {
      ...AHEAD,
      part: 'history',
      value: 300,
      spikes_and_dips: 90,
      residual: -2,
    };
    expect(stackOf(known, { value: 340, isMinute: false }).slice(4)).toEqual([
      { name: 'expected', value: 212, from: 212, to: 212, kind: 'level' },
      { name: 'spike', value: 90, from: 212, to: 302, kind: 'part' },
      { name: 'rest', value: -2, from: 302, to: 300, kind: 'part' },
      { name: 'mean of the minute', value: 300, from: 300, to: 300, kind: 'level' },
      { name: 'this sample', value: 340, from: 340, to: 340, kind: 'level' },
    ]);
    expect(stackOf({ ...known, spikes_and_dips: -4 }, null)[5]?.name).toBe('dip');
  });

  it('end with the mean of a minute that is looked at, once', () => {
    const minute = { value: 300, isMinute: true };
    expect(stackOf(AHEAD, minute).at(-1)).toMatchObject({ name: 'mean of the minute', value: 300 });
    const known: ExplainedPoint = { ...AHEAD, part: 'history', value: 300, spikes_and_dips: 88 };
    expect(stackOf(known, minute).filter(({ name }) => name === 'mean of the minute').length).toBe(1);
  });

  it('are none where nothing is known', () => {
    expect(stackOf({ ...AHEAD, trend: null, expected: null }, null)).toEqual([]);
  });

  it('are what was expected and what lies beyond it, where the rest of a judged minute is not known', () => {
    const bare = { ...AHEAD, trend: null, seasonal: {}, holiday: null, step_changes: null };
    const judged = { ...bare, part: 'judged', value: 300, spikes_and_dips: null, residual: 88 } as const;
    expect(
      stackOf(judged, { value: 300, isMinute: true }).map(({ name, from, to }) => [name, from, to]),
    ).toEqual([
      ['expected', 212, 212],
      ['rest', 212, 300],
      ['mean of the minute', 300, 300],
    ]);
  });

  it('find their place between the smallest and the largest, and alone in the middle', () => {
    const places = placesOf(stackOf(AHEAD, null));
    expect(places[0]).toEqual({ start: 0.03, end: 0.03 });
    expect(places[2]!.end).toBeCloseTo(0.97, 12);
    expect(places[1]!.end).toBeCloseTo(places[2]!.start, 12);
    expect(places.every(({ start, end }) => start <= end)).toBe(true);
    const alone = { ...AHEAD, seasonal: {}, step_changes: 0, expected: 180 };
    expect(placesOf(stackOf(alone, null))).toEqual([
      { start: 0.5, end: 0.5 },
      { start: 0.5, end: 0.5 },
    ]);
  });
});
