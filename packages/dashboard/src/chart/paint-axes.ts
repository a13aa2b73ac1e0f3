import { tickNumber, tickTime, zoneOffset } from '../model/format.js';
import { timeTicks, valueTicks } from '../model/ticks.js';
import { type Frame, xOf, yOf } from './paint-series.js';
import type { Theme } from './theme.js';

const FONT = '11px ui-sans-serif, system-ui, sans-serif';
const PIXELS_PER_TIME = 84;
const PIXELS_PER_VALUE = 52;

/** Grid and numbers around the frame. */
export function paintAxes(ctx: CanvasRenderingContext2D, frame: Frame, theme: Theme, utc: boolean): void {
  ctx.font = FONT;
  ctx.fillStyle = theme.ink;
  ctx.strokeStyle = theme.grid;
  ctx.lineWidth = 1;
  const values = valueTicks(frame.min, frame.max, frame.height / PIXELS_PER_VALUE);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  ctx.beginPath();
  for (const value of values.ticks) {
    const y = Math.round(yOf(frame, value)) + 0.5;
    ctx.moveTo(frame.left, y);
    ctx.lineTo(frame.left + frame.width, y);
    ctx.fillText(tickNumber(value, values.step), frame.left - 8, y);
  }
  const most = Math.max(2, Math.floor(frame.width / PIXELS_PER_TIME));
  const times = timeTicks(frame.from, frame.to, most, zoneOffset(frame.to, utc));
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  for (const time of times.ticks) {
    const x = Math.round(xOf(frame, time)) + 0.5;
    ctx.moveTo(x, frame.top + frame.height);
    ctx.lineTo(x, frame.top + frame.height + 5);
    const text = tickTime(time, times.step, utc);
    const half = ctx.measureText(text).width / 2;
    if (x - half >= frame.left - 24 && x + half <= frame.left + frame.width + 14) {
      ctx.fillText(text, x, frame.top + frame.height + 9);
    }
  }
  ctx.moveTo(frame.left, frame.top + frame.height + 0.5);
  ctx.lineTo(frame.left + frame.width, frame.top + frame.height + 0.5);
  ctx.stroke();
}
