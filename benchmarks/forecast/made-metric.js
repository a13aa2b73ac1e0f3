/**
 * A metric made from a seed: a wandering level, a day, a week and noise. `day` values are a day.
 * @returns {Float64Array}
 */
export function madeMetric(length, day, seed) {
  let state = seed;
  const uniform = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const gaussian = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  let level = 100;
  return Float64Array.from({ length }, (_, index) => {
    level += 0.1 * gaussian();
    const turn = (2 * Math.PI * index) / day;
    return level + 10 * Math.sin(turn) + 4 * Math.cos(turn / 7) + gaussian();
  });
}
