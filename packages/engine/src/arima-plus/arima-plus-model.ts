import type { ArimaModel } from '../arima/arima-model.js';
import type { ArimaEnd } from '../arima/filter-arima.js';
import type { ArimaCandidate } from '../arima/select-order.js';
import type { SmoothedSeason } from '../decomposition/double-exponential-smoothing.js';
import { fillGaps } from '../series/fill-gaps.js';
import type { SeasonalPeriod } from '../series/seasonal-periods.js';
import type { TimeGrid } from '../series/time-grid.js';
import type { CombinedModel } from './combined-forecast.js';
import { type HolidayEffect, holidayComponent } from './holidays.js';
import { allModelled, type ModelledScale } from './modelled-scale.js';
import type { CompleteOptions } from './options.js';
import { type StepChange, stepComponent } from './step-component.js';
import type { TrendUncertainty } from './trend-uncertainty.js';

/** A season that the strength test found, and where it stands at the end of the history. */
export interface ModelSeason extends SeasonalPeriod {
  readonly smoothed: SmoothedSeason;
}

/** The series that a model was fitted to, and what cannot be told from the rest of the model. */
export interface ArimaPlusHistory {
  /** At the grid's times, in the units of the series; interpolated where there was none. */
  readonly values: Float64Array;
  /** 1 where the value is interpolated. */
  readonly filled: Uint8Array;
  /** As long as the values, in the order of the model's seasons. */
  readonly seasonal: readonly Float64Array[];
  /** Where spikes and dips are, ascending, and what they add. */
  readonly spikeIndices: readonly number[];
  readonly spikeSizes: Float64Array;
  /** One-step errors of the trend; 0 for the first d values. */
  readonly residuals: Float64Array;
  /** Of the first of them, in units of the ARIMA's variance; 1 for all after. */
  readonly startVariances: Float64Array;
}

/**
 * One series as ARIMA_PLUS sees it: holidays, spikes and dips, seasons, step changes, and an ARIMA for the rest. Plain
 * data: all that forecasts and answers about the history follow from. Nothing changes it once it is fitted.
 */
export interface ArimaPlusModel {
  readonly options: CompleteOptions;
  /**
   * With FORECAST_LIMIT bounds, unless FORECAST_LIMIT_METHOD is clip: all parts and errors below are on this scale.
   * Undefined in models saved by versions that did not know it.
   */
  readonly scale?: ModelledScale | undefined;
  /** That the series is constant; empty for any other. */
  readonly errorMessage: string;
  readonly grid: TimeGrid;
  /** Values in the history, after gaps were filled; a forecast begins at this index of the grid. */
  readonly length: number;
  /** The shortest first. */
  readonly seasons: readonly ModelSeason[];
  /** Noise that the seasons took within the history and bring ahead: a share of the ARIMA's variance, and its most. */
  readonly seasonNoise: { readonly share: number; readonly varianceMax: number };
  readonly holidayEffects: readonly HolidayEffect[];
  readonly hasSpikesAndDips: boolean;
  /** In order of time; they last. */
  readonly steps: readonly StepChange[];
  /** Of the series without all of the above. */
  readonly arima: ArimaModel;
  readonly end: ArimaEnd;
  /** Undefined in models saved by versions that did not know it. */
  readonly trendUncertainty?: TrendUncertainty | undefined;
  /** With FORECAST_METHOD = 'combined': what forecasts beside the ARIMA. */
  readonly combined: CombinedModel | undefined;
  /** All orders that were tried. */
  readonly candidates: readonly ArimaCandidate[];
  /** Largest value of the history, either way, in the units of the series: differences below its rounding are none. */
  readonly magnitude: number;
  /** What the scaled error of an evaluation divides by. */
  readonly naiveError: number;
  /** Undefined with DECOMPOSE_TIME_SERIES = false. */
  readonly history: ArimaPlusHistory | undefined;
}

/** Without a model, the message says why. With one, that it is no more than a constant. */
export type ArimaPlusOutcome =
  | { readonly model: ArimaPlusModel; readonly errorMessage?: string }
  | { readonly model?: undefined; readonly errorMessage: string };

/**
 * What the ARIMA is of: the history without all other parts, taken off in the order in which they are found, and with
 * straight lines across the gaps, where the other parts are of the values observed.
 */
export function trendSeries(
  model: Pick<ArimaPlusModel, 'holidayEffects' | 'options' | 'scale' | 'grid' | 'steps'>,
  {
    values,
    seasonal,
    spikeIndices,
    spikeSizes,
    filled,
  }: Pick<ArimaPlusHistory, 'values' | 'seasonal' | 'spikeIndices' | 'spikeSizes' | 'filled'>,
): Float64Array {
  const { length } = values;
  const holidays = holidayComponent(model.holidayEffects, model.options.holidays, model.grid, 0, length);
  const trend = allModelled(model.scale, values).map((value, index) => value - holidays[index]!);
  spikeIndices.forEach((index, number) => {
    trend[index] = trend[index]! - spikeSizes[number]!;
  });
  for (const season of seasonal) takeOff(trend, season);
  takeOff(trend, stepComponent(model.steps, 0, length));
  fillGaps(trend, filled);
  return trend;
}

/** In place; with the sign −1 it is put back. */
export function takeOff(values: Float64Array, part: Float64Array, sign: 1 | -1 = 1): void {
  for (let index = 0; index < values.length; index++) values[index] = values[index]! - sign * part[index]!;
}
