/**
 * The median of each value and its neighbours: up to `half` on either side, fewer at the ends (there the lower of two
 * middle values counts half). Follows steps and slopes, and is not moved by spikes of up to `half` values.
 * Cost: some 20 · half operations a value. Source: Tukey (1977), "Exploratory Data Analysis", chapter 7.
 * @param half a whole number from 1
 */
export function runningMedian(values: Float64Array, half: number): Float64Array {
  const out = new Float64Array(values.length);
  const window = new Float64Array(2 * half + 1);
  for (let index = 0; index < values.length; index++) {
    const from = Math.max(0, index - half);
    const to = Math.min(values.length, index + half + 1);
    const size = insertAll(window, values, from, to);
    const middle = size >> 1;
    out[index] = size % 2 === 1 ? window[middle]! : window[middle - 1]! / 2 + window[middle]! / 2;
  }
  return out;
}

/** Insertion sort: the windows are small. */
function insertAll(window: Float64Array, values: Float64Array, from: number, to: number): number {
  for (let index = from; index < to; index++) {
    const value = values[index]!;
    let place = index - from;
    for (; place > 0 && window[place - 1]! > value; place--) window[place] = window[place - 1]!;
    window[place] = value;
  }
  return to - from;
}
