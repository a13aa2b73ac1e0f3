const ROWS_MAX = 20_000;
const LAGS_MAX = 400;
/** Shorter lags are taken for the smoothness of the series, not for a rhythm of it. */
const LAG_MIN = 3;
/** A peak sooner or later than this says nothing. */
const PEAK_FIRST = LAG_MIN + 3;
const PEAK_LAST = LAG_MIN + 300;
const NO_RHYTHM = 125;

/**
 * Rows of one turn of a series: the lag, 6 to 303, of the highest peak of its autocorrelation, over the first 20,000 rows;
 * 125 where there is none, or where the highest lies elsewhere up to 400. The width that TSB-AD measures VUS with.
 * Cost: 400 passes. Source: Paparrizos et al. (2022), PVLDB 15(11), section 3; constants of TSB-AD (Liu & Paparrizos
 * 2024).
 */
export function slidingWindowLength(values: Float64Array): number {
  const series = values.subarray(0, ROWS_MAX);
  const correlations = autocovariances(series, Math.min(LAGS_MAX, series.length - 1));
  let best = -1;
  for (let lag = LAG_MIN + 1; lag < correlations.length - 1; lag++) {
    const here = correlations[lag]!;
    if (!(here > correlations[lag - 1]! && here > correlations[lag + 1]!)) continue;
    if (best < 0 || here >= correlations[best]!) best = lag;
  }
  return best < PEAK_FIRST || best > PEAK_LAST ? NO_RHYTHM : best;
}

function autocovariances(series: Float64Array, lags: number): Float64Array {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  const centred = series.map((value) => value - mean);
  return Float64Array.from({ length: Math.max(0, lags + 1) }, (_, lag) => {
    let sum = 0;
    for (let row = lag; row < centred.length; row++) sum += centred[row]! * centred[row - lag]!;
    return sum;
  });
}
