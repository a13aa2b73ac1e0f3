/**
 * The series of d-th differences, d values shorter: Δ^d y. Cost: d passes.
 * @throws RangeError if d is not 0, 1 or 2, or leaves nothing
 */
export function difference(values: Float64Array, d: number): Float64Array {
  if (d !== 0 && d !== 1 && d !== 2) throw new RangeError(`d is 0, 1 or 2, not ${d}`);
  if (values.length <= d) throw new RangeError(`${values.length} values cannot be differenced ${d} times`);
  let current = values.slice();
  for (let round = 0; round < d; round++) {
    const next = new Float64Array(current.length - 1);
    for (let index = 0; index < next.length; index++) next[index] = current[index + 1]! - current[index]!;
    current = next;
  }
  return current;
}

/**
 * Undoes {@link difference} ahead of a series, in place: differences of the future become values of the future.
 * @param tail the last d values of the series, oldest first
 */
export function integrate(differences: Float64Array, tail: ArrayLike<number>): void {
  const d = tail.length;
  let last = d > 0 ? tail[d - 1]! : 0;
  let step = d === 2 ? tail[1]! - tail[0]! : 0;
  if (d === 0) return;
  for (let index = 0; index < differences.length; index++) {
    step = d === 2 ? step + differences[index]! : differences[index]!;
    last += step;
    differences[index] = last;
  }
}
