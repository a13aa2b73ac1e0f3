/** From here on the continued fraction settles within its terms. */
const FRACTION_FROM = 2;
const FRACTION_TERMS = 100;
const NEWTON_STEPS_MAX = 60;

/** Probability that a standard normal lies within ±z: erf(|z|/√2), 0 to 1; 1 for an infinite z. */
export function probabilityWithin(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  return x < FRACTION_FROM ? erfSeries(x) : 1 - erfcFraction(x);
}

/**
 * The z for which a standard normal lies within ±z with this probability: Φ⁻¹((1 + probability)/2). By Newton's method
 * on the logarithm of the tail, which is concave, so that it nears the answer from one side.
 * @param probability at least 0 and below 1
 */
export function normalPoint(probability: number): number {
  const tail = 1 - probability;
  // erfc(x) ≤ exp(−x²): not below the answer.
  let x = Math.sqrt(Math.max(0, -Math.log(tail)));
  for (let step = 0; step < NEWTON_STEPS_MAX; step++) {
    const now = x < FRACTION_FROM ? 1 - erfSeries(x) : erfcFraction(x);
    const next = x + (Math.log(now / tail) * now * Math.sqrt(Math.PI)) / (2 * Math.exp(-x * x));
    if (!(Math.abs(next - x) > 1e-15 * x)) break;
    x = next;
  }
  return x * Math.SQRT2;
}

/** 2/√π · exp(−x²) Σ 2ⁿ x^(2n+1) / (2n + 1)!!. Source: Abramowitz & Stegun (1972), 7.1.6. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** exp(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))). Source: Abramowitz & Stegun (1972), 7.1.14. */
function erfcFraction(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return 0;
  let fraction = x;
  for (let term = FRACTION_TERMS; term > 0; term--) fraction = x + term / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
