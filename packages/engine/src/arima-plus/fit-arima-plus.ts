import type { ArimaModel } from '../arima/arima-model.js';
import { filterInStretches } from '../arima/filter-arima.js';
import { fitArima } from '../arima/fit-arima.js';
import { differencesNeeded } from '../arima/kpss.js';
import { selectOrder } from '../arima/select-order.js';
import { smoothSeason } from '../decomposition/double-exponential-smoothing.js';
import { seasonalNaiveScale } from '../evaluation/forecast-metrics.js';
import { fillGaps } from '../series/fill-gaps.js';
import { type RegularSeries, regularSeries } from '../series/regular-series.js';
import { SEASONALITIES, type Seasonality, seasonalPeriods } from '../series/seasonal-periods.js';
import {
  type ArimaPlusHistory,
  type ArimaPlusModel,
  type ArimaPlusOutcome,
  type ModelSeason,
  takeOff,
} from './arima-plus-model.js';
import { seasonalArimaForecast } from './combined-baseline.js';
import { type CombinedModel, fitCombined } from './combined-forecast.js';
import { completeOptions } from './complete-options.js';
import { withCustomHolidays } from './custom-holidays.js';
import { limitsOf } from './forecast-limits.js';
import { fitHolidays, type HolidayEffect, type HolidayWindow } from './holidays.js';
import { allModelled, type Limits, modelledScaleOf, strictlyWithin } from './modelled-scale.js';
import { observedOf } from './observed-series.js';
import { withObservedVariance } from './observed-variance.js';
import type { ArimaPlusOptions, CompleteOptions } from './options.js';
import { withAside } from './put-aside.js';
import { noiseAhead } from './season-noise.js';
import { toBeContinued } from './seasonal-window.js';
import { type FoundSeasons, type SeasonsAndSpikes, seasonsAndSpikes } from './seasons.js';
import { seasonsAndSteps } from './seasons-and-steps.js';
import { type StepChange, stepComponent } from './step-component.js';
import { otherDifferences, trendUncertainty } from './trend-uncertainty.js';
import { isDriftUndone } from './undone-drift.js';
import { withoutYoungShift } from './young-shift.js';

/** BigQuery's limits. */
const POINTS_MAX = 500_000;
const POINTS_MAX_NOT_DECOMPOSED = 1_000_000;
/** Beyond, squares of what the parts leave over could overflow. */
const MAGNITUDE_MAX = 1e140;

/**
 * Fits BigQuery ML's ARIMA_PLUS to one series: brings it onto a regular grid, then takes off holidays, spikes and
 * dips, seasons and step changes, one after the other, and models what is left by an ARIMA whose order AIC picks.
 * With FORECAST_LIMIT bounds all of that is done to its logarithm or logit (see modelled-scale.ts).
 * A series that never changes has a model of a constant, from which any move is an anomaly. Deterministic; the order
 * of the rows does not matter. Nothing in the data throws: what cannot be modelled says why.
 * Cost: the search for the order and one or two decompositions make up most of it; about 70 bytes a value.
 * Source: BigQuery ML's documentation, "The CREATE MODEL statement for ARIMA_PLUS models", for the order of work; each
 * part names its own.
 * @param timesMs milliseconds since 1970, in any order; repeats are averaged, gaps interpolated
 * @param values equally long; NaN is missing, as is what is at or beyond a FORECAST_LIMIT bound
 * @throws RangeError if the lengths differ, or on an option out of range; the message names it as BigQuery spells it
 */
export function fitArimaPlus(
  timesMs: Float64Array,
  values: Float64Array,
  options: ArimaPlusOptions = {},
): ArimaPlusOutcome {
  const complete = completeOptions(options);
  const { frequency, decomposeTimeSeries } = complete;
  const pointsMax = decomposeTimeSeries ? POINTS_MAX : POINTS_MAX_NOT_DECOMPOSED;
  const within = withinLimits(values, limitsOf(complete));
  const outcome = regularSeries(timesMs, within, { ...(frequency && { frequency }), pointsMax });
  if (outcome.series === undefined) {
    const hint =
      within === values ? '' : ' Values that are not within the FORECAST_LIMIT bounds are left out.';
    return { errorMessage: `${outcome.errorMessage}${hint}` };
  }
  const refused = refusal(outcome.series, complete);
  if (refused !== undefined) return { errorMessage: refused };
  const { errorMessage = '' } = outcome;
  const { grid } = outcome.series;
  // BigQuery knows custom holidays of days only.
  const custom = grid.frequency === 'DAILY' ? complete.customHolidays : [];
  const holidays = withCustomHolidays(complete.holidays, custom);
  const model = modelOf(outcome.series, { ...complete, holidays, customHolidays: [] }, errorMessage);
  return errorMessage === '' ? { model } : { model, errorMessage };
}

