import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judged } from './judged-sample.fixture.js';
import { thin } from './thin.js';
import { Track } from './track.js';

function trackOf(values: number[], times = values.map((_, i) => i), anomalous: number[] = []): Track {
  const track = new Track();
  values.forEach((value, i) => {
    track.put(judged({ time: times[i]!, value, state: anomalous.includes(i) ? 'anomalous' : 'ok' }));
  });
  return track;
}

const BAND = { expected: 1, lower_bound: 0, upper_bound: 2 };
const NO_BAND = { expected: null, lower_bound: null, upper_bound: null };

const drawn = (track: Track, from: number, to: number, columns: number) => {
  const thinned = thin(track, from, to, columns);
  return { ...thinned, positions: [...thinned.index.subarray(0, thinned.count)] };
};

describe('thinning', () => {
  it('leaves everything when there is room', () => {
    const track = trackOf([1, 2, 3, 4, 5]);
    expect(drawn(track, 0, 4, 100).positions).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps first, smallest, largest and last of each column', () => {
    const track = trackOf([5, 1, 9, 5, 5, 5, 5, 5, 5, 4]);
    expect(drawn(track, 0, 10, 1).positions).toEqual([0, 1, 2, 9]);
  });

  it('takes one neighbour beyond each edge, so that the line reaches it', () => {
    const track = trackOf(Array.from({ length: 20 }, () => 1));
    const { positions } = drawn(track, 5.5, 9.5, 100);
    expect(positions).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('draws a hole in the data as a gap, and both of its sides', () => {
    const times = [
      ...Array.from({ length: 50 }, (_, i) => i),
      ...Array.from({ length: 50 }, (_, i) => 90 + i),
    ];
    const track = trackOf(times.map(Math.sin), times);
    const { gaps, positions, breaks } = drawn(track, 0, 140, 5);
    expect(gaps).toBe(1);
    expect(positions).toContain(49);
    expect(breaks[positions.indexOf(50)]).toBe(1);
    expect([...breaks].filter((one) => one === 1)).toHaveLength(1);
  });

  it('sees no gaps in what came at a slower pace before, or after', () => {
    const slow = Array.from({ length: 60 }, (_, i) => i * 30);
    const fast = Array.from({ length: 900 }, (_, i) => 1800 + i / 2);
    const after = Array.from({ length: 40 }, (_, i) => 2250 + i * 30);
    const times = [...slow, ...fast, ...after];
    expect(drawn(trackOf(times.map(Math.sin), times), 0, 3600, 1000).gaps).toBe(0);
    // A hole in either is one.
    const holed = times.filter((time) => !(time > 600 && time < 800) && !(time > 2000 && time < 2030));
    expect(drawn(trackOf(holed.map(Math.sin), holed), 0, 3600, 1000).gaps).toBe(2);
  });

  it('goes on over late samples among the others, line and band', () => {
    const track = new Track();
    for (let i = 0; i < 60; i++) {
      track.put(judged({ time: i * 300, value: 1, state: 'ok', ...BAND }));
      track.put(judged({ time: i * 300 + 2, value: 1, state: 'unknown', ...NO_BAND }));
    }
    const { gaps, bandBreaks, bandCount } = drawn(track, 0, 18_000, 1000);
    expect([gaps, bandCount]).toEqual([0, 60]);
    expect([...bandBreaks.subarray(0, bandCount)].filter((one) => one === 1)).toHaveLength(1);
  });

  it('parts the band where nothing was judged for long', () => {
    const track = new Track();
    for (let i = 0; i < 60; i++) {
      const isLate = i >= 20 && i < 40;
      track.put(
        judged({ time: i, value: 1, state: isLate ? 'unknown' : 'ok', ...(isLate ? NO_BAND : BAND) }),
      );
    }
    const { gaps, bandBreaks, bandCount } = drawn(track, 0, 60, 1000);
    expect([gaps, bandCount]).toEqual([0, 40]);
    expect([...bandBreaks.subarray(0, bandCount)].filter((one) => one === 1)).toHaveLength(2);
  });

  it('sees no gap in thinned-out data whose spacing is known to be coarse', () => {
    const times = [0, 1, 2, 3, 4, 5, 25, 26, 27, 28, 29];
    const track = trackOf(
      times.map(() => 1),
      times,
    );
    expect(drawn(track, 0, 30, 100).gaps).toBe(1);
    track.gapFloor = 30;
    expect(drawn(track, 0, 30, 100).gaps).toBe(0);
  });

  it('draws the band around all bounds of a column and leaves it out where there is none', () => {
    const track = new Track();
    for (let i = 0; i < 40; i++) {
      const bounds = i < 20 ? { lower_bound: null, upper_bound: null } : { lower_bound: -i, upper_bound: i };
      track.put(judged({ time: i, value: 0, ...bounds }));
    }
    const { bandCount, bandLower, bandUpper, bandBreaks } = drawn(track, 0, 40, 4);
    expect(bandCount).toBe(2);
    expect([...bandLower.subarray(0, 2)]).toEqual([-29, -39]);
    expect([...bandUpper.subarray(0, 2)]).toEqual([29, 39]);
    expect([...bandBreaks.subarray(0, 2)]).toEqual([1, 0]);
  });

  it('keeps extremes and every anomalous sample of whatever data, in the order of time', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), {
      minLength: 1,
      maxLength: 400,
    });
    const picks = fc.array(fc.nat(399), { maxLength: 20 });
    fc.assert(
      fc.property(values, picks, fc.integer({ min: 1, max: 50 }), (all, anomalous, columns) => {
        const track = trackOf(all, undefined, anomalous);
        const { positions } = drawn(track, 0, all.length, columns);
        const kept = positions.map((i) => all[i]!);
        expect(Math.max(...kept)).toBe(Math.max(...all));
        expect(Math.min(...kept)).toBe(Math.min(...all));
        for (const i of anomalous) if (i < all.length) expect(positions).toContain(i);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        expect(positions.length).toBeLessThanOrEqual(4 * (columns + 1) + new Set(anomalous).size + 4);
      }),
      { numRuns: 200 },
    );
  });

  it('has nothing to draw of an empty track', () => {
    expect(drawn(new Track(), 0, 10, 100).positions).toEqual([]);
  });
});
