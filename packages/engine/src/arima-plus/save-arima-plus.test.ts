import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { detectArimaPlusAnomalies } from './detect-arima-plus-anomalies.js';
import { explainArimaPlusForecast } from './explain-arima-plus-forecast.js';
import { fitArimaPlus } from './fit-arima-plus.js';
import { forecastArimaPlus } from './forecast-arima-plus.js';
import { dailyWave, timesFrom } from './made-series.fixture.js';
import { loadArimaPlus, saveArimaPlus } from './save-arima-plus.js';

const LENGTH = 24 * 20;
const model = fitArimaPlus(timesFrom(LENGTH), dailyWave(LENGTH)).model!;

describe('a saved model', () => {
  it('is small: without history some kilobytes and 16 bytes a value of its season', () => {
    const bare = fitArimaPlus(timesFrom(LENGTH), dailyWave(LENGTH), { decomposeTimeSeries: false }).model!;
    expect(saveArimaPlus(bare).length).toBeLessThan(4000);
    // Values and season of 8 bytes each.
    expect(saveArimaPlus(model).length).toBeLessThan(4000 + LENGTH * 16);
  });

  it('is refused if it is no model, of another version, cut off or changed', () => {
    const bytes = saveArimaPlus(model);
    expect(() => loadArimaPlus(new Uint8Array(0))).toThrow(/do not begin with SMAP/);
    expect(() => loadArimaPlus(Uint8Array.from({ length: 50 }, (_, index) => index))).toThrow(RangeError);
    const later = bytes.slice();
    later[4] = 9;
    expect(() => loadArimaPlus(later)).toThrow(/saved as version 9; this one reads versions 1 to 3/);
    expect(() => loadArimaPlus(bytes.subarray(0, bytes.length - 1))).toThrow(/damaged/);
    for (const at of [9, 500, bytes.length - 1]) {
      const changed = bytes.slice();
      changed[at] = changed[at]! ^ 1;
      expect(() => loadArimaPlus(changed)).toThrow(/damaged/);
    }
  });

  it('of version 1 is read as it was then', () => {
    // Saved, with a horizon of 10, from 40 days of 20 + day % 7 + ((37 day) % 11) / 4, and 9 more after the 26th.
    const bytes = readFileSync(new URL('fixtures/model-version-1.bin', import.meta.url));
    const old = loadArimaPlus(bytes);
    const { timesMs, values, upper } = forecastArimaPlus(old, { horizon: 4 });
    expect(timesMs[0]).toBe(Date.UTC(2024, 1, 10));
    const expected = [36.57867552110287, 37.975076946895214, 30.965502535472154, 31.528464554041605];
    for (const [step, value] of expected.entries()) expect(values[step]).toBeCloseTo(value, 9);
    expect(upper[0]).toBeCloseTo(39.016842074284966, 9);
    expect(old.history!.values[33]).toBe(20 + 5 + 0 + 9);
    expect(explainArimaPlusForecast(old).residual[39]).toBeCloseTo(old.history!.residuals[39]!, 12);
  });

  it('of version 1 with limits has its forecasts cut off there, as then', () => {
    // 60 days of 90 − day + ((37 day) % 11) / 4 within 20 and 95, without seasons.
    const bytes = readFileSync(new URL('fixtures/model-version-1-limits.bin', import.meta.url));
    const old = loadArimaPlus(bytes);
    const { values, lower, upper, standardErrors } = forecastArimaPlus(old, { horizon: 40 });
    const told = [values[0], lower[0], upper[0], values[39], lower[39], upper[39], standardErrors[39]];
    expect(told).toEqual([
      ...[31.920276691369263, 30.53241298994771, 33.30814039279082],
      ...[20, 20, 22.190442714831903, 1.1175933497298087],
    ]);
    expect(loadArimaPlus(saveArimaPlus(old))).toStrictEqual(old);
  });

  it('of a series with limits answers as before', () => {
    const limits = { forecastLimitLowerBound: 80, forecastLimitUpperBound: 130 };
    for (const decomposeTimeSeries of [true, false]) {
      const options = { ...limits, decomposeTimeSeries };
      const limited = fitArimaPlus(timesFrom(LENGTH), dailyWave(LENGTH), options).model!;
      expect(limited.scale).toMatchObject({ lowerLimit: 80, upperLimit: 130 });
      expect(loadArimaPlus(saveArimaPlus(limited))).toStrictEqual(limited);
    }
  });

  it('may lie anywhere in a larger buffer', () => {
    const bytes = saveArimaPlus(model);
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 7);
    expect(loadArimaPlus(larger.subarray(7, 7 + bytes.length))).toStrictEqual(model);
  });
});

describe('a recording of a real system', () => {
  it.each(['ec2_cpu_utilization_825cc2', 'ec2_request_latency_system_failure'])(
    '%s is fitted, explained, judged, saved',
    (name) => {
      const csv = readFileSync(new URL(`../../../../examples/${name}.csv`, import.meta.url), 'utf8');
      const rows = csv
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','));
      const timesMs = Float64Array.from(rows, ([time]) => Date.parse(`${time}Z`));
      const values = Float64Array.from(rows, ([, value]) => Number(value));
      const fitted: ArimaPlusModel = fitArimaPlus(timesMs, values).model!;
      expect(fitted.grid).toMatchObject({ frequency: 'PER_MINUTE', multiple: 5 });
      const ahead = forecastArimaPlus(fitted, { horizon: 1000 });
      for (const column of Object.values(ahead)) expect(column.every(Number.isFinite)).toBe(true);
      const explained = explainArimaPlusForecast(fitted);
      for (let at = 0; at < explained.historyLength; at++) {
        const seasons = Object.values(explained.seasonal).reduce((sum, season) => sum + season[at]!, 0);
        const others = explained.trend[at]! + explained.spikesAndDips[at]! + explained.stepChanges[at]!;
        expect(Math.abs(seasons + others + explained.residual[at]! - explained.values[at]!)).toBeLessThan(
          1e-9,
        );
      }
      const { isAnomaly } = detectArimaPlusAnomalies(fitted, { anomalyProbThreshold: 0.9999 });
      const flagged = isAnomaly.filter((flag) => flag === 1).length;
      expect(flagged).toBeGreaterThan(0);
      expect(flagged).toBeLessThan(0.05 * isAnomaly.length);
      expect(loadArimaPlus(saveArimaPlus(fitted))).toStrictEqual(fitted);
    },
  );
});
