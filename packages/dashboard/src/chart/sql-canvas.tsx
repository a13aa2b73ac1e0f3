import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Stretch } from '../model/sql-layout.js';
import type { SqlLine } from '../model/sql-lines.js';
import { oncePerFrame, prepareCanvas } from './canvas.js';
import { paintAxes } from './paint-axes.js';
import { type Frame, xOf, yOf } from './paint-series.js';
import { type Theme, theme } from './theme.js';

const LEFT = 64;
const TOP = 12;
const RIGHT = 16;
const BOTTOM = 28;
/** With more points on screen than these, dots would be all one sees. */
const DOTS_MOST = 120;

/** A point of one of the lines. */
export interface SqlPoint {
  readonly line: SqlLine;
  readonly at: number;
}

interface SqlCanvasProps {
  readonly lines: readonly SqlLine[];
  readonly times: Stretch;
  readonly label: string;
  /** What the pointer is nearest to; null where it is away. */
  readonly point: (point: SqlPoint | null) => void;
  readonly class?: string;
}

/** What is painted, and where it was. */
interface Shown {
  readonly lines: readonly SqlLine[];
  readonly times: Stretch;
  pointed: SqlPoint | null;
  frame: Frame | null;
}

/** Lines of a result by time in UTC, with axes. */
export function SqlCanvas({ lines, times, label, point, class: kind = 'sql-canvas' }: SqlCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useRef<Shown>(undefined);
  if (shown.current?.lines !== lines) shown.current = { lines, times, pointed: null, frame: null };
  const frame = useRef<{ ask: () => void; cancel: () => void }>(undefined);
  frame.current ??= oncePerFrame(() => {
    if (canvas.current !== null) paintChart(canvas.current, shown.current!);
  });
  useSignalEffect(() => {
    theme.value;
    frame.current?.ask();
  });
  useEffect(() => frame.current?.ask(), [lines]);
  useEffect(() => {
    const observer = new ResizeObserver(() => frame.current?.ask());
    observer.observe(canvas.current!);
    return () => {
      observer.disconnect();
      frame.current?.cancel();
    };
  }, []);
  const look = (event: PointerEvent | null) => {
    const now = shown.current!;
    now.pointed = event === null || now.frame === null ? null : nearest(now.lines, now.frame, event);
    point(now.pointed);
    frame.current?.ask();
  };
  return (
    <canvas
      ref={canvas}
      class={kind}
      role="img"
      aria-label={label}
      onPointerMove={look}
      onPointerDown={look}
      onPointerLeave={() => look(null)}
    />
  );
}

/** The point nearest in time; of several lines that nearest to the pointer. */
function nearest(
  lines: readonly SqlLine[],
  frame: Frame,
  { offsetX, offsetY }: PointerEvent,
): SqlPoint | null {
  const time = frame.from + ((offsetX - frame.left) / frame.width) * (frame.to - frame.from);
  let best: SqlPoint | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const at = nearestAt(line, time);
    if (at === -1) continue;
    const [x, y] = [xOf(frame, line.time[at]!) - offsetX, yOf(frame, line.value[at]!) - offsetY];
    const distance = Math.hypot(x, y);
    if (distance < least) {
      best = { line, at };
      least = distance;
    }
  }
  return best;
}

function nearestAt({ time, value }: SqlLine, wanted: number): number {
  let best = -1;
  for (let i = 0; i < time.length; i++) {
    if (!Number.isFinite(value[i]!)) continue;
    if (best === -1 || Math.abs(time[i]! - wanted) < Math.abs(time[best]! - wanted)) best = i;
  }
  return best;
}

function paintChart(canvas: HTMLCanvasElement, shown: Shown): void {
  const prepared = prepareCanvas(canvas);
  if (prepared === null) return;
  const { ctx, width, height } = prepared;
  const { lines, times } = shown;
  const frame: Frame = {
    left: LEFT,
    top: TOP,
    width: Math.max(1, width - LEFT - RIGHT),
    height: Math.max(1, height - TOP - BOTTOM),
    from: times.from < times.to ? times.from : times.from - 1,
    to: times.from < times.to ? times.to : times.to + 1,
    ...valueExtent(lines),
  };
  shown.frame = frame;
  const colours = theme.peek();
  paintAxes(ctx, frame, colours, true);
  // Of several lines on one axis nobody could tell whose it is.
  if (lines.length === 1) paintBand(ctx, frame, lines[0]!, colours);
  const style = getComputedStyle(canvas);
  for (const [at, line] of lines.entries()) {
    paintLine(ctx, frame, line, style.getPropertyValue(`--sql-line-${at + 1}`).trim() || colours.line);
  }
  let anomalous = 0;
  for (const line of lines) anomalous += paintAnomalies(ctx, frame, line, colours);
  if (shown.pointed !== null) paintPointed(ctx, frame, shown.pointed, colours);
  canvas.dataset.points = String(
    lines.reduce((sum, { value }) => sum + value.filter(Number.isFinite).length, 0),
  );
  canvas.dataset.lines = String(lines.length);
  canvas.dataset.anomalous = String(anomalous);
}

