import type { SamplesBody } from '@seismo/server/serve/schemas';
import { describe, expect, it } from 'vitest';
import { judged } from './judged-sample.fixture.js';
import { Track } from './track.js';

function body(from: number, to: number, time: number[], value = time): SamplesBody {
  const numbers = time.map(() => 0);
  return {
    series: 'latency',
    from,
    to,
    total: time.length,
    downsampled: false,
    time,
    value,
    state: time.map(() => 'ok' as const),
    expected: numbers,
    lower_bound: numbers,
    upper_bound: numbers,
    anomaly_probability: numbers,
    alarm: time.map(() => false),
  };
}

const times = (track: Track) => [...track.time.subarray(0, track.length)];

describe('a track', () => {
  it('puts a late sample at its place, and the same time again in its stead', () => {
    const track = new Track();
    for (const time of [1, 2, 5]) track.put(judged({ time, value: time }));
    track.put(judged({ time: 3, value: 30, state: 'unknown' }));
    track.put(judged({ time: 2, value: 20 }));
    expect(times(track)).toEqual([1, 2, 3, 5]);
    expect(track.at(1).value).toBe(20);
    expect(track.at(2)).toMatchObject({ value: 30, state: 'unknown' });
  });

  it('keeps the verdict of a sample that is sent again, and of a corrected one while it fits', () => {
    const track = new Track();
    const band = { expected: 10, lower_bound: 5, upper_bound: 15 };
    track.put(judged({ time: 1, value: 99, state: 'anomalous', alarm: true, ...band }));
    track.put(judged({ time: 1, value: 99, state: 'unknown' }));
    expect(track.at(0)).toMatchObject({ value: 99, state: 'anomalous', alarm: true, upper: 15 });
    track.put(judged({ time: 1, value: 77, state: 'unknown' }));
    expect(track.at(0)).toMatchObject({ value: 77, state: 'anomalous', alarm: true, upper: 15 });
    track.put(judged({ time: 1, value: 11, state: 'unknown' }));
    expect(track.at(0)).toMatchObject({ value: 11, state: 'unknown', alarm: false });
    expect(track.length).toBe(1);
  });

  it('has a band without an end where it has but one bound', () => {
    const track = new Track();
    const band = { expected: 10, lower_bound: null, upper_bound: 15 };
    track.put(judged({ time: 1, value: -99, ...band }));
    track.put(judged({ time: 2, value: 5, state: 'unknown', ...band, upper_bound: null }));
    expect(track.at(0)).toMatchObject({ lower: Number.NEGATIVE_INFINITY, upper: 15 });
    expect(track.at(1)).toMatchObject({ lower: Number.NaN, upper: Number.NaN });
    const answer = { ...body(0, 4, [1, 3]), lower_bound: [null, 0], upper_bound: [15, null] };
    track.merge(answer);
    expect(track.at(0)).toMatchObject({ lower: Number.NEGATIVE_INFINITY, upper: 15 });
    expect(track.at(1)).toMatchObject({ lower: 0, upper: Number.POSITIVE_INFINITY });
    track.put(judged({ time: 1, value: -5, state: 'unknown' }));
    expect(track.at(0)).toMatchObject({ value: -5, state: 'ok', upper: 15 });
  });

  it('takes an answer for its range and keeps what lies outside', () => {
    const track = new Track();
    for (let time = 0; time < 10; time++) track.put(judged({ time, value: -1 }));
    track.merge(body(3, 6, [3, 3.5, 6], [30, 35, 60]));
    expect(times(track)).toEqual([0, 1, 2, 3, 3.5, 6, 7, 8, 9]);
    expect(track.at(4).value).toBe(35);
  });

  it('keeps live samples newer than the newest of an answer that took its time', () => {
    const track = new Track();
    track.put(judged({ time: 11 }));
    track.put(judged({ time: 12 }));
    track.merge(body(0, 20, [9, 10, 11]));
    expect(times(track)).toEqual([9, 10, 11, 12]);
  });

  it('never gives up a verdict for an answer from before it was stored', () => {
    const track = new Track();
    const verdict = { state: 'anomalous', expected: 4, lower_bound: 3, upper_bound: 5, alarm: true } as const;
    track.put(judged({ time: 2, value: 20, ...verdict }));
    track.put(judged({ time: 3, value: 30, ...verdict }));
    const state = ['unknown', 'unknown', 'unknown', 'ok'] as const;
    const stale = { ...body(0, 9, [1, 2, 3, 4], [10, 20, 31, 40]), state: [...state] };
    expect(track.merge(stale)).toBe(2);
    expect([0, 1, 2, 3].map((i) => track.at(i).state)).toEqual(['unknown', 'anomalous', 'unknown', 'ok']);
    expect(track.at(1)).toMatchObject({ value: 20, expected: 4, lower: 3, upper: 5, alarm: true });
    expect(track.at(2)).toMatchObject({ value: 31, alarm: false });
    expect(track.merge(body(0, 9, [1, 2, 3, 4], [10, 20, 31, 40]))).toBe(0);
    expect(track.at(1)).toMatchObject({ state: 'ok', alarm: false });
  });

  it('an empty answer empties its range', () => {
    const track = new Track();
    for (const time of [1, 2, 3]) track.put(judged({ time }));
    track.merge(body(2, 2.5, []));
    expect(times(track)).toEqual([1, 3]);
  });

  it('grows beyond its first room and forgets from the front', () => {
    const track = new Track();
    for (let time = 0; time < 2000; time++) track.put(judged({ time, value: time * 2 }));
    track.dropBefore(1990);
    expect(times(track)).toEqual([1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997, 1998, 1999]);
    expect(track.at(0).value).toBe(3980);
  });

  it('forgets what comes after', () => {
    const track = new Track();
    for (const time of [1, 2, 3]) track.put(judged({ time }));
    track.dropAfter(2);
    expect(times(track)).toEqual([1, 2]);
    track.dropAfter(1.5);
    expect(times(track)).toEqual([1]);
  });

  it('finds the sample nearest in time', () => {
    const track = new Track();
    expect(track.nearest(3)).toBe(-1);
    for (const time of [10, 20, 30]) track.put(judged({ time }));
    expect([0, 14, 16, 99].map((time) => track.nearest(time))).toEqual([0, 0, 1, 2]);
  });
});
