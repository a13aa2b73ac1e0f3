import type { SmoothingState, SmoothingWeights } from './smoothing-state.js';

/** A loop over all values: changes the state, except that the seasons stay where they begin; returns Σ ε². */
type Loop = (
  values: Float64Array,
  seasons: readonly Float64Array[],
  weights: SmoothingWeights,
  state: SmoothingState,
) => number;

/** The hot loop, written out for no season, one and two. */
export function smoothingLoop(seasons: number): Loop {
  if (seasons === 0) return withoutSeason;
  return seasons === 1 ? withOneSeason : seasons === 2 ? withTwoSeasons : withSeasons;
}

const withoutSeason: Loop = (values, _, weights, state) => {
  const { level: alpha, slope: beta, damping, deviation: kappa, persistence } = weights;
  let { level, slope, deviation } = state;
  let squares = 0;
  for (let t = 0; t < values.length; t++) {
    slope *= damping;
    level += slope;
    deviation *= persistence;
    const error = values[t]! - level - deviation;
    squares += error * error;
    level += alpha * error;
    slope += beta * error;
    deviation += kappa * error;
  }
  state.level = level;
  state.slope = slope;
  state.deviation = deviation;
  return squares;
};

const withOneSeason: Loop = (values, seasons, weights, state) => {
  const { level: alpha, slope: beta, damping, deviation: kappa, persistence } = weights;
  const gamma = weights.seasonal[0]!;
  const season = seasons[0]!;
  let { level, slope, deviation } = state;
  let squares = 0;
  for (let t = 0, place = 0; t < values.length; t++) {
    slope *= damping;
    level += slope;
    deviation *= persistence;
    const own = season[place]!;
    const error = values[t]! - own - level - deviation;
    squares += error * error;
    level += alpha * error;
    slope += beta * error;
    deviation += kappa * error;
    season[place] = own + gamma * error;
    if (++place === season.length) place = 0;
  }
  state.level = level;
  state.slope = slope;
  state.deviation = deviation;
  return squares;
};

const withTwoSeasons: Loop = (values, seasons, weights, state) => {
  const { level: alpha, slope: beta, damping, deviation: kappa, persistence } = weights;
  const gamma1 = weights.seasonal[0]!;
  const gamma2 = weights.seasonal[1]!;
  const season1 = seasons[0]!;
  const season2 = seasons[1]!;
  let { level, slope, deviation } = state;
  let squares = 0;
  for (let t = 0, place1 = 0, place2 = 0; t < values.length; t++) {
    slope *= damping;
    level += slope;
    deviation *= persistence;
    const own1 = season1[place1]!;
    const own2 = season2[place2]!;
    const error = values[t]! - own1 - own2 - level - deviation;
    squares += error * error;
    level += alpha * error;
    slope += beta * error;
    deviation += kappa * error;
    season1[place1] = own1 + gamma1 * error;
    season2[place2] = own2 + gamma2 * error;
    if (++place1 === season1.length) place1 = 0;
    if (++place2 === season2.length) place2 = 0;
  }
  state.level = level;
  state.slope = slope;
  state.deviation = deviation;
  return squares;
};

const withSeasons: Loop = (values, seasons, weights, state) => {
  const { level: alpha, slope: beta, damping, deviation: kappa, persistence } = weights;
  let { level, slope, deviation } = state;
  let squares = 0;
  for (let t = 0; t < values.length; t++) {
    slope *= damping;
    level += slope;
    deviation *= persistence;
    let error = values[t]! - level - deviation;
    for (const season of seasons) error -= season[t % season.length]!;
    squares += error * error;
    level += alpha * error;
    slope += beta * error;
    deviation += kappa * error;
    for (let index = 0; index < seasons.length; index++) {
      const season = seasons[index]!;
      const place = t % season.length;
      season[place] = season[place]! + weights.seasonal[index]! * error;
    }
  }
  state.level = level;
  state.slope = slope;
  state.deviation = deviation;
  return squares;
};
