import { minimize } from '../arima/minimize.js';
import { forecastVariance } from './forecast-variance.js';
import { seasonalProfile } from './seasonal-profile.js';
import { continued, responses, smooth } from './smoothing-recursion.js';
import type { SmoothingState, SmoothingWeights } from './smoothing-state.js';

/** What goes on beside the level: nothing, a slope that dies out, or half of the line through the series (Theta). */
export type SmoothingTrend = 'none' | 'damped' | 'theta';

export interface SmoothingOptions {
  readonly trend: SmoothingTrend;
  /** Whole numbers from 2, ascending, none twice. Default none. */
  readonly periods?: readonly number[];
  /** Deviations from the level that pass. Default false. */
  readonly deviation?: boolean;
}

/** A fitted exponential smoothing, with its parts as they stand at the end of the series. */
export interface SmoothingModel {
  readonly weights: SmoothingWeights;
  readonly end: SmoothingState;
  /** Of the one-step errors, with what estimating it from few adds. */
  readonly variance: number;
  /** What the search found, for the search on a series that has grown. */
  readonly found: Float64Array;
}

const SEARCH = { valueTolerance: 1e-4, slopeTolerance: 1e-3, stepsMax: 30 };
/** Of more values, and of more of the longest season, the last ones are enough to find the weights. */
const SAMPLE = 4000;
const SEASONS_SAMPLED = 5;
/** Of shorter series the first level and slope are estimated too. */
const START_SEARCHED = 300;
/** A season that explains less of the deviations' variance is left out. */
const SEASON_LEAST = 0.3;
/** Values at least for the line at the start. */
const LINE_LEAST = 10;
const [DAMPING_LEAST, DAMPING_MOST] = [0.8, 0.98];

/**
 * Fits exponential smoothing by the least squared one-step errors. Deterministic.
 * Cost: some 100 to 500 passes of {@link smooth} over at most 4,000 values, or five of the longest season.
 * Source: Hyndman, Koehler, Ord & Snyder (2008), "Forecasting with exponential smoothing", chapters 3 and 5; Theta as
 * simple smoothing with half the slope of the series as drift: Hyndman & Billah (2003), Int. J. Forecasting 19.
 * @param series regular, finite, oldest first, at least 3 values
 * @param before a fit with the same options to a part of the series, to begin the search at
 */
export function fitSmoothing(
  series: Float64Array,
  options: SmoothingOptions,
  before?: SmoothingModel,
): SmoothingModel {
  const { periods: asked = [], trend, deviation = false } = options;
  const sampled = Math.max(SAMPLE, SEASONS_SAMPLED * Math.max(0, ...asked));
  const sample = series.subarray(Math.max(0, series.length - sampled));
  const seasons = seasonalProfile(sample, asked, SEASON_LEAST);
  const start = new Start(sample, seasons, trend);
  const layout = new Layout(seasons.length, trend, deviation, sample.length <= START_SEARCHED);
  const trial = start.state();
  const cost = (at: Float64Array) => {
    start.begin(trial, layout, at);
    const squares = smooth(sample, layout.weights(at), trial, false);
    return squares / sample.length / start.unit ** 2;
  };
  const plain = layout.start();
  const first = before !== undefined && before.found.length === plain.length ? before.found : plain;
  const { at } = start.unit > 0 ? minimize(cost, first, SEARCH) : { at: first };
  const weights = layout.weights(at);
  const end = start.state();
  start.begin(end, layout, at);
  const squares = smooth(sample, weights, end, true);
  const seasonal = seasons.reduce((sum, { length }) => sum + length - 1, 0);
  const estimated = plain.length + (layout.startSearched ? 0 : 1) + seasonal;
  return {
    weights,
    end,
    variance: forecastVariance(squares, sample.length, Math.min(estimated, sample.length / 2)),
    found: at,
  };
}

export interface SmoothingForecast {
  readonly mean: Float64Array;
  readonly standardErrors: Float64Array;
}

/** Steps 1 to horizon ahead. Source: Hyndman et al. (2008), section 6.3. */
export function forecastSmoothing(model: SmoothingModel, horizon: number): SmoothingForecast {
  const { weights, end, variance } = model;
  const periods = end.seasons.map(({ length }) => length);
  const added = responses(weights, periods, horizon);
  let sum = 1;
  const standardErrors = added.map((response) => {
    const error = Math.sqrt(variance * sum);
    sum += response * response;
    return error;
  });
  return { mean: continued(weights, end, horizon), standardErrors };
}

