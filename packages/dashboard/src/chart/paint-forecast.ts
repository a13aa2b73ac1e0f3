import { type ForecastPoint, runsOf } from '../model/forecast.js';
import { type Frame, xOf, yOf } from './paint-series.js';
import type { Theme } from './theme.js';

const LABEL_FONT = '11px ui-sans-serif, system-ui, sans-serif';
const LABEL_PIXELS = 64;

/** What is expected from `now` on: dashed, its band with dashed edges, behind a line that parts it from what was seen. */
export function paintForecast(
  ctx: CanvasRenderingContext2D,
  points: readonly ForecastPoint[],
  now: number,
  frame: Frame,
  theme: Theme,
): void {
  if (points.length === 0) return;
  const left = Math.max(frame.left, xOf(frame, now));
  const right = frame.left + frame.width;
  if (left >= right) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, frame.top, right - left, frame.height);
  ctx.clip();
  for (const run of runsOf(points)) paintRun(ctx, run, frame, theme);
  ctx.restore();
  paintNow(ctx, left, right, frame, theme);
}

function paintRun(
  ctx: CanvasRenderingContext2D,
  run: readonly ForecastPoint[],
  frame: Frame,
  theme: Theme,
): void {
  const upper = pathOf(run, frame, (point) => point.upper);
  const lower = pathOf(run, frame, (point) => point.lower);
  const band = new Path2D(upper);
  for (const point of [...run].reverse()) band.lineTo(xOf(frame, point.time), yOf(frame, point.lower));
  band.closePath();
  ctx.fillStyle = theme.forecastBand;
  ctx.fill(band);
  ctx.strokeStyle = theme.forecast;
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 3]);
  ctx.stroke(upper);
  ctx.stroke(lower);
  ctx.lineWidth = 2;
  ctx.setLineDash([7, 4]);
  ctx.stroke(pathOf(run, frame, (point) => point.expected));
  ctx.setLineDash([]);
}

function pathOf(run: readonly ForecastPoint[], frame: Frame, pick: (point: ForecastPoint) => number): Path2D {
  const path = new Path2D();
  run.forEach((point, i) => {
    const x = xOf(frame, point.time);
    const y = yOf(frame, pick(point));
    if (i === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  return path;
}

function paintNow(ctx: CanvasRenderingContext2D, x: number, right: number, frame: Frame, theme: Theme): void {
  if (x <= frame.left) return;
  ctx.strokeStyle = theme.ink;
  ctx.globalAlpha = 0.5;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(Math.round(x) + 0.5, frame.top);
  ctx.lineTo(Math.round(x) + 0.5, frame.top + frame.height);
  ctx.stroke();
  ctx.globalAlpha = 1;
  if (right - x < LABEL_PIXELS) return;
  ctx.font = LABEL_FONT;
  ctx.fillStyle = theme.ink;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.fillText('forecast', x + 6, frame.top + 2);
}
