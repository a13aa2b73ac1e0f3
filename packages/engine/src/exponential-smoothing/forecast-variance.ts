/** Square of the normal 97.5% point. */
const POINT_SQUARED = 3.841458820694124;

/**
 * The variance of a normal distribution whose 95% interval is as wide as that of a forecast with estimated numbers: the
 * one-step errors follow Student's distribution where their variance is estimated from few of them, squares / freedom
 * times (t / z)²; and what is estimated adds its own errors, another share estimated / count of them.
 * Source: Fisher & Cornish (1960), Technometrics 2, for t in terms of z, to the second order; Akaike (1969), Annals of
 * the Institute of Statistical Mathematics 21, equation 4.9, for the final prediction error.
 * @param squares sum of the squared errors
 * @param count how many they are
 * @param estimated numbers estimated, less than that
 */
export function forecastVariance(squares: number, count: number, estimated: number): number {
  return (squares / (count - estimated)) * varianceWidening(count - estimated, estimated / count);
}

/**
 * By which a variance estimated with so much freedom is multiplied, for a normal interval as in {@link forecastVariance}.
 * @param share of the errors' count that was estimated
 */
export function varianceWidening(freedom: number, share: number): number {
  const first = (POINT_SQUARED + 1) / (4 * freedom);
  const second = (5 * POINT_SQUARED ** 2 + 16 * POINT_SQUARED + 3) / (96 * freedom ** 2);
  return (1 + first + second) ** 2 * (1 + share);
}