/** Level, slope and seasons before the first value. */
class Start {
  /** Typical size of a step, the unit in which starts are searched. */
  readonly unit: number;
  readonly #level: number;
  readonly #slope: number;
  readonly #seasons: readonly Float64Array[];

  constructor(values: Float64Array, seasons: readonly Float64Array[], trend: SmoothingTrend) {
    this.#seasons = seasons;
    const adjusted = values.slice();
    for (const season of seasons) {
      for (let t = 0; t < adjusted.length; t++) adjusted[t] = adjusted[t]! - season[t % season.length]!;
    }
    const all = line(adjusted);
    const few = line(adjusted.subarray(0, Math.max(LINE_LEAST, seasons.at(-1)?.length ?? 0)));
    this.#slope = trend === 'none' ? 0 : trend === 'theta' ? all.slope / 2 : few.slope;
    this.#level = trend === 'none' ? few.mean : few.first - few.slope;
    let squares = 0;
    for (let t = 1; t < adjusted.length; t++) squares += (adjusted[t]! - adjusted[t - 1]!) ** 2;
    this.unit = Math.sqrt(squares / Math.max(1, adjusted.length - 1));
  }

  state(): SmoothingState {
    const seasons = this.#seasons.map((season) => season.slice());
    return { level: this.#level, slope: this.#slope, deviation: 0, seasons };
  }

  /** Without allocating: it is done for each trial. */
  begin(state: SmoothingState, layout: Layout, at: Float64Array): void {
    state.level = this.#level + layout.levelMoved(at) * this.unit;
    state.slope = this.#slope + layout.slopeMoved(at) * this.unit;
    state.deviation = 0;
    for (let index = 0; index < this.#seasons.length; index++)
      state.seasons[index]!.set(this.#seasons[index]!);
  }
}

/** Which of the numbers that are searched for stands for what. */
class Layout {
  readonly startSearched: boolean;
  readonly #seasons: number;
  readonly #trend: SmoothingTrend;
  readonly #deviation: boolean;

  constructor(seasons: number, trend: SmoothingTrend, deviation: boolean, startSearched: boolean) {
    this.#seasons = seasons;
    this.#trend = trend;
    this.#deviation = deviation;
    this.startSearched = startSearched;
  }

  start(): Float64Array {
    const numbers = [0, ...new Array<number>(this.#seasons).fill(-2)];
    if (this.#trend === 'damped') numbers.push(-2, 1);
    if (this.#deviation) numbers.push(0, 0);
    if (this.startSearched) numbers.push(0, ...(this.#trend === 'damped' ? [0] : []));
    return Float64Array.from(numbers);
  }

  /** α within (0, 1), β within (0, α), γ within (0, 1 − α), φ within its bounds, κ within (0, 1), ρ within ±1. */
  weights(at: Float64Array): SmoothingWeights {
    const level = logistic(at[0]!);
    const seasonal = new Float64Array(this.#seasons);
    let next = 1;
    for (let index = 0; index < seasonal.length; index++)
      seasonal[index] = (1 - level) * logistic(at[next++]!);
    let [slope, damping] = [0, 1];
    if (this.#trend === 'damped') {
      slope = level * logistic(at[next++]!);
      damping = DAMPING_LEAST + (DAMPING_MOST - DAMPING_LEAST) * logistic(at[next++]!);
    }
    let [deviation, persistence] = [0, 0];
    if (this.#deviation) {
      deviation = logistic(at[next++]!);
      persistence = Math.tanh(at[next]!);
    }
    return { level, slope, damping, seasonal, deviation, persistence };
  }

  /** By how many units the first level differs from that of the line. */
  levelMoved(at: Float64Array): number {
    if (!this.startSearched) return 0;
    return at[at.length - (this.#trend === 'damped' ? 2 : 1)]!;
  }

  /** And the first slope. */
  slopeMoved(at: Float64Array): number {
    return this.startSearched && this.#trend === 'damped' ? at[at.length - 1]! : 0;
  }
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** Least squares line. */
function line(values: Float64Array): { mean: number; first: number; slope: number } {
  const count = values.length;
  const middle = (count - 1) / 2;
  let mean = 0;
  for (const value of values) mean += value / count;
  let product = 0;
  for (let t = 0; t < count; t++) product += (t - middle) * (values[t]! - mean);
  const slope = count > 1 ? (12 * product) / (count * (count * count - 1)) : 0;
  return { mean, first: mean - slope * middle, slope };
}
