import { constantVariances } from '../arima/constant-variances.js';
import type { ArimaForecast } from '../arima/forecast-arima.js';
import { seasonVariances } from '../decomposition/double-exponential-smoothing.js';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { holidayComponent } from './holidays.js';
import { withModelUncertainty } from './trend-uncertainty.js';

/**
 * Standard errors of a forecast with all of its parts, of which the ARIMA's forecast is given. To them come: that its
 * order, coefficients and variance were chosen and estimated from the same values; that its mean or drift is an
 * estimate, the mean one of the values since the last step change; the change of the seasons from one to the next, and
 * the noise in them, which is that of the trend at short and cannot pass the noise of the series at long; and that the
 * effects of holidays are means over few of them.
 */
export function withAllErrors(model: ArimaPlusModel, trend: ArimaForecast): Float64Array {
  const horizon = trend.mean.length;
  const { share, varianceMax } = model.seasonNoise;
  const variances = [
    constantVariances(model.arima, horizon, observationsOfConstant(model)),
    holidayVariances(model, horizon),
    ...model.seasons.map(({ smoothed }) => seasonVariances(smoothed, horizon)),
  ];
  const trendErrors = withModelUncertainty(model.trendUncertainty, trend);
  return trendErrors.map((error, step) => {
    const noise = Math.min(error * Math.sqrt(share), Math.sqrt(varianceMax));
    return Math.hypot(error, noise, ...variances.map((variance) => Math.sqrt(variance[step]!)));
  });
}

function observationsOfConstant({ arima, steps, length }: ArimaPlusModel): number {
  const since = arima.order.d === 0 ? length - (steps.at(-1)?.index ?? 0) : length;
  return Math.min(arima.observations, since);
}

function holidayVariances(model: ArimaPlusModel, horizon: number): Float64Array {
  const { holidayEffects, arima, options, grid, length } = model;
  const uncertain = holidayEffects.map((effect) => ({
    ...effect,
    size: arima.variance / effect.occurrences,
  }));
  return holidayComponent(uncertain, options.holidays, grid, length, horizon);
}
