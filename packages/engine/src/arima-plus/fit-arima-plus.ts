import type { ArimaModel } from '../arima/arima-model.js';
import { filterArima } from '../arima/filter-arima.js';
import { fitArima } from '../arima/fit-arima.js';
import { type ArimaCandidate, selectOrder } from '../arima/select-order.js';
import { smoothSeason } from '../decomposition/double-exponential-smoothing.js';
import { seasonalNaiveScale } from '../evaluation/forecast-metrics.js';
import { type RegularSeries, regularSeries } from '../series/regular-series.js';
import { SEASONALITIES, type Seasonality, seasonalPeriods } from '../series/seasonal-periods.js';
import {
  type ArimaPlusHistory,
  type ArimaPlusModel,
  type ArimaPlusOutcome,
  stepComponent,
  takeOff,
} from './arima-plus-model.js';
import { seasonalArimaForecast } from './combined-baseline.js';
import { type CombinedModel, fitCombined } from './combined-forecast.js';
import { fitHolidays } from './holidays.js';
import { type ArimaPlusOptions, type CompleteOptions, completeOptions } from './options.js';
import { noiseAhead } from './season-noise.js';
import { type FoundSeason, type SeasonsAndSpikes, seasonsAndSpikes } from './seasons.js';
import { seasonsAndSteps } from './seasons-and-steps.js';
import { SPIKE_LENGTH_MAX } from './spikes-and-dips.js';

/** BigQuery's limits. */
const POINTS_MAX = 500_000;
const POINTS_MAX_NOT_DECOMPOSED = 1_000_000;
/** Beyond, squares of what the parts leave over could overflow. */
const MAGNITUDE_MAX = 1e140;

/**
 * Fits BigQuery ML's ARIMA_PLUS to one series: brings it onto a regular grid, then takes off holidays, spikes and
 * dips, seasons and step changes, one after the other, and models what is left by an ARIMA whose order AIC picks.
 * A series that never changes has a model of a constant, from which any move is an anomaly. Deterministic; the order
 * of the rows does not matter. Nothing in the data throws: what cannot be modelled says why.
 * Cost: the search for the order and one or two decompositions make up most of it; about 70 bytes a value.
 * Source: BigQuery ML's documentation, "The CREATE MODEL statement for ARIMA_PLUS models", for the order of work; each
 * part names its own.
 * @param timesMs milliseconds since 1970, in any order; repeats are averaged, gaps interpolated
 * @param values equally long; NaN is missing
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
  const outcome = regularSeries(timesMs, values, { ...(frequency && { frequency }), pointsMax });
  if (outcome.series === undefined) return { errorMessage: outcome.errorMessage };
  const refused = refusal(outcome.series, complete);
  if (refused !== undefined) return { errorMessage: refused };
  const { errorMessage = '' } = outcome;
  const model = modelOf(outcome.series, complete, errorMessage);
  return errorMessage === '' ? { model } : { model, errorMessage };
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
function modelOf(series: RegularSeries, options: CompleteOptions, errorMessage: string): ArimaPlusModel {
  const { grid, values } = series;
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
  const { spikes, ...first } = seasonsAndSpikes(working, periods, options.cleanSpikesAndDips && !constant);
  takeOff(working, spikes.component);
  const combinable =
    options.forecastMethod === 'combined' && !constant
      ? withLastSpikes(working, spikes.component)
      : undefined;
  const { seasons, steps, noiseVariance } =
    options.adjustStepChanges && !constant
      ? seasonsAndSteps(working, first, periods)
      : { ...first, steps: [] };
  const noiseShare = noiseAhead(
    seasons.map(({ period }) => period),
    values.length,
  );
  for (const season of seasons) takeOff(working, season.values);
  takeOff(working, stepComponent(steps, 0, values.length));
  const { best, candidates } = trendModel(working, options);
  const { end, ...errors } = filterArima(working, best);
  return {
    options,
    errorMessage,
    grid,
    length: values.length,
    seasons: seasons.map(({ values: seasonal, ...season }) => ({
      ...season,
      smoothed: smoothSeason(seasonal, { period: season.period }),
    })),
    seasonNoise: { share: noiseShare, varianceMax: noiseShare * noiseVariance },
    holidayEffects: holidays.effects,
    hasSpikesAndDips: spikes.indices.length > 0,
    steps,
    arima: best,
    end,
    combined: combinable && combinedOf(combinable, seasons, best, options),
    candidates,
    magnitude: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    naiveError: seasonalNaiveScale(values, seasons[0]?.period ?? 1),
    history: options.decomposeTimeSeries ? historyOf(series, { seasons, spikes }, errors) : undefined,
  };
}

/** What looks like a spike in the last values may be the beginning of a step. */
function withLastSpikes(cleaned: Float64Array, spikes: Float64Array): Float64Array {
  const out = cleaned.slice();
  for (let index = Math.max(0, out.length - SPIKE_LENGTH_MAX); index < out.length; index++) {
    out[index] = out[index]! + spikes[index]!;
  }
  return out;
}

/** @param series the history without holidays and spikes, but with its steps, which the methods follow by themselves */
function combinedOf(
  series: Float64Array,
  seasons: readonly FoundSeason[],
  { order, withConstant }: ArimaModel,
  { horizon }: CompleteOptions,
): CombinedModel {
  const periods = seasons.map(({ period }) => period);
  const baseline = (history: Float64Array, ahead: number) =>
    seasonalArimaForecast(history, periods, order, withConstant, ahead);
  return fitCombined(series, { periods, horizon, baseline });
}

function asked({ seasonalities }: CompleteOptions): readonly Seasonality[] {
  if (seasonalities[0] === 'AUTO') return SEASONALITIES;
  return seasonalities.filter((one): one is Seasonality => one !== 'AUTO' && one !== 'NO_SEASONALITY');
}

function trendModel(
  series: Float64Array,
  options: CompleteOptions,
): { best: ArimaModel; candidates: readonly ArimaCandidate[] } {
  const trend = series.subarray(series.length - trendLength(series.length, options));
  if (options.autoArima) {
    return selectOrder(trend, { orderMin: options.autoArimaMinOrder, orderMax: options.autoArimaMaxOrder });
  }
  const order = options.nonSeasonalOrder!;
  const withConstant = hasConstant(options);
  const best = fitArima(trend, order, withConstant);
  return { best, candidates: [{ order, withConstant, model: best }] };
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
  { values, filled }: RegularSeries,
  { seasons, spikes }: Pick<SeasonsAndSpikes, 'seasons' | 'spikes'>,
  { residuals, startVariances }: Pick<ArimaPlusHistory, 'residuals' | 'startVariances'>,
): ArimaPlusHistory {
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
