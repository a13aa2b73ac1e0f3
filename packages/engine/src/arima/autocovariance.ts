/**
 * Writes what a stationary ARMA(p, q) with noise of variance 1 starts from: its autocovariances γ₀…γ_p and its
 * weights ψ₀…ψ_q. Solves γ_k − Σ φᵢγ_|k−i| = Σ_{j≥k} θⱼψ_{j−k}, k = 0…p (θ₀ = 1).
 * Cost: (p+1)³/3, no allocation with a `system` of at least (p+1)(p+2) numbers.
 * Source: McLeod (1975), Applied Statistics 24, equation 2; Brockwell & Davis (1991), equation 3.3.8.
 * @param coefficients φ₁…φ_p, θ₁…θ_q
 * @returns false if the system has no solution, as with a root on the unit circle
 */
export function startingCovariances(
  coefficients: Float64Array,
  p: number,
  q: number,
  gamma: Float64Array,
  psi: Float64Array,
  system: Float64Array,
): boolean {
  psi[0] = 1;
  for (let lag = 1; lag <= q; lag++) {
    let weight = coefficients[p + lag - 1]!;
    for (let i = 1; i <= Math.min(lag, p); i++) weight += coefficients[i - 1]! * psi[lag - i]!;
    psi[lag] = weight;
  }
  const columns = p + 2;
  system.fill(0, 0, (p + 1) * columns);
  for (let k = 0; k <= p; k++) {
    const row = k * columns;
    system[row + k] = system[row + k]! + 1;
    for (let i = 1; i <= p; i++) {
      const column = row + Math.abs(k - i);
      system[column] = system[column]! - coefficients[i - 1]!;
    }
    let right = k <= q ? (k === 0 ? 1 : coefficients[p + k - 1]!) : 0;
    for (let j = k + 1; j <= q; j++) right += coefficients[p + j - 1]! * psi[j - k]!;
    system[row + p + 1] = right;
  }
  return solveInPlace(system, p + 1, gamma);
}

/** Gaussian elimination with partial pivoting of `size` rows of `size` + 1 numbers, the last one the right side. */
export function solveInPlace(system: Float64Array, size: number, solution: Float64Array): boolean {
  const columns = size + 1;
  for (let pivot = 0; pivot < size; pivot++) {
    let best = pivot;
    for (let row = pivot + 1; row < size; row++) {
      if (Math.abs(system[row * columns + pivot]!) > Math.abs(system[best * columns + pivot]!)) best = row;
    }
    const divisor = system[best * columns + pivot]!;
    if (!(Math.abs(divisor) > 1e-300)) return false;
    for (let column = pivot; column < columns; column++) {
      const swapped = system[best * columns + column]!;
      system[best * columns + column] = system[pivot * columns + column]!;
      system[pivot * columns + column] = swapped;
    }
    for (let row = pivot + 1; row < size; row++) {
      const factor = system[row * columns + pivot]! / divisor;
      if (factor === 0) continue;
      for (let column = pivot; column < columns; column++) {
        const at = row * columns + column;
        system[at] = system[at]! - factor * system[pivot * columns + column]!;
      }
    }
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = system[row * columns + size]!;
    for (let column = row + 1; column < size; column++) {
      sum -= system[row * columns + column]! * solution[column]!;
    }
    solution[row] = sum / system[row * columns + row]!;
  }
  return true;
}
