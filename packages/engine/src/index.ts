import type { DetectorOptions, StreamingDetector } from './streaming/detector.js';
import { createMultiViewDetector } from './streaming/multi-view-detector.js';

export type { ArimaModel, ArimaOrder } from './arima/arima-model.js';
export { type CoefficientErrors, coefficientErrors } from './arima/coefficient-errors.js';
export { type ArimaEnd, type ArimaFiltered, filterArima } from './arima/filter-arima.js';
export { fitArima } from './arima/fit-arima.js';
export { type ArimaForecast, forecastArima } from './arima/forecast-arima.js';
export { differencesNeeded, kpssStatistic } from './arima/kpss.js';
export {
  type ArimaCandidate,
  type SelectedOrder,
  type SelectOrderOptions,
  selectOrder,
} from './arima/select-order.js';
export type {
  ArimaPlusHistory,
  ArimaPlusModel,
  ArimaPlusOutcome,
  ModelSeason,
} from './arima-plus/arima-plus-model.js';
export type { CustomHoliday } from './arima-plus/custom-holidays.js';
export {
  type ArimaPlusAnomalies,
  type DetectOptions,
  detectArimaPlusAnomalies,
  detectBy,
  type TimedValues,
} from './arima-plus/detect-arima-plus-anomalies.js';
export {
  type ArimaCoefficients,
  type ArimaEvaluation,
  arimaCoefficients,
  arimaEvaluate,
  type EvaluatedRows,
  evaluateArimaPlus,
  evaluateArimaPlusRows,
  evaluateBy,
  evaluateRowsBy,
} from './arima-plus/evaluate-arima-plus.js';
export { type Expectations, expectationsOf } from './arima-plus/expectations.js';
export {
  type ExplainedForecast,
  explainArimaPlusForecast,
} from './arima-plus/explain-arima-plus-forecast.js';
export { fitArimaPlus } from './arima-plus/fit-arima-plus.js';
export {
  checkOptionsById,
  fitArimaPlusById,
  type IdentifiedValues,
  seriesById,
} from './arima-plus/fit-arima-plus-by-id.js';
export {
  type ArimaPlusForecast,
  type ForecastOptions,
  forecastArimaPlus,
} from './arima-plus/forecast-arima-plus.js';
export { groupsOf, type Hierarchy, hierarchyOf } from './arima-plus/hierarchy.js';
export {
  fitHolidays,
  type HolidayEffect,
  type HolidayEffects,
  type HolidayWindow,
  holidayComponent,
} from './arima-plus/holidays.js';
export { ARIMA_PLUS_OPTIONS, type ArimaPlusOption, type OptionType } from './arima-plus/option-table.js';
export { type ArimaPlusOptions, FORECAST_METHODS } from './arima-plus/options.js';
export { type ArimaPlusRequest, readArimaPlusOptions } from './arima-plus/read-options.js';
export { loadArimaPlus, saveArimaPlus } from './arima-plus/save-arima-plus.js';
export { createSeriesSum, type SeriesSum } from './arima-plus/series-sum.js';
export {
  type SpikesAndDips,
  type SpikesAndDipsOptions,
  spikesAndDips,
} from './arima-plus/spikes-and-dips.js';
export { type StepChanges, stepChanges } from './arima-plus/step-changes.js';
export type { StepChange } from './arima-plus/step-component.js';
export { type SumPart, type SumPartOptions, sumPartOf } from './arima-plus/sum-part.js';
export { extrapolateSeason } from './decomposition/double-exponential-smoothing.js';
export { type MstlOptions, type MstlParts, mstl } from './decomposition/mstl.js';
export { seasonalStrength } from './decomposition/seasonal-strength.js';
export { type StlOptions, type StlParts, stl } from './decomposition/stl.js';
export { evaluateForecast, type ForecastEvaluation } from './evaluation/forecast-evaluation.js';
export {
  type Intervals,
  intervalCoverage,
  meanAbsoluteScaledError,
  meanScaledIntervalScore,
  seasonalNaiveScale,
  symmetricMeanAbsolutePercentageError,
} from './evaluation/forecast-metrics.js';
export { type NaiveForecast, seasonalNaive } from './evaluation/seasonal-naive.js';
export { FREQUENCIES, type Frequency, type Step } from './series/frequency.js';
export {
  type RegularSeries,
  type RegularSeriesOptions,
  regularSeries,
  type SeriesOutcome,
} from './series/regular-series.js';
export {
  SEASONALITIES,
  type Seasonality,
  type SeasonalPeriod,
  seasonalPeriods,
} from './series/seasonal-periods.js';
export { gridIndex, gridTimeMs, type TimeGrid } from './series/time-grid.js';
export * from './streaming/index.js';

/** Every streaming detector there is; the battery of checks runs over this list. */
export const DETECTORS: readonly ((options?: DetectorOptions) => StreamingDetector)[] = [
  createMultiViewDetector,
];
