/** ARMA orders beyond this are refused; the loops below are written out for it. */
export const LAGS_MAX = 5;

/**
 * One-step errors of an ARMA whose prediction error no longer changes: e_t = w_t − Σ φᵢ w_{t−i} − Σ θⱼ e_{t−j}, from
 * `from` on, into `errors`. What lies before the first value counts as 0. Returns the sum of their squares from
 * `from` on and leaves their plain sum in `sums[0]`. Cost: p + q multiplications a value, no allocation.
 * @param coefficients φ₁…φ_p, θ₁…θ_q with p, q ≤ 5
 */
export function steadyErrors(
  values: Float64Array,
  coefficients: Float64Array,
  p: number,
  q: number,
  from: number,
  errors: Float64Array,
  sums: Float64Array,
): number {
  const phi = (lag: number) => (lag <= p ? coefficients[lag - 1]! : 0);
  const theta = (lag: number) => (lag <= q ? coefficients[p + lag - 1]! : 0);
  const start = Math.min(values.length, Math.max(from, LAGS_MAX));
  const squares = firstErrors(values, coefficients, p, q, from, start, errors, sums);
  if (p <= 1 && q <= 1) return squares + errorsOfOne(values, phi(1), theta(1), start, errors, sums);
  if (p <= 2 && q <= 2) {
    return squares + errorsOfTwo(values, phi(1), phi(2), theta(1), theta(2), start, errors, sums);
  }
  const phis = [phi(1), phi(2), phi(3), phi(4), phi(5)] as const;
  const thetas = [theta(1), theta(2), theta(3), theta(4), theta(5)] as const;
  return squares + errorsOfFive(values, phis, thetas, start, errors, sums);
}

/** The few values whose past is shorter than the longest lag. */
function firstErrors(
  values: Float64Array,
  coefficients: Float64Array,
  p: number,
  q: number,
  from: number,
  to: number,
  errors: Float64Array,
  sums: Float64Array,
): number {
  let squares = 0;
  let sum = 0;
  for (let t = from; t < to; t++) {
    let error = values[t]!;
    for (let i = 1; i <= p && i <= t; i++) error -= coefficients[i - 1]! * values[t - i]!;
    for (let j = 1; j <= q && j <= t; j++) error -= coefficients[p + j - 1]! * errors[t - j]!;
    errors[t] = error;
    squares += error * error;
    sum += error;
  }
  sums[0] = sum;
  return squares;
}

function errorsOfOne(
  values: Float64Array,
  phi: number,
  theta: number,
  from: number,
  errors: Float64Array,
  sums: Float64Array,
): number {
  let squares = 0;
  let sum = 0;
  let value = values[from - 1]!;
  let error = errors[from - 1]!;
  for (let t = from; t < values.length; t++) {
    const next = values[t]!;
    error = next - phi * value - theta * error;
    value = next;
    errors[t] = error;
    squares += error * error;
    sum += error;
  }
  sums[0] = sums[0]! + sum;
  return squares;
}

function errorsOfTwo(
  values: Float64Array,
  phi1: number,
  phi2: number,
  theta1: number,
  theta2: number,
  from: number,
  errors: Float64Array,
  sums: Float64Array,
): number {
  let squares = 0;
  let sum = 0;
  let value1 = values[from - 1]!;
  let value2 = values[from - 2]!;
  let error1 = errors[from - 1]!;
  let error2 = errors[from - 2]!;
  for (let t = from; t < values.length; t++) {
    const next = values[t]!;
    const error = next - phi1 * value1 - phi2 * value2 - theta2 * error2 - theta1 * error1;
    value2 = value1;
    value1 = next;
    error2 = error1;
    error1 = error;
    errors[t] = error;
    squares += error * error;
    sum += error;
  }
  sums[0] = sums[0]! + sum;
  return squares;
}

type Five = readonly [number, number, number, number, number];

function errorsOfFive(
  values: Float64Array,
  phis: Five,
  thetas: Five,
  from: number,
  errors: Float64Array,
  sums: Float64Array,
): number {
  const [phi1, phi2, phi3, phi4, phi5] = phis;
  const [theta1, theta2, theta3, theta4, theta5] = thetas;
  let squares = 0;
  let sum = 0;
  for (let t = from; t < values.length; t++) {
    const past = phi1 * values[t - 1]! + phi2 * values[t - 2]! + phi3 * values[t - 3]!;
    const older = phi4 * values[t - 4]! + phi5 * values[t - 5]!;
    const noise = theta5 * errors[t - 5]! + theta4 * errors[t - 4]! + theta3 * errors[t - 3]!;
    const error = values[t]! - past - older - noise - theta2 * errors[t - 2]! - theta1 * errors[t - 1]!;
    errors[t] = error;
    squares += error * error;
    sum += error;
  }
  sums[0] = sums[0]! + sum;
  return squares;
}
