import { smoothingLoop } from './smoothing-loops.js';
import type { SmoothingState, SmoothingWeights } from './smoothing-state.js';

/**
 * Runs exponential smoothing with damped slope, any number of seasons and a passing deviation over a series, as a
 * model of one source of error: y_t = ℓ + φ b + Σ sᵢ + ρ d + ε with the parts as they stood before; then ℓ gains
 * φ b + α ε, b becomes φ b + β ε, the season's place gains γᵢ ε, and d becomes ρ d + κ ε.
 * Returns Σ ε², and leaves the parts as they stand after the last value in `state`, with `turned` also the seasons'
 * places. Cost: some 10 ns a value.
 * Source: Hyndman, Koehler, Ord & Snyder (2008), "Forecasting with exponential smoothing", chapters 2 and 3; several
 * seasons by Taylor (2003), J. Operational Research Society 54; the deviation is the first-order autoregression of
 * De Livera, Hyndman & Snyder (2011), J. American Statistical Association 106, section 2.
 */
export function smooth(
  values: Float64Array,
  weights: SmoothingWeights,
  state: SmoothingState,
  turned: boolean,
): number {
  const squares = smoothingLoop(state.seasons.length)(values, state.seasons, weights, state);
  if (turned) for (const season of state.seasons) turn(season, values.length);
  return squares;
}

/** The parts without errors to come: steps 1 to horizon ahead. Cost: the horizon, for each part. */
export function continued(weights: SmoothingWeights, state: SmoothingState, horizon: number): Float64Array {
  const out = new Float64Array(horizon);
  let { level, slope, deviation } = state;
  for (let step = 0; step < horizon; step++) {
    slope *= weights.damping;
    level += slope;
    deviation *= weights.persistence;
    let value = level + deviation;
    for (const season of state.seasons) value += season[step % season.length]!;
    out[step] = value;
  }
  return out;
}

/**
 * What an error of 1 adds to the expected value j steps later, j = 1, 2, …:
 * α + β (φ + … + φʲ) + κ ρʲ + Σ γᵢ where j is a whole number of seasons.
 * Source: Hyndman et al. (2008), table 6.1.
 */
export function responses(
  weights: SmoothingWeights,
  periods: readonly number[],
  count: number,
): Float64Array {
  const seasons = periods.map((period, index) => {
    const season = new Float64Array(period);
    season[period - 1] = weights.seasonal[index]!;
    return season;
  });
  const { level, slope, deviation } = weights;
  return continued(weights, { level, slope, deviation, seasons }, count);
}

/** From the place that many steps later on. */
function turn(season: Float64Array, steps: number): void {
  const before = season.slice();
  for (let place = 0; place < season.length; place++)
    season[place] = before[(place + steps) % season.length]!;
}
