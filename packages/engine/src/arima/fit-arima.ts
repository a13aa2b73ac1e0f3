import { type ArimaModel, type ArimaOrder, checkOrder } from './arima-model.js';
import { conditionalSumOfSquares } from './conditional-sum-of-squares.js';
import { type DifferencedSeries, prepareSeries } from './differenced-series.js';
import { ExactLikelihood } from './exact-likelihood.js';
import { filterArima, isSound } from './filter-arima.js';
import { minimize } from './minimize.js';
import { toCoefficients, toStartNumbers } from './partial-autocorrelation.js';

/** Rough is enough for a start. */
const START_SEARCH = { valueTolerance: 1e-6, slopeTolerance: 1e-3, stepsMax: 30 };
/** An ARMA's likelihood can have several peaks: so many starts, the likeliest ones, are followed to theirs. */
const STARTS_FOLLOWED = 3;
/** With a guide to the peaks. */
const STARTS_FOLLOWED_GUIDED = 2;
/** Of a longer series, its last values find the peak; all of them only climb the rest. */
const SAMPLE = 4000;
/** By how much the log-likelihood may fall short of its peak, roughly. */
const SHORTFALL = 1e-7;
/** Roots nearer to the unit circle than this count as on it, as in R's auto.arima. */
const UNIT_ROOT_RADIUS = 1.01;
/** Where a start lies at most, as an inverse hyperbolic tangent. */
const START_BOUND = 2;
/**
 * How near to the border of stationarity a single model may lie where it cannot be forecast from at the peak of the
 * likelihood itself, which is rare: as inverse hyperbolic tangents, the first at which it can.
 */
const BOUNDS = [8, 6, 4, START_BOUND];

/**
 * Fits one ARIMA(p, d, q) by exact maximum likelihood. Start values come from the conditional sum of squares and from
 * the fits of the next smaller models; the optimiser works on partial autocorrelations, so that every model is
 * stationary and invertible. A series whose
 * differences are all the same gives a model of a constant: coefficients and variance 0, the likelihood that of a
 * standard deviation of 1e-13 of the largest value. Deterministic.
 * Cost: some 30 to 300 likelihoods for it and for each smaller model.
 * Source: Box & Jenkins (1976), chapter 7; Harvey (1989), section 3.4.
 * @param series regular, finite, oldest first
 * @param withConstant estimate the mean of Δ^d y: the mean of the series with d = 0, the drift with d = 1
 * @throws RangeError on orders out of range, a constant with d = 2, values not finite, or fewer values than
 *   d + p + q + (constant ? 1 : 0) + 2
 */
export function fitArima(series: Float64Array, order: ArimaOrder, withConstant: boolean): ArimaModel {
  checkOrder(order, withConstant);
  const prepared = prepareSeries(series, order.d, withConstant);
  const fitter = new ArimaFitter(prepared, withConstant);
  let model = fitter.fit(order.p, order.q);
  for (const bound of BOUNDS) {
    if (isSound(filterArima(series, model))) break;
    model = fitter.fit(order.p, order.q, bound);
  }
  return model;
}

/** Fits models of several orders to one prepared series; each is a start for larger ones. */
export class ArimaFitter {
  readonly #prepared: DifferencedSeries;
  readonly #withConstant: boolean;
  readonly #errors: Float64Array;
  /** Inverse hyperbolic tangents of the partial autocorrelations found, p of φ and q of θ, by order. */
  readonly #found = new Map<string, Float64Array>();
  /** Knows where the peaks roughly are: fits without the constant, or to the end of a long series. */
  readonly #guide: ArimaFitter | undefined;

  /** @param plain the fits of the same series without the constant, if there are any */
  constructor(prepared: DifferencedSeries, withConstant: boolean, plain?: ArimaFitter) {
    const { values } = prepared;
    const sample = { ...prepared, values: values.subarray(values.length - SAMPLE) };
    const sampled = values.length > SAMPLE ? new ArimaFitter(sample, withConstant) : undefined;
    this.#guide = plain ?? sampled;
    this.#prepared = prepared;
    this.#withConstant = withConstant;
    this.#errors = new Float64Array(values.length);
  }

  /** Are there at least two values more than coefficients? */
  isEnoughFor(p: number, q: number): boolean {
    return this.#prepared.values.length >= this.#needed(p, q);
  }

