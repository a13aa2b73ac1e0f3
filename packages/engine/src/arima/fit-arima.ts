import { type ArimaModel, type ArimaOrder, checkOrder } from './arima-model.js';
import { conditionalSumOfSquares } from './conditional-sum-of-squares.js';
import { type DifferencedSeries, prepareSeries } from './differenced-series.js';
import { ExactLikelihood } from './exact-likelihood.js';
import { minimize } from './minimize.js';
import { toCoefficients, toStartNumbers } from './partial-autocorrelation.js';

/** Rough is enough for a start. */
const START_SEARCH = { valueTolerance: 1e-6, slopeTolerance: 1e-3, stepsMax: 30 };
/** Roots nearer to the unit circle than this count as on it, as in R's auto.arima. */
const UNIT_ROOT_RADIUS = 1.01;
/** Where a start lies at most, as an inverse hyperbolic tangent. */
const START_BOUND = 2;

/**
 * Fits one ARIMA(p, d, q) by exact maximum likelihood. Start values come from the conditional sum of squares; the
 * optimiser works on partial autocorrelations, so that every model is stationary and invertible. A series whose
 * differences are all the same gives a model of a constant: coefficients and variance 0, the likelihood that of a
 * standard deviation of 1e-13 of the largest value. Deterministic.
 * Cost: some 30 to 150 likelihoods; a millisecond for 1,000 values and p + q = 2.
 * Source: Box & Jenkins (1976), chapter 7; Harvey (1989), section 3.4.
 * @param series regular, finite, oldest first
 * @param withConstant estimate the mean of Δ^d y: the mean of the series with d = 0, the drift with d = 1
 * @throws RangeError on orders out of range, a constant with d = 2, values not finite, or fewer values than
 *   d + p + q + (constant ? 1 : 0) + 2
 */
export function fitArima(series: Float64Array, order: ArimaOrder, withConstant: boolean): ArimaModel {
  checkOrder(order, withConstant);
  const prepared = prepareSeries(series, order.d, withConstant);
  return new ArimaFitter(prepared, withConstant).fit(order.p, order.q, []).model;
}

/** A model with the numbers it came from, from which a larger model can start. */
export interface ArimaFit {
  readonly model: ArimaModel;
  /** Inverse hyperbolic tangents of the partial autocorrelations: p of the φ, q of the θ. */
  readonly numbers: Float64Array;
}

/** Values that a model with so many coefficients needs after differencing. */
export function observationsNeeded(p: number, q: number, withConstant: boolean): number {
  return p + q + (withConstant ? 1 : 0) + 2;
}

/** Fits models of several orders to one prepared series. */
export class ArimaFitter {
  readonly #prepared: DifferencedSeries;
  readonly #withConstant: boolean;
  readonly #errors: Float64Array;

  constructor(prepared: DifferencedSeries, withConstant: boolean) {
    this.#prepared = prepared;
    this.#withConstant = withConstant;
    this.#errors = new Float64Array(prepared.values.length);
  }

  /**
   * @param starts numbers to start from beside those of the conditional sum of squares, p + q each
   * @throws RangeError if there are too few values
   */
  fit(p: number, q: number, starts: readonly Float64Array[]): ArimaFit {
    const { values, constant } = this.#prepared;
    const needed = observationsNeeded(p, q, this.#withConstant);
    if (values.length < needed) {
      throw new RangeError(`an ARIMA of these orders needs ${needed + this.#prepared.d} values`);
    }
    const numbers = new Float64Array(p + q);
    if (constant) return { model: this.#model(p, q, numbers, 0, 0, undefined), numbers };
    const likelihood = new ExactLikelihood(values, p, q, this.#withConstant);
    const coefficients = new Float64Array(p + q);
    const cost = (at: Float64Array) => {
      toCoefficients(at, 0, p, 1, coefficients, 0);
      toCoefficients(at, p, q, -1, coefficients, p);
      return -likelihood.evaluate(coefficients) / values.length;
    };
    const found =
      p + q === 0 ? numbers : this.#search(cost, [...starts, this.#conditionalStart(p, q)], p + q);
    const value = cost(found);
    const { mean, squares } = likelihood;
    return { model: this.#model(p, q, coefficients, mean, squares, -value * values.length), numbers: found };
  }

  /** From the best of the starts. Zeros are one: they are always allowed. */
  #search(cost: (at: Float64Array) => number, starts: readonly Float64Array[], size: number): Float64Array {
    let best = new Float64Array(size);
    let least = cost(best);
    for (const start of starts) {
      const bounded = start.map((value) => Math.max(-START_BOUND, Math.min(START_BOUND, value)));
      const value = cost(bounded);
      if (value < least) {
        least = value;
        best = bounded;
      }
    }
    return minimize(cost, best).at;
  }

  #conditionalStart(p: number, q: number): Float64Array {
    const { values } = this.#prepared;
    const coefficients = new Float64Array(p + q);
    const cost = (at: Float64Array) => {
      toCoefficients(at, 0, p, 1, coefficients, 0);
      toCoefficients(at, p, q, -1, coefficients, p);
      const squares = conditionalSumOfSquares(values, coefficients, p, q, this.#errors);
      return 0.5 * Math.log(squares / values.length);
    };
    return minimize(cost, new Float64Array(p + q), START_SEARCH).at;
  }

  /** Back in the units of the series. Without a likelihood the series is constant. */
  #model(
    p: number,
    q: number,
    coefficients: Float64Array,
    mean: number,
    squares: number,
    logLikelihood: number | undefined,
  ): ArimaModel {
    const { values, centre, scale, deviationMin, d } = this.#prepared;
    const observations = values.length;
    const estimated = p + q + (this.#withConstant ? 1 : 0);
    const least = -0.5 * observations * (Math.log(2 * Math.PI) + 2 * Math.log(deviationMin) + 1);
    const scaled = logLikelihood === undefined ? least : logLikelihood - observations * Math.log(scale);
    const ar = coefficients.slice(0, p);
    const ma = coefficients.slice(p);
    return {
      order: { p, d, q },
      ar,
      ma,
      withConstant: this.#withConstant,
      constant: this.#withConstant ? centre + mean * scale : 0,
      variance: (squares / (observations - estimated)) * scale * scale,
      ...criteria(Math.min(scaled, least), estimated + 1, observations),
      observations,
      nearUnitRoot: nearUnitRoot(ar, 1) || nearUnitRoot(ma, -1),
    };
  }
}

/** Akaike (1974); Hurvich & Tsai (1989); Schwarz (1978). */
function criteria(logLikelihood: number, k: number, observations: number) {
  const aic = -2 * logLikelihood + 2 * k;
  const spare = observations - k - 1;
  const aicc = spare > 0 ? aic + (2 * k * (k + 1)) / spare : Number.POSITIVE_INFINITY;
  return { logLikelihood, aic, aicc, bic: aic + k * (Math.log(observations) - 2) };
}

/** With its roots drawn in by the radius, is the polynomial still without one in the unit circle? */
function nearUnitRoot(coefficients: Float64Array, sign: 1 | -1): boolean {
  const drawn = coefficients.map((value, index) => value * UNIT_ROOT_RADIUS ** (index + 1));
  return toStartNumbers(drawn, sign) === undefined;
}