/**
 * NaN for values at or beyond a limit, which BigQuery leaves out of modelling; the same array where there is none.
 * Source: BigQuery ML's documentation, "FORECAST_LIMIT_LOWER_BOUND".
 */
function withinLimits(values: Float64Array, { lowerLimit, upperLimit }: Limits): Float64Array {
  const isOut = (value: number) => value <= lowerLimit || value >= upperLimit;
  return values.some(isOut) ? values.map((value) => (isOut(value) ? Number.NaN : value)) : values;
}

/** Why a regular series cannot be modelled. */
function refusal({ values }: RegularSeries, options: CompleteOptions): string | undefined {
  const tooBig = values.find((value) => Math.abs(value) > MAGNITUDE_MAX);
  if (tooBig !== undefined) return `The value ${tooBig} is beyond ±${MAGNITUDE_MAX}.`;
  if (options.autoArima) return undefined;
  const { p, d, q } = options.nonSeasonalOrder!;
  const needed = p + d + q + (hasConstant(options) ? 1 : 0) + 2;
  const length = trendLength(values.length, options);
  if (length >= needed) return undefined;
  return `The trend has ${length} points; NON_SEASONAL_ORDER (${p}, ${d}, ${q}) needs ${needed}.`;
}

/** @param errorMessage that the series is constant, if it is */
function modelOf(told: RegularSeries, options: CompleteOptions, errorMessage: string): ArimaPlusModel {
  const { own, series, scale } = onItsScale(told, options);
  const { grid, values, filled } = series;
  const constant = errorMessage !== '';
  const periods = constant ? [] : seasonalPeriods(grid, values.length, asked(options));
  // A season of years would take in what happens on the same day of each.
  const shorter = periods.filter(({ seasonality }) => seasonality !== 'YEARLY');
  const holidays = fitHolidays(
    series,
    constant ? [] : options.holidays,
    shorter.map(({ period }) => period),
  );
  const working = values.slice();
  takeOff(working, holidays.component);
  const { spikes: cleared, ...first } = seasonsAndSpikes(
    constant || !options.adjustStepChanges ? working : withoutYoungShift(working, filled),
    periods,
    options.cleanSpikesAndDips && !constant,
    filled,
  );
  takeOff(working, cleared.component);
  const combinable = options.forecastMethod === 'combined' && !constant ? working.slice() : undefined;
  const { steps, aside, ...found } =
    options.adjustStepChanges && !constant
      ? seasonsAndSteps(working, first, periods, filled)
      : { ...first, steps: [], aside: [] };
  const { seasons, seasonalWindow } = found;
  const parts = [...seasons.map((season) => season.values), stepComponent(steps, 0, values.length)];
  const trendOf = (spikes: Float64Array) => without(values, [holidays.component, spikes, ...parts]);
  const spikes = withAside(cleared, trendOf(cleared.component), aside, filled);
  const trend = trendOf(spikes.component);
  fillGaps(trend, filled);
  const { best, candidates, likely } = trendModel(trend, options, filled, steps);
  const { end, ...errors } = filterInStretches(trend, best);
  const arima = withObservedVariance(best, errors, filled);
  return {
    options: { ...options, holidays: withEffect(options.holidays, holidays.effects) },
    scale,
    errorMessage,
    grid,
    length: values.length,
    seasons: smoothed(found),
    seasonNoise: seasonNoiseOf(found, values.length),
    holidayEffects: holidays.effects,
    hasSpikesAndDips: spikes.indices.length > 0,
    steps,
    arima,
    end,
    trendUncertainty: trendUncertainty(trend, best, likely, arima.variance),
    combined:
      combinable && combinedOf(combinable, { seasons, seasonalWindow }, best, options, scale !== undefined),
    candidates,
    magnitude: own.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    naiveError: seasonalNaiveScale(own, seasons[0]?.period ?? 1),
    history: historyOf({ values: own, filled }, { seasons, spikes }, errors, options),
  };
}

function seasonNoiseOf({ seasons, noiseVariance, seasonalWindow }: FoundSeasons, length: number) {
  const periods = seasons.map(({ period }) => period);
  const share = noiseAhead(periods, length, seasonalWindow);
  return { share, varianceMax: share * noiseVariance };
}

function smoothed({ seasons, noise, seasonalWindow }: FoundSeasons): ModelSeason[] {
  return seasons.map(({ values, ...season }, number) => {
    const continued = toBeContinued(values, number, noise, seasonalWindow);
    return { ...season, smoothed: smoothSeason(continued, { period: season.period }) };
  });
}