  /**
   * @param bound how large the numbers that are searched for may be in the end
   * @throws RangeError if there are too few values
   */
  fit(p: number, q: number, bound = Number.POSITIVE_INFINITY): ArimaModel {
    const { values, constant, d } = this.#prepared;
    if (!this.isEnoughFor(p, q)) {
      throw new RangeError(`an ARIMA of these orders needs ${this.#needed(p, q) + d} values`);
    }
    const coefficients = new Float64Array(p + q);
    if (constant) return this.#model(p, q, coefficients, 0, 0, undefined);
    const likelihood = new ExactLikelihood(values, p, q, this.#withConstant);
    setCoefficients(within(this.#numbersOf(p, q), bound), p, q, coefficients);
    const logLikelihood = likelihood.evaluate(coefficients);
    return this.#model(p, q, coefficients, likelihood.mean, likelihood.squares, logLikelihood);
  }

  #needed(p: number, q: number): number {
    return p + q + (this.#withConstant ? 1 : 0) + 2;
  }

  #numbersOf(p: number, q: number): Float64Array {
    const known = this.#found.get(`${p},${q}`);
    if (known) return known;
    const numbers = p + q === 0 ? new Float64Array(0) : this.#search(p, q);
    this.#found.set(`${p},${q}`, numbers);
    return numbers;
  }

  #search(p: number, q: number): Float64Array {
    const { values } = this.#prepared;
    const likelihood = new ExactLikelihood(values, p, q, this.#withConstant);
    const coefficients = new Float64Array(p + q);
    const cost = (at: Float64Array) => {
      setCoefficients(at, p, q, coefficients);
      return -likelihood.evaluate(coefficients) / values.length;
    };
    const starts = this.#starts(p, q)
      .map((at) => ({ at, value: cost(at) }))
      .filter(({ value }) => Number.isFinite(value))
      .sort((a, b) => a.value - b.value);
    const valueTolerance = Math.max(1e-13, Math.min(1e-9, SHORTFALL / values.length));
    const zero = { at: new Float64Array(p + q), value: Number.POSITIVE_INFINITY };
    const followed = starts.slice(0, this.#guide ? STARTS_FOLLOWED_GUIDED : STARTS_FOLLOWED);
    const peaks = followed.map(({ at }) => minimize(cost, at, { valueTolerance }));
    // Without any start the values are all 0: the end of a longer series may be.
    return peaks.reduce(
      (best: { at: Float64Array; value: number }, peak) => (peak.value < best.value ? peak : best),
      zero,
    ).at;
  }

  /** Zeros, which are always allowed; the next smaller models with one more of 0; the conditional sum of squares. */
  #starts(p: number, q: number): Float64Array[] {
    const starts: Float64Array[] = [new Float64Array(p + q)];
    if (this.#guide) starts.push(this.#guide.#numbersOf(p, q));
    else starts.push(this.#conditionalStart(p, q));
    if (p > 0) {
      const less = this.#numbersOf(p - 1, q);
      starts.push(Float64Array.from([...less.slice(0, p - 1), 0, ...less.slice(p - 1)]));
    }
    if (q > 0) starts.push(Float64Array.from([...this.#numbersOf(p, q - 1), 0]));
    return starts.map((at) => within(at, START_BOUND));
  }

  #conditionalStart(p: number, q: number): Float64Array {
    const { values } = this.#prepared;
    const coefficients = new Float64Array(p + q);
    const cost = (at: Float64Array) => {
      setCoefficients(at, p, q, coefficients);
      const squares = conditionalSumOfSquares(values, coefficients, p, q, this.#errors);
      return 0.5 * Math.log(squares / values.length);
    };
    const zeros = new Float64Array(p + q);
    // Values that are all 0 from the p-th on leave no error to make smaller.
    return Number.isFinite(cost(zeros)) ? minimize(cost, zeros, START_SEARCH).at : zeros;
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

function within(numbers: Float64Array, bound: number): Float64Array {
  return numbers.map((value) => Math.max(-bound, Math.min(bound, value)));
}

function setCoefficients(numbers: Float64Array, p: number, q: number, coefficients: Float64Array): void {
  toCoefficients(numbers, 0, p, 1, coefficients, 0);
  toCoefficients(numbers, p, q, -1, coefficients, p);
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
