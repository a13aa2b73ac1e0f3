/** Median and 95% point of |x| for a standard normal x. */
const NORMAL_MEDIAN = 0.6744897501960817;
const NORMAL_95 = 1.959963984540054;

/** Value below which a share of the values lies, between the two nearest (R's type 7). Cost: a sort. */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return 0;
  const sorted = values.slice().sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low === high ? low : low + (place - below) * (high - low);
}

/** Standard deviation of what these are the absolute deviations of: by median or 95% point, whichever says more. */
export function scaleOf(absolute: Float64Array): number {
  return Math.max(quantile(absolute, 0.5) / NORMAL_MEDIAN, quantile(absolute, 0.95) / NORMAL_95);
}
