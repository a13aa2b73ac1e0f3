/** One lasting change of level. */
export interface StepChange {
  /** Index of the first value at the new level; beside a gap, of the first one observed. */
  readonly index: number;
  /** New level less old. */
  readonly size: number;
  /** How many standard errors that is. */
  readonly strength: number;
}

/** Sum of the steps so far, from an index of the grid on: 0 before the first. */
export function stepComponent(steps: readonly StepChange[], from: number, length: number): Float64Array {
  const out = new Float64Array(length);
  let level = 0;
  for (const { index, size } of steps) {
    level += size;
    if (index < from + length) out.fill(level, Math.max(0, index - from));
  }
  return out;
}