/** All values, with a little room above and below. */
function valueExtent(lines: readonly SqlLine[]): Pick<Frame, 'min' | 'max'> {
  let [min, max] = [Infinity, -Infinity];
  const band = lines.length === 1 ? lines[0]!.band : null;
  for (const values of [...lines.map(({ value }) => value), band?.lower ?? [], band?.upper ?? []]) {
    for (const one of values) {
      if (!Number.isFinite(one)) continue;
      min = Math.min(min, one);
      max = Math.max(max, one);
    }
  }
  if (min > max) return { min: 0, max: 1 };
  const room = max > min ? (max - min) * 0.06 : Math.abs(max) * 0.1 || 1;
  return { min: min - room, max: max + room };
}

/** Where both ends are known at two times in a row. */
function paintBand(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  { time, band }: SqlLine,
  colours: Theme,
): void {
  if (band === null) return;
  const { lower, upper } = band;
  const isThere = (i: number) => Number.isFinite(lower[i]!) && Number.isFinite(upper[i]!);
  ctx.fillStyle = colours.band;
  for (let start = 0; start < time.length; start++) {
    if (!isThere(start)) continue;
    let end = start;
    while (end + 1 < time.length && isThere(end + 1)) end++;
    ctx.beginPath();
    for (let i = start; i <= end; i++) ctx.lineTo(xOf(frame, time[i]!), yOf(frame, upper[i]!));
    for (let i = end; i >= start; i--) ctx.lineTo(xOf(frame, time[i]!), yOf(frame, lower[i]!));
    ctx.fill();
    start = end;
  }
}

/** A line through the points in their order; dots where there are few, or where a time has several values. */
function paintLine(ctx: CanvasRenderingContext2D, frame: Frame, line: SqlLine, colour: string): void {
  const { time, value } = line;
  const repeats = time.some((one, i) => i > 0 && one === time[i - 1]);
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 1.6;
  ctx.lineJoin = 'round';
  if (!repeats) {
    let isDown = false;
    ctx.beginPath();
    for (let i = 0; i < time.length; i++) {
      const isThere = Number.isFinite(value[i]!);
      if (isThere && isDown) ctx.lineTo(xOf(frame, time[i]!), yOf(frame, value[i]!));
      else if (isThere) ctx.moveTo(xOf(frame, time[i]!), yOf(frame, value[i]!));
      isDown = isThere;
    }
    ctx.stroke();
  }
  if (!repeats && time.length > DOTS_MOST) return;
  for (let i = 0; i < time.length; i++) {
    if (Number.isFinite(value[i]!)) dot(ctx, frame, time[i]!, value[i]!, 2.2);
  }
}

function paintAnomalies(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  line: SqlLine,
  { anomaly, page }: Theme,
) {
  let count = 0;
  ctx.fillStyle = anomaly;
  ctx.strokeStyle = page;
  ctx.lineWidth = 1.5;
  for (let i = 0; i < line.time.length; i++) {
    if (!line.isAnomaly[i] || !Number.isFinite(line.value[i]!)) continue;
    dot(ctx, frame, line.time[i]!, line.value[i]!, 4.5);
    ctx.stroke();
    count++;
  }
  return count;
}

function paintPointed(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  { line, at }: SqlPoint,
  { ink, page }: Theme,
) {
  ctx.fillStyle = page;
  ctx.strokeStyle = ink;
  ctx.lineWidth = 2;
  dot(ctx, frame, line.time[at]!, line.value[at]!, 4);
  ctx.stroke();
}

function dot(ctx: CanvasRenderingContext2D, frame: Frame, time: number, value: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(xOf(frame, time), yOf(frame, value), radius, 0, 2 * Math.PI);
  ctx.fill();
}
