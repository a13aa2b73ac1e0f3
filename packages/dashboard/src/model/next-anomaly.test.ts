import { expect, it } from 'vitest';
import { judged } from './judged-sample.fixture.js';
import { nextAnomaly, type Spot } from './next-anomaly.js';
import { Track } from './track.js';

function trackOf(anomalous: readonly number[]): Track {
  const track = new Track();
  for (let time = 0; time <= 300; time += 10) {
    track.put(judged({ time, value: 1, state: anomalous.includes(time) ? 'anomalous' : 'ok' }));
  }
  return track;
}

it('goes through samples and minutes by time, the sample first, there and back', () => {
  const track = trackOf([30, 60, 250]);
  const minutes = [{ time: 60 }, { time: 120 }];
  const walk = (sign: 1 | -1) => {
    const seen: string[] = [];
    for (let at: Spot | null = null; ; ) {
      at = nextAnomaly(track, minutes, at, sign);
      if (at === null) return seen;
      seen.push(`${at.isMinute ? 'minute' : 'sample'} ${at.time}`);
    }
  };
  const all = ['sample 30', 'sample 60', 'minute 60', 'minute 120', 'sample 250'];
  expect(walk(1)).toEqual(all);
  expect(walk(-1)).toEqual([...all].reverse());
});

it('begins at any spot, anomalous or not, and ends where there is none', () => {
  const track = trackOf([70]);
  expect(nextAnomaly(track, [{ time: 60 }], { time: 65, isMinute: false }, 1)).toEqual({
    time: 70,
    isMinute: false,
  });
  expect(nextAnomaly(track, [{ time: 60 }], { time: 65, isMinute: false }, -1)).toEqual({
    time: 60,
    isMinute: true,
  });
  expect(nextAnomaly(track, [], { time: 70, isMinute: false }, 1)).toBeNull();
  expect(nextAnomaly(new Track(), [], null, -1)).toBeNull();
});
