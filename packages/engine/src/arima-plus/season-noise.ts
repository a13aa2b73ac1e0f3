import { windowOf } from '../decomposition/mstl.js';

/**
 * By which share the noise of a forecast is larger than what is left of it within the history. A season is an average
 * over a few seasons, so within the history it takes some of the noise with it, while ahead its own error adds to the
 * noise to come. With smoothing weights w, own weight w₀, what is left within is 1 − 2 w₀ + Σ w² (in the middle), and
 * what comes ahead is 1 + Σ w² (at the end), in units of the noise's variance; several seasons take in turn, and add.
 * Source: Hastie & Tibshirani (1990), "Generalized additive models", section 3.4, for linear smoothers in general.
 * @param periods of the seasons, the shortest first
 * @param seasonalWindow of the shortest
 */
export function noiseAhead(periods: readonly number[], length: number, seasonalWindow: number): number {
  let within = 1;
  let ahead = 1;
  for (const [number, period] of periods.entries()) {
    const { inside, last } = weightsOf(period, length, windowOf(number, seasonalWindow));
    within *= 1 - 2 * inside.own + inside.squares;
    ahead += last.squares;
  }
  return ahead / within - 1;
}

/** The share of a single value that the seasons leave over, in the middle of a series. Parameters as above. */
export function leftOfValue(periods: readonly number[], length: number, seasonalWindow: number): number {
  return periods.reduce((left, period, number) => {
    const { inside } = weightsOf(period, length, windowOf(number, seasonalWindow));
    return left * (1 - inside.own);
  }, 1);
}

/** Of a season's smoother, in the middle of the series and at its end. */
function weightsOf(period: number, length: number, window: number) {
  const seasons = Math.max(2, Math.floor(length / period));
  const used = Math.min(window, seasons);
  const wider = Math.floor((window - used) / 2);
  const middle = Math.floor((used - 1) / 2);
  return {
    inside: weights(used, middle, Math.max(middle, used - 1 - middle) + wider),
    last: weights(used, 0, used - 1 + wider),
  };
}

/** Of a local mean at one place among so many, by tricube: the weight of that place itself, and Σ w². */
function weights(count: number, at: number, reach: number): { own: number; squares: number } {
  let sum = 0;
  let squares = 0;
  for (let place = 0; place < count; place++) {
    const weight = (1 - (Math.abs(place - at) / reach) ** 3) ** 3;
    sum += weight;
    squares += weight * weight;
  }
  return { own: 1 / sum, squares: squares / (sum * sum) };
}