/** The values in the units of the series, and as they are modelled. */
function onItsScale(told: RegularSeries, options: CompleteOptions) {
  const limits = limitsOf(options);
  const scale =
    options.forecastLimitMethod === 'clip'
      ? undefined
      : modelledScaleOf(limits, observedOf(told.values, told.filled));
  if (scale === undefined) return { own: told.values, series: told, scale };
  const own = told.values.map((value) => strictlyWithin(scale, value));
  return { own, series: { ...told, values: allModelled(scale, own) }, scale };
}

function without(values: Float64Array, parts: readonly Float64Array[]): Float64Array {
  const rest = values.slice();
  for (const part of parts) takeOff(rest, part);
  return rest;
}

/** The calendars of many countries hold thousands of days; a model needs those that it looks for ahead. */
function withEffect(
  windows: readonly HolidayWindow[],
  effects: readonly HolidayEffect[],
): readonly HolidayWindow[] {
  const names = new Set(effects.map(({ name }) => name));
  return windows.filter(({ name }) => names.has(name));
}

/** @param series the history without holidays and spikes, but with its steps, which the methods follow by themselves */
function combinedOf(
  series: Float64Array,
  { seasons, seasonalWindow }: Pick<FoundSeasons, 'seasons' | 'seasonalWindow'>,
  { order, withConstant }: ArimaModel,
  { horizon }: CompleteOptions,
  isLogarithm: boolean,
): CombinedModel {
  const periods = seasons.map(({ period }) => period);
  const baseline = (history: Float64Array, ahead: number) =>
    seasonalArimaForecast(history, { periods, seasonalWindow }, order, withConstant, ahead);
  return fitCombined(series, { periods, horizon, baseline, isLogarithm });
}

function asked({ seasonalities }: CompleteOptions): readonly Seasonality[] {
  if (seasonalities[0] === 'AUTO') return SEASONALITIES;
  return seasonalities.filter((one): one is Seasonality => one !== 'AUTO' && one !== 'NO_SEASONALITY');
}

/** With all orders that were tried, and those that may as well be right. */
function trendModel(
  series: Float64Array,
  options: CompleteOptions,
  filled: Uint8Array,
  steps: readonly StepChange[],
) {
  const from = series.length - trendLength(series.length, options);
  const trend = series.subarray(from);
  if (options.autoArima) {
    const limits = { orderMin: options.autoArimaMinOrder, orderMax: options.autoArimaMaxOrder };
    const d = differencesNeeded(observedOf(trend, filled.subarray(from)));
    const { best, candidates } = selectOrder(trend, { ...limits, d });
    if (isDriftUndone(trend, best, since(steps, from))) {
      const level = selectOrder(trend, { ...limits, d, drift: false });
      const drifting = candidates.filter(({ withConstant }) => withConstant);
      return { best: level.best, candidates: [...level.candidates, ...drifting], likely: level.candidates };
    }
    return { best, candidates, likely: [...candidates, ...otherDifferences(trend, best, limits)] };
  }
  const order = options.nonSeasonalOrder!;
  const withConstant = hasConstant(options);
  const best = fitArima(trend, order, withConstant);
  const candidates = [{ order, withConstant, model: best }];
  return { best, candidates, likely: candidates };
}

function since(steps: readonly StepChange[], from: number): readonly StepChange[] {
  return steps.filter(({ index }) => index > from).map((step) => ({ ...step, index: step.index - from }));
}

function hasConstant({ nonSeasonalOrder, includeDrift }: CompleteOptions): boolean {
  return nonSeasonalOrder!.d === 0 || includeDrift;
}

/** How many values, of the end, the trend is fitted to. */
function trendLength(length: number, options: CompleteOptions): number {
  const { timeSeriesLengthFraction: fraction, minTimeSeriesLength, maxTimeSeriesLength } = options;
  if (maxTimeSeriesLength !== undefined) return Math.min(length, maxTimeSeriesLength);
  if (fraction === undefined) return length;
  return Math.min(length, Math.max(minTimeSeriesLength, Math.floor(length * fraction)));
}

function historyOf(
  { values, filled }: Pick<RegularSeries, 'values' | 'filled'>,
  { seasons, spikes }: Pick<SeasonsAndSpikes, 'seasons' | 'spikes'>,
  { residuals, startVariances }: Pick<ArimaPlusHistory, 'residuals' | 'startVariances'>,
  { decomposeTimeSeries }: CompleteOptions,
): ArimaPlusHistory | undefined {
  if (!decomposeTimeSeries) return undefined;
  return {
    values,
    filled,
    seasonal: seasons.map((season) => season.values),
    spikeIndices: spikes.indices,
    spikeSizes: Float64Array.from(spikes.indices, (index) => spikes.component[index]!),
    residuals,
    startVariances,
  };
}
