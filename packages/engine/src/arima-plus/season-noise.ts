/** STL's windows within MSTL: 11 seasons for the shortest, 4 more for each next one. */
const WINDOW_FIRST = 11;
const WINDOW_MORE = 4;

/**
 * By which share the noise of a forecast is larger than what is left of it within the history. A season is an average
 * over a few seasons, so within the history it takes some of the noise with it, while ahead its own error adds to the
 * noise to come. With smoothing weights w, own weight w₀, what is left within is 1 − 2 w₀ + Σ w² (in the middle), and
 * what comes ahead is 1 + Σ w² (at the end), in units of the noise's variance; several seasons take in turn, and add.
 * Source: Hastie & Tibshirani (1990), "Generalized additive models", section 3.4, for linear smoothers in general.
 * @param periods of the seasons, the shortest first
 */
export function noiseAhead(periods: readonly number[], length: number): number {
  let within = 1;
  let ahead = 1;
  for (const [number, period] of periods.entries()) {
    const seasons = Math.max(2, Math.floor(length / period));
    const window = WINDOW_FIRST + WINDOW_MORE * number;
    const used = Math.min(window, seasons);
    const wider = Math.floor((window - used) / 2);
    const middle = Math.floor((used - 1) / 2);
    const inside = weights(used, middle, Math.max(middle, used - 1 - middle) + wider);
    const last = weights(used, 0, used - 1 + wider);
    within *= 1 - 2 * inside.own + inside.squares;
    ahead += last.squares;
  }
  return ahead / within - 1;
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
