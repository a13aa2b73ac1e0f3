/**
 * n ln σ² of the least squares fit y_t = a + b t + φ y_{t−1} + e_t: −2 times the log-likelihood of a series as a line
 * with autoregressive noise, but for constants. A line without noise gives n ln of the rounding error instead of −∞.
 * Cost: two passes. Source: Brockwell & Davis (1991), "Time Series: Theory and Methods", section 8.7.
 * @param series finite, at least 5 values
 */
export function autoregressiveDeviance(series: Float64Array): number {
  const count = series.length - 1;
  let before = 0;
  let now = 0;
  for (let index = 1; index <= count; index++) {
    before += series[index - 1]! / count;
    now += series[index]! / count;
  }
  const middle = (count + 1) / 2;
  const timeSquares = (count * (count * count - 1)) / 12;
  let [bb, nn, bn, bt, nt] = [0, 0, 0, 0, 0];
  for (let index = 1; index <= count; index++) {
    const b = series[index - 1]! - before;
    const n = series[index]! - now;
    const t = index - middle;
    bb += b * b;
    nn += n * n;
    bn += b * n;
    bt += b * t;
    nt += n * t;
  }
  // Without the line.
  const ownSquares = Math.max(0, bb - (bt * bt) / timeSquares);
  const squares = Math.max(0, nn - (nt * nt) / timeSquares);
  const product = bn - (bt * nt) / timeSquares;
  const rounding = 1e-24 * (before * before * count + bb + nn) + Number.MIN_VALUE;
  const explained = ownSquares > rounding ? Math.min(squares, (product * product) / ownSquares) : 0;
  return count * Math.log(Math.max(squares - explained, rounding) / count);
}
