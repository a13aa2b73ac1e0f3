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

/**
 * As {@link filterArima}, of a series whose end the model was fitted to: what came before is filtered in stretches as
 * long as that end, since errors at a level that the model does not know may never fade, and add up instead.
 */
export function filterInStretches(series: Float64Array, model: ArimaModel): ArimaFiltered {
  const { d } = model.order;
  const stretch = model.observations;
  if (series.length <= stretch + d) return filterArima(series, model);
  const residuals = new Float64Array(series.length);
  const startVariances = new Float64Array(series.length).fill(1);
  let end: ArimaEnd | undefined;
  for (let to = series.length; to > d; to -= stretch) {
    const from = Math.max(0, to - stretch - d);
    const part = filterArima(series.subarray(from, to), model);
    residuals.set(part.residuals.subarray(d), from + d);
    startVariances.set(part.startVariances.subarray(d), from + d);
    end ??= part.end;
  }
  return { residuals, startVariances, end: end! };
}

/** Below it a prediction is far surer than the noise allows: rounding has eaten the digits. */
const START_VARIANCE_LEAST = 0.9;

/**
 * Is there anything to forecast from? On the very border of stationarity, where a few values or straight lines can be
 * fitted to the last digit, the filter has no start: its variances are too large for what is taken off them.
 */
export function isSound({ startVariances, end }: ArimaFiltered): boolean {
  return (
    startVariances.every(
      (variance) => variance >= START_VARIANCE_LEAST && variance < Number.POSITIVE_INFINITY,
    ) &&
    end.state.every(Number.isFinite) &&
    end.covariance.every(Number.isFinite)
  );
}
