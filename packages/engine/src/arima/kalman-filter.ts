import { steadyErrors } from './innovations.js';

/** From here on the predicted state's covariance counts as steady, relative to the noise. */
const STEADY = 1e-12;
const DOUBLINGS_MAX = 64;

/** Where the filter stands after the last value: what a forecast needs. Covariances are in units of the noise's. */
export interface FilterEnd {
  /** Prediction of the state after the last value, r = max(p, q + 1) numbers; the first is the next value's. */
  readonly state: Float64Array;
  /** Its covariance, r × r, row by row. */
  readonly covariance: Float64Array;
}

export interface Filtered extends FilterEnd {
  /** One-step prediction errors, as many as values. */
  readonly errors: Float64Array;
  /** Variances F of the first of them in units of the noise's, until they are 1 for good. */
  readonly startVariances: Float64Array;
  /** Σ v²/F. */
  readonly squares: number;
  /** Σ ln F. */
  readonly logDeterminant: number;
}

/**
 * The Kalman filter of a stationary ARMA(p, q) around 0, in the textbook form with a full covariance: slower than
 * ExactLikelihood by O(r²) a value until steady, but it ends with the covariance of the state. Run once a model.
 * State: α₁ = w_t and αᵢ = what is known of w_{t+i−1} at t; α_{t+1} = T α_t + R e_{t+1}.
 * Source: Harvey (1989), "Forecasting, structural time series models and the Kalman filter", sections 3.2 and 3.3;
 * Gardner, Harvey & Phillips (1980), algorithm AS 154, for the form of T and R.
 * @param values finite, mean taken off
 */
export function kalmanFilter(values: Float64Array, phi: Float64Array, theta: Float64Array): Filtered {
  const size = Math.max(phi.length, theta.length + 1);
  const noise = noiseCovariance(theta, size);
  let covariance: Float64Array = stationaryCovariance(phi, noise, size);
  let next: Float64Array = new Float64Array(size * size);
  const scratch = new Float64Array(size * size);
  const state = new Float64Array(size);
  const gain = new Float64Array(size);
  const errors = new Float64Array(values.length);
  const startVariances: number[] = [];
  let squares = 0;
  let logDeterminant = 0;
  let t = 0;
  let settled = 0;
  for (; t < values.length && settled <= size; t++) {
    const variance = covariance[0]!;
    const error = values[t]! - state[0]!;
    errors[t] = error;
    startVariances.push(variance);
    squares += (error * error) / variance;
    logDeterminant += Math.log(variance);
    for (let i = 0; i < size; i++) gain[i] = covariance[i * size]! / variance;
    for (let i = 0; i < size; i++) state[i] = state[i]! + gain[i]! * error;
    shift(state, phi);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        scratch[i * size + j] = covariance[i * size + j]! - gain[i]! * gain[j]! * variance;
      }
    }
    advanceCovariance(scratch, phi, noise, size, next);
    let moved = 0;
    for (let i = 0; i < next.length; i++) moved = Math.max(moved, Math.abs(next[i]! - covariance[i]!));
    settled = moved < STEADY ? settled + 1 : 0;
    [covariance, next] = [next, covariance];
  }
  if (t < values.length) {
    squares += runSteady(values, phi, theta, t, errors);
    stateFrom(values, errors, phi, theta, state);
  }
  return {
    state,
    covariance,
    errors,
    startVariances: Float64Array.from(startVariances),
    squares,
    logDeterminant,
  };
}

/** x ← T x: φ times the first element, plus the elements shifted up. */
export function shift(state: Float64Array, phi: Float64Array): void {
  const first = state[0]!;
  for (let i = 0; i < state.length; i++) {
    state[i] = (i < phi.length ? phi[i]! * first : 0) + (i + 1 < state.length ? state[i + 1]! : 0);
  }
}

/** out ← T P T′ + Q. */
function advanceCovariance(
  covariance: Float64Array,
  phi: Float64Array,
  noise: Float64Array,
  size: number,
  out: Float64Array,
): void {
  const at = (i: number, j: number) => (i < size && j < size ? covariance[i * size + j]! : 0);
  for (let i = 0; i < size; i++) {
    const phiI = i < phi.length ? phi[i]! : 0;
    for (let j = 0; j <= i; j++) {
      const phiJ = j < phi.length ? phi[j]! : 0;
      const own = phiI * phiJ * at(0, 0) + phiI * at(0, j + 1) + phiJ * at(i + 1, 0) + at(i + 1, j + 1);
      out[i * size + j] = own + noise[i * size + j]!;
      out[j * size + i] = out[i * size + j]!;
    }
  }
}

function noiseCovariance(theta: Float64Array, size: number): Float64Array {
  const weight = (i: number) => (i === 0 ? 1 : (theta[i - 1] ?? 0));
  return Float64Array.from(
    { length: size * size },
    (_, at) => weight(Math.floor(at / size)) * weight(at % size),
  );
}

/** P = T P T′ + Q by doubling: P ← P + A P A′, A ← A². Source: Anderson & Moore (1979), section 6.7. */
function stationaryCovariance(phi: Float64Array, noise: Float64Array, size: number): Float64Array {
  let power: Float64Array = Float64Array.from({ length: size * size }, (_, at) => {
    const row = Math.floor(at / size);
    const column = at % size;
    return (column === 0 ? (phi[row] ?? 0) : 0) + (column === row + 1 ? 1 : 0);
  });
  const covariance = noise.slice();
  for (let doubling = 0; doubling < DOUBLINGS_MAX; doubling++) {
    const added = product(product(power, covariance, size, false), power, size, true);
    let largest = 0;
    for (let i = 0; i < added.length; i++) {
      covariance[i] = covariance[i]! + added[i]!;
      largest = Math.max(largest, Math.abs(added[i]!));
    }
    if (!(largest > 1e-16 * covariance[0]!)) break;
    power = product(power, power, size, false);
  }
  return covariance;
}

/** A·B, or A·B′. */
function product(a: Float64Array, b: Float64Array, size: number, transposed: boolean): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i * size + k]! * b[transposed ? j * size + k : k * size + j]!;
      out[i * size + j] = sum;
    }
  }
  return out;
}

function runSteady(
  values: Float64Array,
  phi: Float64Array,
  theta: Float64Array,
  from: number,
  errors: Float64Array,
): number {
  const coefficients = Float64Array.from([...phi, ...theta]);
  return steadyErrors(values, coefficients, phi.length, theta.length, from, errors, new Float64Array(1));
}

/** The state's prediction after the last value, from the last values and errors. */
function stateFrom(
  values: Float64Array,
  errors: Float64Array,
  phi: Float64Array,
  theta: Float64Array,
  state: Float64Array,
): void {
  const last = values.length - 1;
  for (let i = 0; i < state.length; i++) {
    let sum = 0;
    for (let k = i; k < phi.length && k - i <= last; k++) sum += phi[k]! * values[last - (k - i)]!;
    for (let k = i; k < theta.length && k - i <= last; k++) sum += theta[k]! * errors[last - (k - i)]!;
    state[i] = sum;
  }
}
