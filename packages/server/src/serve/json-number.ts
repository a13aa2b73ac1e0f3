/** JSON has no NaN: "none" is null. */
export function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

export function columnOrNull(values: Float64Array): (number | null)[] {
  return Array.from(values, orNull);
}

/** Milliseconds as the API's seconds with a fraction. */
export function secondsOf(timeMs: number): number {
  return timeMs / 1000;
}
