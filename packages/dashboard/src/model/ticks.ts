const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
];

/** Round numbers between `min` and `max`, about `wanted` of them. */
export function valueTicks(min: number, max: number, wanted: number): { ticks: number[]; step: number } {
  const raw = (max - min) / Math.max(1, wanted);
  if (!(raw > 0) || !Number.isFinite(raw)) return { ticks: [], step: 1 };
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((multiple) => multiple * power >= raw) ?? 10) * power;
  const ticks: number[] = [];
  for (let n = Math.ceil(min / step); n * step <= max; n++) ticks.push(n === 0 ? 0 : n * step);
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
