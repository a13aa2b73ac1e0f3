import { type ArimaModel, checkValues } from './arima-model.js';
import { difference } from './differencing.js';
import { kalmanFilter } from './kalman-filter.js';

/** Where a series ends as its model sees it; with the model, all that a forecast needs. Plain numbers. */
export interface ArimaEnd {
  /** Predicted state of the differenced series without its constant, r = max(p, q + 1) numbers. */
  readonly state: Float64Array;
  /** Its covariance in units of the noise's variance, r × r, row by row. */
  readonly covariance: Float64Array;
  /** The last d values of the series, oldest first. */
  readonly tail: Float64Array;
}

/** A series as its model sees it. */
export interface ArimaFiltered {
  /** Each value less its one-step prediction from those before it; 0 for the first d, which have none. */
  readonly residuals: Float64Array;
  /**
   * Variances of the first residuals in units of the model's; 1 for all after them. Of the first d, which are not
   * predicted, 1 too. The first predictions know little yet.
   */
  readonly startVariances: Float64Array;
  readonly end: ArimaEnd;
}

/**
 * Runs a model over a series: residuals within, and the state at the end for {@link forecastArima}. The series may be
 * another than the one fitted, for example one that has grown. Cost: one Kalman filter, some 10 ns a value.
 * Source: Harvey (1989), section 3.2.
 * @param series regular, finite, oldest first
 * @throws RangeError if there are no more than d values, or one is not finite
 */
export function filterArima(series: Float64Array, model: ArimaModel): ArimaFiltered {
  checkValues(series);
  const { d } = model.order;
  const values = difference(series, d);
  for (let index = 0; index < values.length; index++) values[index] = values[index]! - model.constant;
  const { errors, startVariances, state, covariance } = kalmanFilter(values, model.ar, model.ma);
  const residuals = new Float64Array(series.length);
  residuals.set(errors, d);
  const variances = new Float64Array(d + startVariances.length).fill(1, 0, d);
  variances.set(startVariances, d);
  return {
    residuals,
    startVariances: variances,
    end: { state, covariance, tail: series.slice(series.length - d) },
  };
}
