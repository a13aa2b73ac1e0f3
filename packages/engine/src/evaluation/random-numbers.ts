/** Uniform numbers in [0, 1). */
export type RandomSource = () => number;

const TWO_TO_32 = 4_294_967_296;

/** mulberry32 (Ettinger 2017): the same numbers for the same seed everywhere; 2³² of them. */
export function seededRandom(seed: number): RandomSource {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_32;
  };
}

/** Standard normal numbers, two at a time by the polar method (Marsaglia & Bray 1964). */
export function seededGaussian(random: RandomSource): RandomSource {
  let spare = Number.NaN;
  return () => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    let x: number;
    let y: number;
    let square: number;
    do {
      x = 2 * random() - 1;
      y = 2 * random() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    spare = y * scale;
    return x * scale;
  };
}

/** A Poisson number of a small mean, by multiplication (Knuth 1969, TAOCP 2, section 3.4.1). */
export function poisson(random: RandomSource, mean: number): number {
  const limit = Math.exp(-mean);
  let product = random();
  let count = 0;
  for (; product > limit; count++) product *= random();
  return count;
}
