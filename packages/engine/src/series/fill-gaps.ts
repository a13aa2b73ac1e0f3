/**
 * Puts straight lines between the values there are, in place; equal neighbours stay what they are to the last digit.
 * Cost: one pass.
 * @param values finite where they are there; the first and the last are
 * @param filled as long, 1 where there is no value
 */
export function fillGaps(values: Float64Array, filled: Uint8Array): void {
  let before = 0;
  for (let index = 1; index < values.length; index++) {
    if (filled[index] === 1) continue;
    const gap = index - before;
    for (let step = 1; step < gap; step++) {
      const share = step / gap;
      const from = values[before]!;
      values[before + step] = from === values[index] ? from : from * (1 - share) + values[index]! * share;
    }
    before = index;
  }
}
