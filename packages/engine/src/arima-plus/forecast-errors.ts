import { constantVariances } from '../arima/constant-variances.js';
import { seasonVariances } from '../decomposition/double-exponential-smoothing.js';
import type { ArimaPlusModel } from './arima-plus-model.js';
import { holidayComponent } from './holidays.js';

/**
 * Standard errors of a forecast with all of its parts, of which those of the ARIMA are given. To them come: that its
 * mean or drift is an estimate, the mean one of the values since the last step change; the change of the seasons from
 * one to the next, and the noise in them, which is that of the trend at short and cannot pass the noise of the series
 * at long; and that the effects of holidays are means over few of them.
 */
export function withAllErrors(model: ArimaPlusModel, trendErrors: Float64Array): Float64Array {
  const horizon = trendErrors.length;
  const { share, varianceMax } = model.seasonNoise;
  const variances = [
    constantVariances(model.arima, horizon, observationsOfConstant(model)),
    holidayVariances(model, horizon),
    ...model.seasons.map(({ smoothed }) => seasonVariances(smoothed, horizon)),
  ];
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
