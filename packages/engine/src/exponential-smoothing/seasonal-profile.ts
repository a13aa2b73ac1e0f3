/**
 * Each season as the mean deviation of its places from a moving average over it, the shortest first, each of what the
 * ones before left over. A season that explains less than `least` of the deviations' variance, both freed of what
 * noise alone explains, is left out; so is one that does not fit in twice. Those that are there are returned, each as
 * long as its period, from the place of the first value on, adding up to 0.
 * Cost: some passes a period. Source: Kendall & Stuart (1983), "The advanced theory of statistics" 3, sections 45 and 49:
 * the classical decomposition.
 * @param values regular, finite, oldest first
 * @param periods whole numbers from 2, ascending
 */
export function seasonalProfile(
  values: Float64Array,
  periods: readonly number[],
  least: number,
): Float64Array[] {
  let rest = values;
  const seasons: Float64Array[] = [];
  for (const period of periods) {
    if (rest.length < 2 * period) continue;
    const { means, share } = placeMeans(rest, period);
    if (!(share > least)) continue;
    seasons.push(means);
    rest = rest.map((value, index) => value - means[index % period]!);
  }
  return seasons;
}

/** Means of the places, and which share of the variance they explain beyond what noise would. */
function placeMeans(values: Float64Array, period: number): { means: Float64Array; share: number } {
  const deviations = detrended(values, period);
  const half = Math.floor(period / 2);
  const means = new Float64Array(period);
  const counts = new Int32Array(period);
  for (let index = 0, place = half; index < deviations.length; index++) {
    means[place] = means[place]! + deviations[index]!;
    counts[place]!++;
    if (++place === period) place = 0;
  }
  let mean = 0;
  for (let place = 0; place < period; place++) {
    means[place] = counts[place]! > 0 ? means[place]! / counts[place]! : 0;
    mean += means[place]! / period;
  }
  for (let place = 0; place < period; place++) means[place] = means[place]! - mean;
  let total = 0;
  let left = 0;
  for (let index = 0, place = half; index < deviations.length; index++) {
    const deviation = deviations[index]!;
    total += deviation * deviation;
    left += (deviation - means[place]!) ** 2;
    if (++place === period) place = 0;
  }
  const freedom = Math.max(1, deviations.length - period);
  return { means, share: total > 0 ? 1 - (left / freedom) * (deviations.length / total) : 0 };
}

/** Each value less the mean over the season around it; half a season shorter at both ends. */
function detrended(values: Float64Array, period: number): Float64Array {
  const half = Math.floor(period / 2);
  const count = values.length - 2 * half;
  const out = new Float64Array(Math.max(0, count));
  // Over an even period, both ends count half.
  const end = period % 2 === 0 ? 0.5 : 1;
  let inner = 0;
  for (let offset = 1; offset < 2 * half; offset++) inner += values[offset] ?? 0;
  for (let index = 0; index < count; index++) {
    const sum = inner + end * (values[index]! + values[index + 2 * half]!);
    out[index] = values[index + half]! - sum / period;
    inner += (values[index + 2 * half] ?? 0) - values[index + 1]!;
  }
  return out;
}
