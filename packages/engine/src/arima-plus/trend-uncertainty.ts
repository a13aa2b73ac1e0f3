import type { ArimaModel } from '../arima/arima-model.js';
import { type ArimaEnd, filterArima, isSound } from '../arima/filter-arima.js';
import { type ArimaForecast, forecastArima } from '../arima/forecast-arima.js';
import { type ArimaCandidate, handicap, selectOrder } from '../arima/select-order.js';
import { varianceWidening } from '../exponential-smoothing/forecast-variance.js';

/** Another order that could as well have been chosen. */
interface Alternative {
  readonly weight: number;
  readonly arima: ArimaModel;
  readonly end: ArimaEnd;
}

/** What the standard errors of the ARIMA that was chosen do not tell. Plain data. */
export interface TrendUncertainty {
  /** By which its variance is multiplied, because it and the coefficients are estimates. */
  readonly widening: number;
  /** Of some weight; what is missing to 1 is the weight of the order chosen. */
  readonly alternatives: readonly Alternative[];
}

/** Alternatives that weigh less, or beyond so many values, change nothing that would be seen. */
const WEIGHT_LEAST = 0.01;
const OBSERVATIONS_MAX = 5000;
/** Of a longer series KPSS is rarely wrong, and the search would take as long again. */
const DOUBTED_MAX = 150;
/** Weights have so many steps, so that the last digits of a likelihood do not matter. */
const WEIGHT_STEPS = 2 ** 20;

/**
 * The orders that would have been tried if KPSS had asked for one difference less or more: of a short series it says
 * little, and what it says decides on how far ahead a trend goes on. None of a series longer than 150 values.
 * Cost: that of {@link selectOrder}, once or twice.
 * @param best the order that was chosen, fitted to the end of the series
 */
export function otherDifferences(
  series: Float64Array,
  best: ArimaModel,
  limits: { readonly orderMin: number; readonly orderMax: number },
): readonly ArimaCandidate[] {
  const { observations, order, variance } = best;
  const trend = series.subarray(series.length - observations - order.d);
  if (trend.length > DOUBTED_MAX || variance === 0) return [];
  return [order.d - 1, order.d + 1].flatMap((d) => {
    if (d < 0 || d > 2 || trend.length < d + 2) return [];
    // A series that KPSS finds level may wander, but hardly drifts.
    const drift = d > order.d ? { drift: false } : {};
    return selectOrder(trend, { ...limits, d, ...drift }).candidates;
  });
}

/**
 * How sure the order and the coefficients of an ARIMA are, for {@link withModelUncertainty}: orders weigh by
 * exp(−AIC / 2), their likelihoods brought to the number of values that all of them tell of, since each difference
 * leaves one less. Cost: a filter over the series for each order of some weight.
 * Source: Buckland, Burnham & Augustin (1997), Biometrics 53, for the weights.
 * @param best of the candidates, fitted to the end of the series
 * @param candidates also those of other differences
 * @param observedVariance of the best without the lines that fill gaps; those of the others change as it does
 */
export function trendUncertainty(
  series: Float64Array,
  best: ArimaModel,
  candidates: readonly ArimaCandidate[],
  observedVariance: number,
): TrendUncertainty {
  const { observations, ar, ma, withConstant, order } = best;
  const coefficients = ar.length + ma.length;
  // The constant has variances of its own.
  const freedom = observations - coefficients - (withConstant ? 1 : 0);
  const widening = varianceWidening(Math.max(1, freedom), coefficients / observations);
  if (observations > OBSERVATIONS_MAX || best.variance === 0) return { widening, alternatives: [] };
  const models = candidates.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const common = models.reduce((least, one) => Math.min(least, one.observations), observations);
  const comparable = (one: ArimaModel) =>
    one.aic + handicap(one) + 2 * one.logLikelihood * (1 - common / one.observations);
  const raw = models.map((one) => Math.exp((comparable(best) - comparable(one)) / 2));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  const trend = series.subarray(series.length - observations - order.d);
  const alternatives = models.flatMap((arima, number) => {
    const weight = Math.round((raw[number]! / total) * WEIGHT_STEPS) / WEIGHT_STEPS;
    if (arima === best || !(weight >= WEIGHT_LEAST)) return [];
    const filtered = filterArima(trend, arima);
    if (!isSound(filtered)) return [];
    const variance = arima.variance * (observedVariance / best.variance);
    return [{ weight, arima: { ...arima, variance }, end: filtered.end }];
  });
  return { widening, alternatives };
}

/**
 * Standard errors of an ARIMA's forecast with what is not sure of the model: the variances of the orders by their weight
 * and how far their forecasts are from it, and the widening of it all.
 * Cost: a forecast for each alternative. Source: Burnham & Anderson (2002), "Model selection and multimodel inference",
 * equation 6.12.
 * @param uncertainty of models that were saved without, none
 */
export function withModelUncertainty(
  uncertainty: TrendUncertainty | undefined,
  { mean, standardErrors }: ArimaForecast,
): Float64Array {
  if (uncertainty === undefined) return standardErrors;
  const { widening, alternatives } = uncertainty;
  const own = 1 - alternatives.reduce((sum, { weight }) => sum + weight, 0);
  const variances = standardErrors.map((error) => own * error * error);
  for (const { weight, arima, end } of alternatives) {
    const other = forecastArima(arima, end, mean.length);
    for (let step = 0; step < variances.length; step++) {
      const apart = other.mean[step]! - mean[step]!;
      variances[step] = variances[step]! + weight * (other.standardErrors[step]! ** 2 + apart * apart);
    }
  }
  return variances.map((variance) => Math.sqrt(widening * variance));
}
