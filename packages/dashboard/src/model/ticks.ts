const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
];

const TICKS_MOST = 100;

/** Round numbers between `min` and `max`, about `wanted` of them. */
export function valueTicks(min: number, max: number, wanted: number): { ticks: number[]; step: number } {
  const parts = Math.max(2, wanted);
  // Not the difference first: that of the largest numbers is infinite.
  const raw = max / parts - min / parts;
  if (!(raw > 0) || !Number.isFinite(raw)) return { ticks: [], step: 1 };
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((multiple) => multiple * power >= raw) ?? 10) * power;
  const ticks: number[] = [];
  const first = Math.ceil(min / step);
  // Counted: where steps are finer than what a number can hold, they would lead nowhere.
  for (let k = 0; k < TICKS_MOST && (first + k) * step <= max; k++) {
    ticks.push(first + k === 0 ? 0 : (first + k) * step);
  }
  return { ticks, step };
}

/** Times on the full step of the zone's own clock, at most `most` of them; all in seconds. */
export function timeTicks(
  from: number,
  to: number,
  most: number,
  offsetSeconds: number,
): { ticks: number[]; step: number } {
  const step = TIME_STEPS.find((one) => (to - from) / one <= most) ?? TIME_STEPS[TIME_STEPS.length - 1]!;
  const ticks: number[] = [];
  const first = Math.ceil((from + offsetSeconds) / step) * step - offsetSeconds;
  for (let time = first; time <= to && ticks.length <= most + 1; time += step) ticks.push(time);
  return { ticks, step };
}
