import type { ListedAnomaly } from '../state/anomalies.js';
import { type Frame, xOf, yOf } from './paint-series.js';
import type { Theme } from './theme.js';

/** Half the side of a square, of an alarm's, and the radius of that one's hole. */
export interface MinuteSize {
  readonly half: number;
  readonly alarmHalf: number;
  readonly hole: number;
}
const LARGE: MinuteSize = { half: 5, alarmHalf: 6.5, hole: 2.4 };
export const SMALL_MINUTES: MinuteSize = { half: 3, alarmHalf: 4.2, hole: 1.6 };
const HALF_MINUTE = 30;

/** Where the sign of a minute lies: in its middle, at its mean. */
export function placeOfMinute(frame: Frame, { time, value }: ListedAnomaly): { x: number; y: number } {
  const y = Math.min(frame.top + frame.height, Math.max(frame.top, yOf(frame, value)));
  return { x: xOf(frame, time + HALF_MINUTE), y };
}

/** Whole minutes are squares, which no sample is: an alarm with a hole, one that was taken back hollow. */
export function paintMinutes(
  ctx: CanvasRenderingContext2D,
  minutes: readonly ListedAnomaly[],
  frame: Frame,
  theme: Theme,
  size = LARGE,
): void {
  for (const minute of minutes) {
    const { x, y } = placeOfMinute(frame, minute);
    if (x < frame.left || x > frame.left + frame.width) continue;
    const half = minute.alarm ? size.alarmHalf : size.half;
    if (minute.isWithdrawn) {
      ctx.strokeStyle = theme.unknown;
      ctx.lineWidth = 1.2;
      ctx.strokeRect(x - half, y - half, half * 2, half * 2);
      continue;
    }
    ctx.fillStyle = minute.alarm ? theme.alarm : theme.anomaly;
    ctx.strokeStyle = theme.page;
    ctx.lineWidth = 1.2;
    ctx.fillRect(x - half, y - half, half * 2, half * 2);
    ctx.strokeRect(x - half, y - half, half * 2, half * 2);
    if (!minute.alarm) continue;
    ctx.fillStyle = theme.page;
    ctx.beginPath();
    ctx.arc(x, y, size.hole, 0, Math.PI * 2);
    ctx.fill();
  }
}
