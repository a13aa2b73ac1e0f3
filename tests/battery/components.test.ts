import type { Verdict } from '@seismo/engine';
import { expect, it } from 'vitest';
import { describeEachDetector, judge, judgeAlone } from './support/run-detector.js';
import { DAY, gaussian, HOUR, MINUTE, noise, START, samples, seeded } from './support/streams.js';

/** What is said most often of the anomalous ones. */
function mainComponent(verdicts: readonly Verdict[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { component } of verdicts) {
    if (component !== null) counts.set(component, (counts.get(component) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

describeEachDetector('what says so', (create) => {
  const wave = (timeMs: number) => 100 - 50 * Math.cos((2 * Math.PI * timeMs) / DAY);
  const week = (seed: number) => {
    const random = seeded(seed);
    return samples(7 * 288, 5 * MINUTE, (_, timeMs) => wave(timeMs) + 2 * gaussian(random));
  };
  const night = START + 7 * DAY;

  it('is the level of a spike, a drop and a shift of a series without seasons', () => {
    const level = (index: number) =>
      index === 1000 ? 160 : index === 1200 ? 40 : index >= 1400 && index < 1430 ? 130 : 100;
    const verdicts = judgeAlone(create, noise(1430, MINUTE, 61, level));
    for (const index of [1000, 1200, 1400]) expect(verdicts[index]).toMatchObject({ component: 'level' });
    expect(mainComponent(verdicts.slice(1400))).toBe('level');
  });

  it.each([62, 63, 64])('is the time of day where the value is that of another hour (seed %d)', (seed) => {
    const detector = create();
    const slot = detector.open();
    judge(detector, slot, week(seed));
    // It is midnight, and as it is at noon.
    const [first, ...others] = judge(
      detector,
      slot,
      samples(12, 5 * MINUTE, () => 148, night),
    );
    expect(first).toMatchObject({ alarm: true, component: 'time_of_day' });
    expect(mainComponent(others)).toBe('time_of_day');
  });

  it.each([62, 63, 64])('is the level where the value is that of no hour (seed %d)', (seed) => {
    for (const value of [400, -200]) {
      const detector = create();
      const slot = detector.open();
      judge(detector, slot, week(seed));
      const [verdict] = judge(detector, slot, [{ timeMs: detector.lastTimeMs(slot) + 2 * HOUR, value }]);
      expect(verdict).toMatchObject({ state: 'anomalous', component: 'level' });
    }
  });

  it('is nothing of what is not anomalous', () => {
    const verdicts = judgeAlone(create, week(65));
    for (const { state, component } of verdicts) expect(component !== null).toBe(state === 'anomalous');
  });
});

describeEachDetector('what says so of a series that moves more', (create) => {
  const SEEDS = [66, 67, 68, 69, 70, 71, 72, 73];
  /** How often each is said from 1500 on. */
  const said = (values: (seed: number) => (index: number) => number) => {
    const all = SEEDS.flatMap((seed) => judgeAlone(create, samples(1560, MINUTE, values(seed))).slice(1500));
    return (component: string) => all.filter((one) => one.component === component).length;
  };

  it('is the variance, once it has moved a few times', () => {
    const times = said((seed) => {
      const random = seeded(seed);
      return (index) => 100 + (index < 1500 ? 1 : 6) * gaussian(random);
    });
    expect(times('variance')).toBeGreaterThan(times('level'));
    expect(times('time_of_day')).toBe(0);
  });

  it.each([4, 8, 30])('is the level where it moved there, by %d standard deviations', (by) => {
    const times = said((seed) => {
      const random = seeded(seed);
      return (index) => (index < 1500 ? 100 : 100 + by) + gaussian(random);
    });
    expect(times('level')).toBeGreaterThan(SEEDS.length);
    expect(times('variance')).toBeLessThan(0.1 * times('level'));
  });
});
