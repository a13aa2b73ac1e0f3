import { LevelSmoother } from './level-smoother.js';
import { loessAt, smoothLoess } from './loess.js';

export interface StlOptions {
  /** Values in one season, a whole number from 2; the series is longer than two seasons. */
  readonly period: number;
  /** Seasons over which one place in the season is smoothed, odd, at least 3, better 7; 'periodic': the same in all. */
  readonly seasonalWindow: number | 'periodic';
  /** Values over which the trend is smoothed, odd. Default: from 1.5 period / (1 − 1.5 / seasonalWindow) on. */
  readonly trendWindow?: number;
  /** Gives outliers less weight: 1 inner and 15 outer loops instead of 2 and none. Default false. */
  readonly robust?: boolean;
}

/** Parts of a series, each as long as it; they add up to it. */
export interface StlParts {
  readonly seasonal: Float64Array;
  readonly trend: Float64Array;
  readonly remainder: Float64Array;
  /** How much each value counted, 0 to 1; all 1 unless robust. */
  readonly weights: Float64Array;
}

interface Windows {
  readonly period: number;
  readonly seasonal: number;
  readonly trend: number;
  readonly lowPass: number;
}

/**
 * Splits a series into season, trend and remainder, with the defaults of R's `stl` for degrees (0 for the season, 1
 * for trend and low pass) and jumps (a tenth of the window).
 * Cost: about a microsecond a value, ten times that if robust; nine arrays of the series' length.
 * Source: Cleveland, Cleveland, McRae & Terpenning (1990), J. Official Statistics 6, sections 2 and 3.
 * @param series regular, finite, oldest first
 * @throws RangeError if the period is not a whole number from 2, a window is not odd, or the series is too short
 */
export function stl(series: Float64Array, options: StlOptions): StlParts {
  const { period, robust = false } = options;
  const windows = checkedWindows(series.length, options);
  const { length } = series;
  const seasonal = new Float64Array(length);
  const trend = new Float64Array(length);
  const weights = new Float64Array(length).fill(1);
  const run = createInnerLoop(series, windows, seasonal, trend);
  const [inner, outer] = robust ? [1, 15] : [2, 0];
  for (let round = 0; round <= outer; round++) {
    if (round > 0) robustnessWeights(series, seasonal, trend, weights);
    for (let loop = 0; loop < inner; loop++) run(round > 0 ? weights : undefined);
  }
  if (options.seasonalWindow === 'periodic') averageSeasons(seasonal, period);
  const remainder = series.map((value, index) => value - seasonal[index]! - trend[index]!);
  return { seasonal, trend, remainder, weights };
}

function checkedWindows(length: number, options: StlOptions): Windows {
  const { period, seasonalWindow } = options;
  if (!Number.isInteger(period) || period < 2) {
    throw new RangeError(`period is a whole number from 2, not ${period}`);
  }
  if (!(length > 2 * period)) {
    throw new RangeError(`a period of ${period} needs more than ${2 * period} values, not ${length}`);
  }
  const odd = (name: string, value: number, least: number) => {
    if (Number.isInteger(value) && value % 2 === 1 && value >= least) return value;
    throw new RangeError(`${name} is an odd number from ${least}, not ${value}`);
  };
  const seasonal = seasonalWindow === 'periodic' ? 10 * length + 1 : odd('seasonalWindow', seasonalWindow, 3);
  const trend = options.trendWindow ?? nextOdd(Math.ceil((1.5 * period) / (1 - 1.5 / seasonal)));
  return { period, seasonal, trend: odd('trendWindow', trend, 3), lowPass: nextOdd(period) };
}

function nextOdd(value: number): number {
  return value % 2 === 0 ? value + 1 : value;
}

