import { LAGS_MAX } from './innovations.js';

/** p autoregressive terms, d differences, q moving average terms. */
export interface ArimaOrder {
  /** 0 to 5. */
  readonly p: number;
  /** 0 to 2. */
  readonly d: number;
  /** 0 to 5. */
  readonly q: number;
}

/**
 * A fitted ARIMA: with w = Δ^d y − constant, w_t = Σ φᵢ w_{t−i} + e_t + Σ θⱼ e_{t−j}, e Gaussian noise. These are
 * R's signs and R's meaning of the constant.
 */
export interface ArimaModel {
  readonly order: ArimaOrder;
  /** φ₁…φ_p. */
  readonly ar: Float64Array;
  /** θ₁…θ_q. */
  readonly ma: Float64Array;
  readonly withConstant: boolean;
  /** Mean of Δ^d y: of the series itself with d = 0, the drift per step with d = 1. 0 if there is none. */
  readonly constant: number;
  /** Of the noise, in squared units of the series: Σ v²/F over observations less coefficients. */
  readonly variance: number;
  /** Exact, of the differenced series. */
  readonly logLikelihood: number;
  /** −2 logLikelihood + 2 k, where k counts φ, θ, the constant and the variance. */
  readonly aic: number;
  /** Infinity where there are no more than k + 1 observations. */
  readonly aicc: number;
  readonly bic: number;
  /** Values less d. */
  readonly observations: number;
  /** A root of either polynomial lies within 1.01 of the origin: what follows from the model is shaky. */
  readonly nearUnitRoot: boolean;
}

/** Larger values could overflow when squared. */
const MAGNITUDE_MAX = 1e150;

/** @throws RangeError if p or q is not 0 to 5, d not 0 to 2, or a constant is asked for with d = 2 */
export function checkOrder({ p, d, q }: ArimaOrder, withConstant: boolean): void {
  const within = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most;
  if (!within(p, LAGS_MAX) || !within(q, LAGS_MAX) || !within(d, 2)) {
    throw new RangeError(
      `ARIMA orders are p and q from 0 to ${LAGS_MAX} and d from 0 to 2, not (${p}, ${d}, ${q})`,
    );
  }
  if (d === 2 && withConstant) throw new RangeError('an ARIMA with d = 2 has no constant');
}

/** @throws RangeError if a value is not finite or beyond 1e150 either way */
export function checkValues(values: Float64Array): void {
  for (let index = 0; index < values.length; index++) {
    if (!(Math.abs(values[index]!) <= MAGNITUDE_MAX)) {
      throw new RangeError(
        `value ${index} is ${values[index]}; values are finite and within ±${MAGNITUDE_MAX}`,
      );
    }
  }
}
