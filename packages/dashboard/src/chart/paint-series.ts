import type { Thinned } from '../model/thin.js';
import type { Track } from '../model/track.js';
import { leastDrawn } from '../model/value-range.js';
import type { Theme } from './theme.js';

/** Where times and values lie on the canvas, in CSS pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
  readonly min: number;
  readonly max: number;
}

/** Small charts leave out what would not be legible. */
export interface Detail {
  readonly markSize: number;
  readonly lineWidth: number;
  readonly showsExpected: boolean;
}

/** One series to be painted: what is shown of it, where, and how. */
interface Painting {
  readonly ctx: CanvasRenderingContext2D;
  readonly track: Track;
  readonly thinned: Thinned;
  readonly frame: Frame;
  readonly theme: Theme;
  readonly detail: Detail;
  /** Paints what lies between the line and the signs of samples. */
  readonly belowMarks?: () => void;
}

export const SMALL: Detail = { markSize: 4, lineWidth: 1.4, showsExpected: false };
export const LARGE: Detail = { markSize: 6, lineWidth: 1.6, showsExpected: true };

/** Above this many unjudged samples on screen their hollow circles would be all one sees. */
const UNKNOWN_MARKS_MAX = 150;
const DOT_SPACING_MIN = 9;

export function xOf(frame: Frame, time: number): number {
  return frame.left + ((time - frame.from) / (frame.to - frame.from)) * frame.width;
}

/** Heights off the frame beyond which a line is only steep: a canvas leaves out what is infinitely far. */
const FAR = 1000;

export function yOf(frame: Frame, value: number): number {
  const span = frame.max - frame.min;
  // The distance of the largest numbers is infinite.
  const share = Number.isFinite(span)
    ? (frame.max - value) / span
    : (frame.max / 4 - value / 4) / (frame.max / 4 - frame.min / 4);
  return frame.top + Math.min(FAR, Math.max(-FAR, share)) * frame.height;
}

/** Band, line and marks of one series, clipped to the frame. */
export function paintSeries(painting: Painting): void {
  const { ctx, frame } = painting;
  ctx.save();
  ctx.beginPath();
  ctx.rect(frame.left, frame.top, frame.width, frame.height);
  ctx.clip();
  paintGaps(painting);
  paintBand(painting);
  if (painting.detail.showsExpected) paintExpected(painting);
  paintLine(painting);
  ctx.restore();
  painting.belowMarks?.();
  paintMarks(painting);
}

function paintGaps({ ctx, track, thinned, frame, theme }: Painting): void {
  ctx.fillStyle = theme.gap;
  for (let k = 1; k < thinned.count; k++) {
    if (thinned.breaks[k] === 0) continue;
    const left = xOf(frame, track.time[thinned.index[k - 1]!]!);
    const right = xOf(frame, track.time[thinned.index[k]!]!);
    if (right - left >= 2) ctx.fillRect(left, frame.top, right - left, frame.height);
  }
}

/** What was never negative is not shown to be expected below zero. */
function paintBand({ ctx, track, thinned, frame, theme }: Painting): void {
  const { bandTime, bandLower, bandUpper, bandBreaks, bandCount } = thinned;
  const least = leastDrawn(track);
  const yWithin = (value: number) => yOf(frame, Math.max(least, value));
  ctx.fillStyle = theme.band;
  ctx.beginPath();
  for (let start = 0; start < bandCount; ) {
    let end = start + 1;
    while (end < bandCount && bandBreaks[end] === 0) end++;
    ctx.moveTo(xOf(frame, bandTime[start]!) - 0.5, yWithin(bandUpper[start]!));
    for (let k = start; k < end; k++) ctx.lineTo(xOf(frame, bandTime[k]!), yWithin(bandUpper[k]!));
    ctx.lineTo(xOf(frame, bandTime[end - 1]!) + 0.5, yWithin(bandUpper[end - 1]!));
    for (let k = end - 1; k >= start; k--) ctx.lineTo(xOf(frame, bandTime[k]!), yWithin(bandLower[k]!));
    ctx.lineTo(xOf(frame, bandTime[start]!) - 0.5, yWithin(bandLower[start]!));
    ctx.closePath();
    start = end;
  }
  ctx.fill();
}

