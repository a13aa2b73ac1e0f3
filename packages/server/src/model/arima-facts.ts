import {
  type ArimaPlusModel,
  arimaCoefficients,
  arimaEvaluate,
  type Frequency,
  gridTimeMs,
} from '@seismo/engine';

/** What is told of a fitted series without loading its model; plain data, fit for JSON. */
export interface ArimaFacts {
  readonly order: { readonly p: number; readonly d: number; readonly q: number };
  readonly hasDrift: boolean;
  /** Null where there is no finite number. */
  readonly logLikelihood: number | null;
  readonly aic: number | null;
  readonly variance: number | null;
  /** NO_SEASONALITY alone if none was found. */
  readonly seasonalPeriods: readonly string[];
  readonly hasHolidayEffect: boolean;
  readonly hasSpikesAndDips: boolean;
  readonly hasStepChanges: boolean;
  /** That the series is constant; empty for any other. */
  readonly errorMessage: string;
  readonly arCoefficients: readonly number[];
  readonly maCoefficients: readonly number[];
  readonly interceptOrDrift: number;
  /** Values of the history, those that were interpolated included. */
  readonly points: number;
  readonly historyFromMs: number;
  readonly historyToMs: number;
  readonly horizonEndMs: number;
  readonly frequency: Frequency;
}

export function factsOf(model: ArimaPlusModel): ArimaFacts {
  const [best] = arimaEvaluate(model, false);
  const coefficients = arimaCoefficients(model);
  const { grid, length, options } = model;
  return {
    order: { p: best!.non_seasonal_p, d: best!.non_seasonal_d, q: best!.non_seasonal_q },
    hasDrift: best!.has_drift,
    logLikelihood: best!.log_likelihood,
    aic: best!.AIC,
    variance: best!.variance,
    seasonalPeriods: best!.seasonal_periods,
    hasHolidayEffect: best!.has_holiday_effect,
    hasSpikesAndDips: best!.has_spikes_and_dips,
    hasStepChanges: best!.has_step_changes,
    errorMessage: best!.error_message,
    arCoefficients: coefficients.ar_coefficients,
    maCoefficients: coefficients.ma_coefficients,
    interceptOrDrift: coefficients.intercept_or_drift,
    points: length,
    historyFromMs: gridTimeMs(grid, 0),
    historyToMs: gridTimeMs(grid, length - 1),
    horizonEndMs: gridTimeMs(grid, length + options.horizon - 1),
    frequency: grid.frequency,
  };
}
