import { tickNumber, tickTime, zoneOffset } from '../model/format.js';
import { timeTicks, valueTicks } from '../model/ticks.js';
import { withUnit } from '../model/units.js';
import { type Frame, xOf, yOf } from './paint-series.js';
import type { Theme } from './theme.js';

const FONT = '11px ui-sans-serif, system-ui, sans-serif';
const PIXELS_PER_TIME = 84;
const PIXELS_PER_VALUE = 52;
/** In a chart so low one number would stand alone. */
const LOW = 120;
const PIXELS_PER_VALUE_LOW = 30;
/** Between numbers and the frame. */
const GAP = 8;

/** Grid and numbers around the frame, those of values in this unit. */
export function paintAxes(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  theme: Theme,
  utc: boolean,
  unit = '',
): void {
  ctx.font = FONT;
  ctx.fillStyle = theme.ink;
  ctx.strokeStyle = theme.grid;
  ctx.lineWidth = 1;
  const apart = frame.height < LOW ? PIXELS_PER_VALUE_LOW : PIXELS_PER_VALUE;
  const values = valueTicks(frame.min, frame.max, frame.height / apart);
  const largest = Math.max(...values.ticks.map(Math.abs));
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  ctx.beginPath();
  const texts = values.ticks.map((value) => tickNumber(value, values.step, largest));
  const full = texts.map((text) => withUnit(text, unit));
  // Where the unit makes them too long it stands once, above them.
  const isRoom = full.every((text) => ctx.measureText(text).width <= frame.left - 2 * GAP);
  if (!isRoom) ctx.fillText(unit, frame.left - GAP, frame.top / 2);
  for (const [at, value] of values.ticks.entries()) {
    const y = Math.round(yOf(frame, value)) + 0.5;
    ctx.moveTo(frame.left, y);
    ctx.lineTo(frame.left + frame.width, y);
    ctx.fillText((isRoom ? full : texts)[at]!, frame.left - GAP, y);
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
