import type { ArimaModel, ArimaOrder } from './arima-model.js';
import { prepareSeries } from './differenced-series.js';
import { filterArima, isSound } from './filter-arima.js';
import { ArimaFitter } from './fit-arima.js';
import { LAGS_MAX } from './innovations.js';
import { differencesNeeded } from './kpss.js';

export interface SelectOrderOptions {
  /** Least p + q, 0 to `orderMax`. Default 0. BigQuery's AUTO_ARIMA_MIN_ORDER. */
  readonly orderMin?: number;
  /** Most p + q, 1 to 5. Default 2. BigQuery's AUTO_ARIMA_MAX_ORDER. */
  readonly orderMax?: number;
  /** Differences, 0 to 2. Default: what KPSS asks for. */
  readonly d?: number;
  /** With d = 1: only models with drift, or only such without. Default both. */
  readonly drift?: boolean;
  /** What the best model has least of. Default 'aic'. */
  readonly criterion?: 'aic' | 'aicc' | 'bic';
  /**
   * Pick a model with a root within 1.01 of the unit circle only if there is no other, as R's auto.arima does, whose
   * likelihood is unsure there. Default false: ours is exact, and after one difference too many a moving average
   * near its border is the right model, beside which the others forecast badly.
   */
  readonly avoidUnitRoots?: boolean;
}

/** One order that was asked for. Without a model, the series was too short for it. */
export interface ArimaCandidate {
  readonly order: ArimaOrder;
  readonly withConstant: boolean;
  readonly model: ArimaModel | undefined;
}

export interface SelectedOrder {
  readonly best: ArimaModel;
  /** All of them, by p + q, then p; with d = 1 those without drift first. */
  readonly candidates: readonly ArimaCandidate[];
}

/**
 * A drift with a root at the unit circle is a straight line through the whole history, where KPSS has found a level that
 * wanders: it is believed where all others have essentially no support beside it.
 * Source: Burnham & Anderson (2002), "Model selection and multimodel inference", section 2.6, for the 10.
 */
const LINE_LEAD = 10;

/**
 * Fits every ARIMA with orderMin ≤ p + q ≤ orderMax and picks the one with the least AIC. With d = 0 all have a mean,
 * with d = 1 each comes without and with drift, with d = 2 there is no constant: 3, 6, 10, 15 or 21 candidates for
 * an orderMax of 1 to 5, twice as many with d = 1. A drift with a root near the unit circle has to lead by an AIC of 10.
 * A series too short for any of them gets p = q = 0.
 * Cost: that of the fits, each a start for larger ones.
 * Source: Hyndman & Khandakar (2008), section 3.2, without its steps; BigQuery ML's documentation for the candidates.
 * @param series regular, finite, oldest first; at least 3 values
 * @throws RangeError on options out of range, fewer than 3 values (4 with d = 2), or a value not finite
 */
export function selectOrder(series: Float64Array, options: SelectOrderOptions = {}): SelectedOrder {
  const { orderMin = 0, orderMax = 2, criterion = 'aic', drift, avoidUnitRoots = false } = options;
  checkOptions(series, orderMin, orderMax, options.d);
  const d = options.d ?? differencesNeeded(series);
  const constants = d === 0 ? [true] : d === 2 ? [false] : [false, true].filter((x) => x === (drift ?? x));
  let fitter: ArimaFitter | undefined;
  const candidates = constants.flatMap((withConstant) => {
    fitter = new ArimaFitter(prepareSeries(series, d, withConstant), withConstant, fitter);
    return fitAll(fitter, d, withConstant, orderMin, orderMax);
  });
  const models = candidates.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const sound = avoidUnitRoots ? models.filter(({ nearUnitRoot }) => !nearUnitRoot) : [];
  const rank = (model: ArimaModel) => model[criterion] + handicap(model);
  const ranked = [...(sound.length > 0 ? sound : models)].sort((a, b) => rank(a) - rank(b));
  const best = ranked.find((model) => isSound(filterArima(series, model)));
  return { best: best ?? plainModel(series, d), candidates };
}

/** What is added to the AIC of a model when it is compared with others. */
export function handicap({ order, withConstant, nearUnitRoot }: ArimaModel): number {
  return order.d === 1 && withConstant && nearUnitRoot ? LINE_LEAD : 0;
}

function checkOptions(series: Float64Array, orderMin: number, orderMax: number, d: number | undefined): void {
  if (series.length < 3) throw new RangeError(`an order search needs 3 values, not ${series.length}`);
  if (!Number.isInteger(orderMax) || orderMax < 1 || orderMax > LAGS_MAX) {
    throw new RangeError(`orderMax is 1 to ${LAGS_MAX}, not ${orderMax}`);
  }
  if (!Number.isInteger(orderMin) || orderMin < 0 || orderMin > orderMax) {
    throw new RangeError(`orderMin is 0 to orderMax (${orderMax}), not ${orderMin}`);
  }
  if (d !== undefined && d !== 0 && d !== 1 && d !== 2) throw new RangeError(`d is 0, 1 or 2, not ${d}`);
}

function fitAll(
  fitter: ArimaFitter,
  d: number,
  withConstant: boolean,
  orderMin: number,
  orderMax: number,
): ArimaCandidate[] {
  const candidates: ArimaCandidate[] = [];
  for (let sum = orderMin; sum <= orderMax; sum++) {
    for (let p = 0; p <= sum; p++) {
      const q = sum - p;
      const model = fitter.isEnoughFor(p, q) ? fitter.fit(p, q) : undefined;
      candidates.push({ order: { p, d, q }, withConstant, model });
    }
  }
  return candidates;
}

/** The series asks for more than it can carry: d differences, a mean with d = 0, and nothing else. */
function plainModel(series: Float64Array, d: number): ArimaModel {
  return new ArimaFitter(prepareSeries(series, d, d === 0), d === 0).fit(0, 0);
}
