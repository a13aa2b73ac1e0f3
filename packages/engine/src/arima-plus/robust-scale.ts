/** Median and 95% point of |x| for a standard normal x. */
const NORMAL_MEDIAN = 0.6744897501960817;
const NORMAL_95 = 1.959963984540054;

/** Rounds after which sorting is the surer way. */
const ROUNDS_MAX = 64;

/** Value below which a share of the values lies, between the two nearest (R's type 7). Cost: some three passes. */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return 0;
  const parts = values.slice();
  const place = share * (parts.length - 1);
  const below = Math.floor(place);
  putInPlace(parts, below);
  const low = parts[below]!;
  let high = below + 1 < parts.length ? parts[below + 1]! : low;
  for (let at = below + 2; at < parts.length; at++) if (parts[at]! < high) high = parts[at]!;
  return low === high ? low : low + (place - below) * (high - low);
}

/**
 * Moves values until the one at `place` is the one that sorting would put there, none before it larger and none after
 * it smaller. Source: Hoare (1961), algorithm 65, "Find"; the middle one of three as pivot by Singleton (1969).
 */
function putInPlace(values: Float64Array, place: number): void {
  let first = 0;
  let last = values.length - 1;
  for (let round = 0; first < last; round++) {
    if (round === ROUNDS_MAX) {
      values.sort();
      return;
    }
    const pivot = middleOf(values[first]!, values[(first + last) >> 1]!, values[last]!);
    let low = first;
    let high = last;
    while (low <= high) {
      while (values[low]! < pivot) low++;
      while (values[high]! > pivot) high--;
      if (low > high) break;
      const swapped = values[low]!;
      values[low++] = values[high]!;
      values[high--] = swapped;
    }
    if (place <= high) last = high;
    else if (place >= low) first = low;
    else return;
  }
}

function middleOf(one: number, two: number, three: number): number {
  return Math.max(Math.min(one, two), Math.min(Math.max(one, two), three));
}

/** Standard deviation of what these are the absolute deviations of: by median or 95% point, whichever says more. */
export function scaleOf(absolute: Float64Array): number {
  return Math.max(quantile(absolute, 0.5) / NORMAL_MEDIAN, quantile(absolute, 0.95) / NORMAL_95);
}

/** Quartiles of the normal differences from 0 that are as often as far off, either way, as the furthest 5% of these. */
export function quartilesOfTail(differences: Float64Array): readonly [low: number, high: number] {
  const scale = quantile(differences.map(Math.abs), 0.95) / NORMAL_95;
  return [-NORMAL_MEDIAN * scale, NORMAL_MEDIAN * scale];
}