/** One pass of season, then trend. Source: Cleveland et al. (1990), section 2.3, steps 1 to 6. */
function createInnerLoop(
  series: Float64Array,
  windows: Windows,
  seasonal: Float64Array,
  trend: Float64Array,
): (robustness: Float64Array | undefined) => void {
  const { period } = windows;
  const count = series.length;
  const without = new Float64Array(count);
  const cycle = new Float64Array(count + 2 * period);
  const once = new Float64Array(count + period + 1);
  const twice = new Float64Array(count + 2);
  const thrice = new Float64Array(count);
  const lowPass = new Float64Array(count);
  const smoothers = smoothersOf(count, windows);
  const jump = (window: number) => Math.ceil(window / 10);
  const low = { window: windows.lowPass, degree: 1, jump: jump(windows.lowPass) } as const;
  const slow = { window: windows.trend, degree: 1, jump: jump(windows.trend) } as const;
  return (robustness) => {
    for (let index = 0; index < count; index++) without[index] = series[index]! - trend[index]!;
    smoothSubseries(without, windows, robustness, smoothers, cycle);
    movingAverage(cycle, period, once);
    movingAverage(once, period, twice);
    movingAverage(twice, 3, thrice);
    smoothLoess(thrice, low, lowPass);
    for (let index = 0; index < count; index++) {
      seasonal[index] = cycle[period + index]! - lowPass[index]!;
      without[index] = series[index]! - seasonal[index]!;
    }
    smoothLoess(without, { ...slow, robustness }, trend);
  };
}

/** Smooths each place of the season over the seasons, and carries it one season beyond both ends. */
function smoothSubseries(
  values: Float64Array,
  { period, seasonal: window }: Windows,
  robustness: Float64Array | undefined,
  smoothers: ReadonlyMap<number, LevelSmoother | undefined>,
  out: Float64Array,
): void {
  const most = Math.ceil(values.length / period);
  const place = new Float64Array(most);
  const weights = new Float64Array(most);
  const smooth = new Float64Array(most);
  for (let phase = 0; phase < period; phase++) {
    const count = Math.floor((values.length - phase - 1) / period) + 1;
    const own = place.subarray(0, count);
    for (let index = 0; index < count; index++) own[index] = values[phase + index * period]!;
    const smoother = robustness === undefined ? smoothers.get(count) : undefined;
    if (smoother !== undefined) {
      smoother.smooth(own, smooth);
      out[phase] = smoother.before(own);
      out[phase + (count + 1) * period] = smoother.after(own);
    } else {
      for (let index = 0; index < count; index++) weights[index] = robustness?.[phase + index * period] ?? 1;
      const jump = Math.ceil(window / 10);
      const options = { window, degree: 0, jump, robustness: robustness && weights } as const;
      smoothLoess(own, options, smooth);
      out[phase] = loessAt(own, -1, 0, options) ?? smooth[0]!;
      const start = Math.max(0, count - window);
      out[phase + (count + 1) * period] = loessAt(own, count, start, options) ?? smooth[count - 1]!;
    }
    for (let index = 0; index < count; index++) out[phase + (index + 1) * period] = smooth[index]!;
  }
}

/** The places of a season have one of two numbers of values. */
function smoothersOf(length: number, { period, seasonal: window }: Windows) {
  const least = Math.floor(length / period);
  return new Map(
    [least, least + 1].map((count) => [count, LevelSmoother.of(count, window, Math.ceil(window / 10))]),
  );
}

/** Means of `window` neighbours; `out` is window − 1 shorter. */
function movingAverage(values: Float64Array, window: number, out: Float64Array): void {
  let sum = 0;
  for (let index = 0; index < window; index++) sum += values[index]!;
  out[0] = sum / window;
  for (let index = 1; index < out.length; index++) {
    sum += values[index + window - 1]! - values[index - 1]!;
    out[index] = sum / window;
  }
}

/** Bisquare weights with a reach of six times the median error. Source: Cleveland et al. (1990), section 2.4. */
function robustnessWeights(
  series: Float64Array,
  seasonal: Float64Array,
  trend: Float64Array,
  weights: Float64Array,
): void {
  const count = series.length;
  for (let index = 0; index < count; index++) {
    weights[index] = Math.abs(series[index]! - seasonal[index]! - trend[index]!);
  }
  const sorted = weights.slice().sort();
  const middle = Math.floor(count / 2);
  const reach = 3 * (sorted[middle]! + sorted[count - middle - 1]!);
  for (let index = 0; index < count; index++) {
    const error = weights[index]!;
    const share = error / reach;
    const bisquare = error > 0.999 * reach ? 0 : (1 - share * share) ** 2;
    weights[index] = error <= 0.001 * reach ? 1 : bisquare;
  }
}

/** A season that is the same every time: the mean of each place. */
function averageSeasons(seasonal: Float64Array, period: number): void {
  for (let phase = 0; phase < period; phase++) {
    let sum = 0;
    let count = 0;
    for (let index = phase; index < seasonal.length; index += period) {
      sum += seasonal[index]!;
      count++;
    }
    for (let index = phase; index < seasonal.length; index += period) seasonal[index] = sum / count;
  }
}
