import { describe, expect, it } from 'vitest';
import { createVerdict } from '../streaming/detector.js';
import { createMultiViewDetector } from '../streaming/multi-view-detector.js';
import { BACKTEST_SENSITIVITIES, backtest } from './backtest.js';
import { fillCleanSeries } from './clean-series.js';

const MINUTE = 60_000;
const WEEK = 604_800_000;

function noiseWithOutages(rows: number, outages: readonly number[]) {
  const values = fillCleanSeries('gaussian', 5, { startMs: 0, periodMs: MINUTE }, new Float64Array(rows));
  for (const row of outages) values.fill(200, row, row + 10);
  return { timesMs: values.map((_, row) => row * MINUTE), values };
}

function warmUp(): number {
  const detector = createMultiViewDetector();
  return detector.score(detector.open(), 0, 1, createVerdict()).need;
}

describe('a backtest', () => {
  const series = noiseWithOutages(4000, [1000, 2000, 3000]);

  it('tells the alarms that a live detector gives, each with its excursion', () => {
    const { alarms, anomalies, judged, weeks, alarmsPerWeek } = backtest(createMultiViewDetector(), series);
    expect(alarms.map(({ row, lastRow }) => [row, lastRow])).toEqual([
      [1000, 1009],
      [2000, 2009],
      [3000, 3009],
    ]);
    expect(alarms.map((alarm) => alarm.anomalies)).toEqual([10, 10, 10]);
    expect(alarms.every(({ peakRow, row, lastRow }) => peakRow >= row && peakRow <= lastRow)).toBe(true);
    expect(anomalies).toBe(30);
    expect(judged).toBe(4000 - warmUp());
    expect(weeks).toBeCloseTo(((judged - 1) * MINUTE) / WEEK, 12);
    expect(alarmsPerWeek).toBeCloseTo(3 / weeks, 12);
  });

  it('holds them against labels', () => {
    const at = (from: number, to: number) => ({ fromMs: from * MINUTE, toMs: to * MINUTE });
    const labels = [at(990, 1050), at(2000, 2100), at(3500, 3600)];
    const { labelled } = backtest(createMultiViewDetector(), series, labels);
    expect(labelled?.events).toMatchObject({ windows: 3, hits: 2, falseAlarms: 1, delays: [10, 0] });
    expect(labelled?.delayMs).toBe(5 * MINUTE);
    expect(labelled?.nab).toBeGreaterThan(50);
    expect(labelled?.nab).toBeLessThan(67);
    expect(backtest(createMultiViewDetector(), series, []).labelled?.events.recall).toBeNaN();
  });

  it('tells no less at a higher sensitivity', () => {
    const noisy = {
      timesMs: series.timesMs,
      values: fillCleanSeries('student t3', 2, { startMs: 0, periodMs: MINUTE }, new Float64Array(4000)),
    };
    const told = BACKTEST_SENSITIVITIES.map(
      (falseAlarmsPerWeek) => backtest(createMultiViewDetector({ falseAlarmsPerWeek }), noisy).anomalies,
    );
    expect([...told].sort((a, b) => a - b)).toEqual(told);
    expect(told.at(-1)).toBeGreaterThan(told[0]!);
  });

  it('says nothing of a series that was never judged', () => {
    const short = backtest(createMultiViewDetector(), noiseWithOutages(20, []));
    expect(short).toMatchObject({ alarms: [], judged: 0, weeks: 0, alarmsPerWeek: Number.NaN });
    expect(backtest(createMultiViewDetector(), noiseWithOutages(0, [])).judged).toBe(0);
  });
});
