/** Square of the normal 97.5% point. */
const POINT_SQUARED = 3.841458820694124;

/**
 * The variance of a normal distribution whose 95% interval is as wide as that of Student's, which one-step errors
 * follow where their variance is estimated from few of them: squares / freedom, times (t / z)².
 * Source: Fisher & Cornish (1960), Technometrics 2, for t in terms of z, to the second order.
 * @param squares sum of the squared errors
 * @param freedom values less what was estimated, at least 1
 */
export function studentVariance(squares: number, freedom: number): number {
  const first = (POINT_SQUARED + 1) / (4 * freedom);
  const second = (5 * POINT_SQUARED ** 2 + 16 * POINT_SQUARED + 3) / (96 * freedom ** 2);
  return (squares / freedom) * (1 + first + second) ** 2;
}