function paintExpected({ ctx, track, thinned, frame, theme }: Painting): void {
  ctx.strokeStyle = theme.expected;
  ctx.lineWidth = 1;
  ctx.setLineDash([3, 4]);
  ctx.beginPath();
  let isOpen = false;
  for (let k = 0; k < thinned.count; k++) {
    const i = thinned.index[k]!;
    const expected = track.expected[i]!;
    if (Number.isNaN(expected)) {
      isOpen = false;
      continue;
    }
    const x = xOf(frame, track.time[i]!);
    if (isOpen && thinned.breaks[k] === 0) ctx.lineTo(x, yOf(frame, expected));
    else ctx.moveTo(x, yOf(frame, expected));
    isOpen = true;
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

/** What was seen while learning is drawn fainter: nothing was judged there. */
function paintLine({ ctx, track, thinned, frame, theme, detail }: Painting): void {
  const judged = new Path2D();
  const learning = new Path2D();
  let continued: Path2D | null = null;
  let previousX = Number.NEGATIVE_INFINITY;
  let previousY = 0;
  const dots = thinned.count > 1 && frame.width / thinned.count >= DOT_SPACING_MIN;
  for (let k = 0; k < thinned.count; k++) {
    const i = thinned.index[k]!;
    const x = xOf(frame, track.time[i]!);
    const y = yOf(frame, track.value[i]!);
    const path = track.isWarmingUp(i) ? learning : judged;
    const startsAnew = k === 0 || thinned.breaks[k] === 1;
    if (!startsAnew) {
      // One long path strokes many times faster than as many short ones.
      if (path !== continued) path.moveTo(previousX, previousY);
      path.lineTo(x, y);
    } else path.moveTo(x, y);
    continued = path;
    const isAlone = startsAnew && (k + 1 === thinned.count || thinned.breaks[k + 1] === 1);
    if (isAlone || dots) {
      path.moveTo(x + 0.8, y);
      path.arc(x, y, 0.8, 0, Math.PI * 2);
      path.moveTo(x, y);
    }
    previousX = x;
    previousY = y;
  }
  ctx.lineJoin = 'round';
  ctx.lineWidth = detail.lineWidth;
  ctx.strokeStyle = theme.learning;
  ctx.stroke(learning);
  ctx.strokeStyle = theme.line;
  ctx.stroke(judged);
}

/** Alarm: diamond. Further anomalies: triangle. Not judged (late, or no model): hollow circle. */
function paintMarks({ ctx, track, thinned, frame, theme, detail }: Painting): void {
  const triangles = new Path2D();
  const diamonds = new Path2D();
  const circles = new Path2D();
  let unknown = 0;
  const size = detail.markSize;
  for (let k = 0; k < thinned.count; k++) {
    const i = thinned.index[k]!;
    const time = track.time[i]!;
    if (time < frame.from || time > frame.to) continue;
    const isAnomalous = track.isAnomalous(i);
    if (!isAnomalous && !track.isUnknown(i)) continue;
    const x = xOf(frame, time);
    const y = Math.min(frame.top + frame.height, Math.max(frame.top, yOf(frame, track.value[i]!)));
    if (!isAnomalous) {
      unknown++;
      circles.moveTo(x + size * 0.6, y);
      circles.arc(x, y, size * 0.6, 0, Math.PI * 2);
    } else if (track.alarms[i] === 1) addDiamond(diamonds, x, y, size * 1.25);
    else addTriangle(triangles, x, y, size);
  }
  ctx.lineWidth = 1.2;
  if (unknown <= UNKNOWN_MARKS_MAX) {
    ctx.strokeStyle = theme.unknown;
    ctx.stroke(circles);
  }
  ctx.strokeStyle = theme.page;
  ctx.fillStyle = theme.anomaly;
  ctx.stroke(triangles);
  ctx.fill(triangles);
  ctx.fillStyle = theme.alarm;
  ctx.lineWidth = 2;
  ctx.stroke(diamonds);
  ctx.fill(diamonds);
}

function addTriangle(path: Path2D, x: number, y: number, size: number): void {
  path.moveTo(x, y - size);
  path.lineTo(x + size * 0.9, y + size * 0.65);
  path.lineTo(x - size * 0.9, y + size * 0.65);
  path.closePath();
}

function addDiamond(path: Path2D, x: number, y: number, size: number): void {
  path.moveTo(x, y - size);
  path.lineTo(x + size * 0.8, y);
  path.lineTo(x, y + size);
  path.lineTo(x - size * 0.8, y);
  path.closePath();
}
