import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ArimaModel } from './arima-model.js';
import { coefficientErrors } from './coefficient-errors.js';
import { filterArima } from './filter-arima.js';
import { fitArima } from './fit-arima.js';
import { forecastArima } from './forecast-arima.js';
import { differencesNeeded, kpssStatistic } from './kpss.js';
import { selectOrder } from './select-order.js';

interface RModel {
  readonly series: string;
  readonly order: readonly [number, number, number];
  readonly constant: boolean;
  readonly coefficients: readonly number[];
  readonly standardErrors: readonly number[];
  readonly variance: number;
  readonly logLikelihood: number;
  readonly logLikelihoodDifferenced: number;
  readonly mean: readonly number[];
  readonly lower80: readonly number[];
  readonly upper80: readonly number[];
  readonly lower95: readonly number[];
  readonly upper95: readonly number[];
}

/** Made by r-arima.R beside it. */
interface RReference {
  readonly series: Readonly<Record<string, readonly number[]>>;
  readonly models: readonly RModel[];
  readonly searches: readonly { series: string; order: number[]; aicc: number; differences: number }[];
  readonly kpss: readonly { series: string; lag: number; statistic: number; differences: number }[];
}

const R = JSON.parse(readFileSync(new URL('./fixtures/r-arima.json', import.meta.url), 'utf8')) as RReference;
const valuesOf = (name: string) => Float64Array.from(R.series[name] ?? []);
const Z80 = 1.2815515655446004;
const Z95 = 1.959963984540054;

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

const coefficientsOf = ({ ar, ma, withConstant, constant }: ArimaModel) => [
  ...ar,
  ...ma,
  ...(withConstant ? [constant] : []),
];

describe.each(R.models)('ARIMA($order) of $series, constant $constant, against R', (reference) => {
  const [p, d, q] = reference.order;
  const series = valuesOf(reference.series);
  const model = fitArima(series, { p, d, q }, reference.constant);

  it('has R’s likelihood or a higher one', () => {
    expect(model.logLikelihood).toBeGreaterThan(reference.logLikelihoodDifferenced - 1e-6);
    expect(model.logLikelihood).toBeLessThan(reference.logLikelihoodDifferenced + 0.001);
    // R's own figure for a differenced series carries an approximate start.
    expect(Math.abs(model.logLikelihood - reference.logLikelihood)).toBeLessThan(1e-3);
  });

  it('has R’s coefficients to a hundredth of their standard errors, and those to 1%', () => {
    const coefficients = coefficientsOf(model);
    const { ar, ma, constant } = coefficientErrors(series, model);
    const errors = [...ar, ...ma, ...(model.withConstant ? [constant] : [])];
    expect(coefficients).toHaveLength(reference.coefficients.length);
    reference.coefficients.forEach((expected, index) => {
      const error = reference.standardErrors[index]!;
      expect(Math.abs(coefficients[index]! - expected)).toBeLessThan(0.01 * error);
      expect(Math.abs(errors[index]! / error - 1)).toBeLessThan(0.01);
    });
    expect(Math.abs(model.variance / reference.variance - 1)).toBeLessThan(1e-4);
  });

  it('has R’s forecasts and bounds to 0.05% of the series’ standard deviation', () => {
    const scale = deviation(series);
    const { mean, standardErrors } = forecastArima(model, filterArima(series, model).end, 12);
    for (let step = 0; step < 12; step++) {
      const bound = (z: number) => mean[step]! + z * standardErrors[step]!;
      const off = [
        mean[step]! - reference.mean[step]!,
        bound(-Z80) - reference.lower80[step]!,
        bound(Z80) - reference.upper80[step]!,
        bound(-Z95) - reference.lower95[step]!,
        bound(Z95) - reference.upper95[step]!,
      ];
      for (const difference of off) expect(Math.abs(difference)).toBeLessThan(5e-4 * scale);
    }
  });
});

describe.each(R.searches)('the order search on $series against R’s full one', (reference) => {
  const { best, candidates } = selectOrder(valuesOf(reference.series), {
    criterion: 'aicc',
    avoidUnitRoots: true,
  });

  it('picks the same order, at the same AICc', () => {
    expect([best.order.p, best.order.d, best.order.q]).toEqual(reference.order);
    expect(Math.abs(best.aicc - reference.aicc)).toBeLessThan(2e-3);
  });

  it('tried 6 models with a mean, or 12 without and with drift', () => {
    expect(candidates).toHaveLength(reference.differences === 1 ? 12 : 6);
  });
});

describe.each(R.kpss)('KPSS of $series', (reference) => {
  it('is that of R to 1e-10, and asks for as many differences', () => {
    const series = valuesOf(reference.series);
    expect(Math.abs(kpssStatistic(series, reference.lag) - reference.statistic)).toBeLessThan(1e-10);
    expect(kpssStatistic(series)).toBe(kpssStatistic(series, reference.lag));
    expect(differencesNeeded(series)).toBe(reference.differences);
  });
});

/**
 * The likelihood of an ARIMA(1, 1, 0) as R's `arima` works it out: the level before the first value is normal around 0,
 * with a variance of `kappa` times that of the errors. State: the difference to come, and the level before it.
 * Source: Durbin & Koopman (2012), "Time series analysis by state space methods", section 5.1, for the start; R's
 * documentation of `arima` for its kappa of 1e6.
 */
function logLikelihoodFromWideStart(series: Float64Array, phi: number, kappa: number): number {
  let [change, level] = [0, 0];
  let [changes, both, levels] = [1 / (1 - phi * phi), 0, kappa];
  let [squares, logVariances, count] = [0, 0, 0];
  for (const value of series) {
    const [toChange, toLevel] = [changes + both, both + levels];
    const variance = toChange + toLevel;
    const error = value - change - level;
    // The first value only tells the level.
    if (variance < 1e4) {
      squares += (error * error) / variance;
      logVariances += Math.log(variance);
      count++;
    }
    const seen = change + (toChange / variance) * error;
    const before = level + (toLevel / variance) * error;
    [change, level] = [phi * seen, seen + before];
    const seenChanges = changes - (toChange * toChange) / variance;
    const seenBoth = both - (toChange * toLevel) / variance;
    const seenLevels = levels - (toLevel * toLevel) / variance;
    changes = phi * phi * seenChanges + 1;
    both = phi * (seenChanges + seenBoth);
    levels = seenChanges + 2 * seenBoth + seenLevels;
  }
  return -0.5 * (count * (Math.log((2 * Math.PI * squares) / count) + 1) + logVariances);
}

describe('R’s own likelihood of a differenced series', () => {
  it('is higher than the exact one where it starts from, and goes to ours as that is widened', () => {
    const reference = R.models.find(
      ({ series, order }) => series === 'LakeHuron' && order.join() === '1,1,0',
    )!;
    const series = valuesOf('LakeHuron');
    const { ar, logLikelihood } = fitArima(series, { p: 1, d: 1, q: 0 }, false);
    expect(reference.logLikelihood - logLikelihood).toBeGreaterThan(2e-4);
    const from = (kappa: number) => logLikelihoodFromWideStart(series, ar[0]!, kappa);
    expect(from(1e6)).toBeCloseTo(reference.logLikelihood, 7);
    expect(from(1e7) - logLikelihood).toBeLessThan(3e-5);
    expect(from(1e9)).toBeCloseTo(logLikelihood, 6);
  });
});
