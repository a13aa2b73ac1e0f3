/**
 * Unbounded numbers to the coefficients of a stationary autoregression and back, so that an optimiser may go
 * anywhere: each number becomes a partial autocorrelation within (−1, 1), and the Durbin-Levinson recursion turns
 * those into coefficients. Source: Jones (1980), "Maximum likelihood fitting of ARMA models to time series with
 * missing observations", Technometrics 22, section 4; Monahan (1984), Biometrika 71, equations 2 and 3.
 */

/** Beyond it an autocovariance no longer fits beside the noise in double precision. */
const PARTIAL_MAX = 1 - 1e-9;
/** A start value this near the border would have no slope to leave it by. */
const START_MAX = 0.98;

/**
 * Writes the coefficients a₁…a_count of 1 − Σ aᵢzⁱ that the numbers stand for; its roots lie outside the unit circle.
 * Cost: count²/2 multiplications, no allocation.
 * @param numbers read from `from`, any finite values
 * @param sign 1 for autoregressive coefficients, −1 for those of a moving average 1 + Σ θᵢzⁱ
 * @param out receives the coefficients from `to` on; may be `numbers` itself
 */
export function toCoefficients(
  numbers: Float64Array,
  from: number,
  count: number,
  sign: 1 | -1,
  out: Float64Array,
  to: number,
): void {
  for (let order = 0; order < count; order++) {
    const partial = Math.tanh(numbers[from + order]!) * PARTIAL_MAX;
    out[to + order] = partial;
    for (let low = 0, high = order - 1; low <= high; low++, high--) {
      const a = out[to + low]!;
      const b = out[to + high]!;
      out[to + low] = a - partial * b;
      out[to + high] = b - partial * a;
    }
  }
  if (sign === -1) for (let index = 0; index < count; index++) out[to + index] = -out[to + index]!;
}

/**
 * The numbers that {@link toCoefficients} turns into these coefficients, or undefined if their polynomial has a
 * root on or within the unit circle. Partial autocorrelations near ±1 are brought to ±0.98: a start, not an inverse.
 */
export function toStartNumbers(coefficients: ArrayLike<number>, sign: 1 | -1): Float64Array | undefined {
  const rest = Float64Array.from(coefficients, (coefficient) => sign * coefficient);
  const numbers = new Float64Array(rest.length);
  for (let order = rest.length - 1; order >= 0; order--) {
    const partial = rest[order]!;
    if (!(Math.abs(partial) < 1)) return undefined;
    numbers[order] = Math.atanh(Math.max(-START_MAX, Math.min(START_MAX, partial)));
    const scale = 1 - partial * partial;
    for (let low = 0, high = order - 1; low <= high; low++, high--) {
      const a = rest[low]!;
      const b = rest[high]!;
      rest[low] = (a + partial * b) / scale;
      rest[high] = (b + partial * a) / scale;
    }
  }
  return numbers;
}
