import type { ForecastPoint } from '../model/forecast.js';
import { type Thinned, thin } from '../model/thin.js';
import type { Track } from '../model/track.js';
import { leastDrawn, valueRange } from '../model/value-range.js';
import type { ListedAnomaly } from '../state/anomalies.js';
import { prepareCanvas } from './canvas.js';
import type { View } from './large-view.js';
import { paintAxes } from './paint-axes.js';
import { paintForecast } from './paint-forecast.js';
import { paintMinutes, placeOfMinute } from './paint-minutes.js';
import { type Frame, LARGE, paintSeries, xOf, yOf } from './paint-series.js';
import type { Theme } from './theme.js';

const MARGIN = { left: 76, right: 14, top: 14, bottom: 28 };

export interface Overlay {
  /** Position in the track that the pointer or the keyboard points at; -1 for none. */
  readonly pointed: number;
  /** Minute of the forecast that is pointed at. */
  readonly pointedAhead: ForecastPoint | null;
  /** Whole minutes that were found anomalous. */
  readonly minutes: readonly ListedAnomaly[];
  readonly pointedMinute: ListedAnomaly | null;
  /** Time that the address points at. */
  readonly at: number | null;
  /** Of the values; empty where nobody knows. */
  readonly unit: string;
  /** The minute that begins then, where it is one. */
  readonly minuteAt: ListedAnomaly | null;
  /** Minutes that are expected, those to come alone. */
  readonly ahead: readonly ForecastPoint[];
  readonly now: number;
  /** Pixels between which a drag selects. */
  readonly selection: { readonly start: number; readonly end: number } | null;
}

export interface Painted {
  readonly frame: Frame;
  readonly thinned: Thinned;
}

/** The frame of a large chart without its values: pointer positions need it before anything is painted. */
export function frameOf(width: number, height: number, view: View): Omit<Frame, 'min' | 'max'> {
  return {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(10, width - MARGIN.left - MARGIN.right),
    height: Math.max(10, height - MARGIN.top - MARGIN.bottom),
    from: view.from,
    to: view.to,
  };
}

export function paintLarge(
  canvas: HTMLCanvasElement,
  track: Track,
  view: View,
  overlay: Overlay,
  theme: Theme,
  utc: boolean,
): Painted | null {
  const prepared = prepareCanvas(canvas);
  if (prepared === null) return null;
  performance.mark('seismo-paint-start');
  const { ctx, width, height } = prepared;
  const box = frameOf(width, height, view);
  const thinned = thin(track, view.from, view.to, box.width);
  const least = leastDrawn(track);
  const ahead = overlay.ahead.map((point) => ({
    ...point,
    lower: Math.max(least, point.lower),
    upper: Math.max(least, point.upper),
  }));
  const frame: Frame = { ...box, ...valueRange(track, thinned, ahead) };
  paintAxes(ctx, frame, theme, utc, overlay.unit);
  paintForecast(ctx, ahead, overlay.now, frame, theme);
  // On the line and below the signs of samples, which are smaller: nothing is hidden.
  const belowMarks = () => paintMinutes(ctx, overlay.minutes, frame, theme);
  paintSeries({ ctx, track, thinned, frame, theme, detail: LARGE, belowMarks });
  paintOverlay(ctx, track, overlay, frame, theme);
  performance.measure('seismo-paint', 'seismo-paint-start');
  // The browser keeps every measure for ever.
  if (performance.getEntriesByName('seismo-paint').length > 200) {
    performance.clearMeasures('seismo-paint');
  }
  performance.clearMarks('seismo-paint-start');
  return { frame, thinned };
}

function paintOverlay(
  ctx: CanvasRenderingContext2D,
  track: Track,
  overlay: Overlay,
  frame: Frame,
  theme: Theme,
): void {
  const bottom = frame.top + frame.height;
  if (overlay.selection !== null) {
    const { start, end } = overlay.selection;
    ctx.fillStyle = theme.gap;
    ctx.fillRect(Math.min(start, end), frame.top, Math.abs(end - start), frame.height);
    ctx.strokeStyle = theme.ink;
    ctx.lineWidth = 1;
    ctx.strokeRect(Math.min(start, end) + 0.5, frame.top + 0.5, Math.abs(end - start), frame.height - 1);
  }
  if (overlay.minuteAt !== null) {
    const { x, y } = placeOfMinute(frame, overlay.minuteAt);
    if (x >= frame.left && x <= frame.left + frame.width) {
      paintRule(ctx, x, frame.top, bottom, theme.alarm, [2, 3]);
      paintRing(ctx, x, y, 13, theme.alarm);
    }
  } else if (overlay.at !== null && overlay.at >= frame.from && overlay.at <= frame.to) {
    paintRule(ctx, xOf(frame, overlay.at), frame.top, bottom, theme.alarm, [2, 3]);
    const i = track.nearest(overlay.at);
    if (i >= 0 && Math.abs(track.time[i]! - overlay.at) < 0.001) {
      paintRing(ctx, xOf(frame, track.time[i]!), yOf(frame, track.value[i]!), 11, theme.alarm);
    }
  }
  const { pointed, pointedAhead, pointedMinute } = overlay;
  if (pointedMinute !== null) {
    const { x, y } = placeOfMinute(frame, pointedMinute);
    paintRule(ctx, x, frame.top, bottom, theme.ink, []);
    paintRing(ctx, x, y, 11, theme.ink);
  } else if (pointedAhead !== null) paintPointed(ctx, pointedAhead.time, pointedAhead.expected, frame, theme);
  else if (pointed >= 0 && pointed < track.length)
    paintPointed(ctx, track.time[pointed]!, track.value[pointed]!, frame, theme);
}

function paintPointed(
  ctx: CanvasRenderingContext2D,
  time: number,
  value: number,
  frame: Frame,
  theme: Theme,
): void {
  const x = xOf(frame, time);
  if (x < frame.left || x > frame.left + frame.width) return;
  paintRule(ctx, x, frame.top, frame.top + frame.height, theme.ink, []);
  paintRing(ctx, x, yOf(frame, value), 4.5, theme.ink);
}

function paintRule(
  ctx: CanvasRenderingContext2D,
  x: number,
  top: number,
  bottom: number,
  colour: string,
  dash: number[],
): void {
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = 1;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(Math.round(x) + 0.5, top);
  ctx.lineTo(Math.round(x) + 0.5, bottom);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

function paintRing(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, Math.PI * 2);
  ctx.stroke();
}
