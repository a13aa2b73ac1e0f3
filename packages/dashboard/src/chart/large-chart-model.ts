import { signal } from '@preact/signals';
import type { ForecastPoint } from '../model/forecast.js';
import { nextAnomaly, type Spot } from '../model/next-anomaly.js';
import { RANGES, type RangeName } from '../model/url-state.js';
import type { ListedAnomaly } from '../state/anomalies.js';
import { now } from '../state/clock.js';
import { detail } from '../state/detail.js';
import { forecast } from '../state/forecast.js';
import { go, place, zooms } from '../state/location.js';
import { minuteMarks } from '../state/minute-marks.js';
import { oncePerFrame } from './canvas.js';
import { heldAt, panned, settle, shifted, type View, viewOf, zoomed } from './large-view.js';
import { frameOf, type Overlay, type Painted, paintLarge } from './paint-large.js';
import { placeOfMinute } from './paint-minutes.js';
import { theme } from './theme.js';

const PAN_STEP = 0.15;
const DRAG_PIXELS_MIN = 5;
/** Pixels from the middle of a sign within which it is pointed at. */
const MARK_REACH = 8;
type Drag = { readonly kind: 'zoom' | 'pan'; readonly startX: number; readonly view: View; endX: number };

/** The large chart's behaviour: what it shows, what pointer and keys do. The component lends it a canvas. */
export class LargeChartModel {
  canvas: HTMLCanvasElement | null = null;
  usual: RangeName = '5m';
  series = '';
  /** Of its values; empty where nobody knows. */
  unit = '';
  /** Time of the sample that is read out; null for the newest. */
  readonly pointed = signal<number | null>(null);
  /** The whole minute that is read out instead: one that was found anomalous. */
  readonly pointedMinute = signal<ListedAnomaly | null>(null);
  /** The minute of the forecast that is read out instead. */
  readonly pointedAhead = signal<ForecastPoint | null>(null);
  /** True where the keyboard moved the read-out: then it is spoken. */
  readonly isSpoken = signal(false);
  readonly isDragging = signal(false);
  painted: Painted | null = null;
  readonly #frame = oncePerFrame(() => this.#paint());
  #drag: Drag | null = null;

  ask(): void {
    this.#frame.ask();
  }

  dispose(): void {
    this.#frame.cancel();
    this.release();
  }

  get view(): View {
    return this.#drag?.kind === 'zoom' ? this.#drag.view : viewOf(place.peek(), this.usual);
  }

  /** Index of the sample that is read out. */
  get pointedIndex(): number {
    const time = this.pointed.peek();
    return time === null ? -1 : detail.track.nearest(time);
  }

  pointerDown(x: number, wantsPan: boolean): void {
    this.#drag = { kind: wantsPan ? 'pan' : 'zoom', startX: x, endX: x, view: this.view };
  }

  pointerMove(x: number, y: number): void {
    this.#hold();
    const drag = this.#drag;
    if (drag === null) this.#point(x, y);
    else {
      drag.endX = x;
      this.isDragging.value = Math.abs(drag.endX - drag.startX) >= DRAG_PIXELS_MIN;
      if (drag.kind === 'pan') {
        const by = this.#timeAt(drag.startX, drag.view) - this.#timeAt(x, drag.view);
        panned.value = { from: drag.view.from + by, to: drag.view.to + by };
      }
    }
    this.ask();
  }

  pointerUp(x: number): void {
    const drag = this.#drag;
    this.#drag = null;
    this.isDragging.value = false;
    if (drag === null) return;
    const isDrag = Math.abs(x - drag.startX) >= DRAG_PIXELS_MIN;
    if (drag.kind === 'pan') {
      const moved = panned.peek();
      panned.value = null;
      if (isDrag && moved !== null) settle(moved, 'drag');
    } else if (isDrag) {
      const times = [this.#timeAt(drag.startX, drag.view), this.#timeAt(x, drag.view)];
      settle({ from: Math.min(...times), to: Math.max(...times) }, 'select');
    }
    this.ask();
  }

  cancelDrag(): void {
    this.#drag = null;
    this.isDragging.value = false;
    panned.value = null;
    this.ask();
  }

  /** Pointer or focus left: the axis moves on. */
  release(): void {
    this.pointed.value = null;
    this.pointedAhead.value = null;
    this.pointedMinute.value = null;
    this.isSpoken.value = false;
    heldAt.value = null;
    this.ask();
  }

  /** Back to where one zoomed in from, or to the present. */
  back(): void {
    if (this.#drag !== null) this.cancelDrag();
    else if (zooms() > 0) history.back();
    else if (place.peek().from !== null) go({ from: null, to: null, at: null });
    else this.release();
  }

  /** Handles a key; says whether it meant something. */
  key(name: string, isShift: boolean): boolean {
    const view = this.view;
    if (name === 'ArrowLeft' || name === 'ArrowRight') {
      const sign = name === 'ArrowLeft' ? -1 : 1;
      if (isShift) this.#step(sign);
      else settle(shifted(view, sign * PAN_STEP), 'arrow');
    } else if (name === '+' || name === '=') settle(zoomed(view, 0.5, this.#share(view)), 'plus');
    else if (name === '-') settle(zoomed(view, 2, this.#share(view)), 'minus');
    else if (name === 'n' || name === 'p') this.#stepAnomaly(name === 'n' ? 1 : -1);
    else if (name === 'Escape') this.back();
    else return false;
    this.ask();
    return true;
  }

  /** Ctrl and wheel. */
  wheel(x: number, factor: number): void {
    const { left, width } = this.#box();
    settle(zoomed(this.view, factor, Math.min(1, Math.max(0, (x - left) / width))), 'wheel');
  }

  /** Where what is read out lies in the view, so that it stays there when zooming; otherwise the middle. */
  #share({ from, to }: View): number {
    const special = this.pointedAhead.peek() ?? this.pointedMinute.peek();
    const time = special?.time ?? this.pointed.peek() ?? place.peek().at;
    return time === null || time < from || time > to ? 0.5 : (time - from) / (to - from);
  }

  #step(sign: number): void {
    const { track } = detail;
    if (track.length === 0) return;
    this.#hold();
    const ahead = this.pointedAhead.peek();
    if (ahead !== null) {
      this.#stepAhead(ahead, sign);
      return;
    }
    const from = this.pointedMinute.peek()?.time ?? this.pointed.peek();
    if (sign > 0 && from !== null && track.nearest(from) === track.length - 1) {
      const next = aheadAt(now() + 1);
      if (next !== null) {
        this.#pointAhead(next);
        return;
      }
    }
    const i = from === null ? (sign < 0 ? track.length - 1 : 0) : track.nearest(from) + sign;
    this.#pointAt(i);
  }

  #stepAhead(from: ForecastPoint, sign: number): void {
    const next = aheadAt(from.time + sign * MINUTE);
    if (sign < 0 && (next === null || next.time >= from.time)) this.#pointAt(detail.track.length - 1);
    else if (next !== null) this.#pointAhead(next);
  }

  #pointAhead(point: ForecastPoint): void {
    this.pointedAhead.value = point;
    this.pointedMinute.value = null;
    this.pointed.value = null;
    this.isSpoken.value = true;
    this.#bringIntoView(point.time);
  }

  #stepAnomaly(sign: 1 | -1): void {
    const next = nextAnomaly(detail.track, minuteMarks.standing(), this.#spot(), sign);
    if (next === null) return;
    this.#hold();
    if (!next.isMinute) {
      this.#pointAt(detail.track.nearest(next.time));
      return;
    }
    this.pointedMinute.value = minuteMarks.at(next.time) ?? null;
    this.pointed.value = null;
    this.pointedAhead.value = null;
    this.isSpoken.value = true;
    this.#bringIntoView(next.time);
  }

  /** What is read out: a minute, a sample, or what the address points at. */
  #spot(): Spot | null {
    const minute = this.pointedMinute.peek();
    if (minute !== null) return { time: minute.time, isMinute: true };
    const time = this.pointed.peek();
    if (time !== null) return { time, isMinute: false };
    const { at } = place.peek();
    return at === null ? null : { time: at, isMinute: minuteMarks.at(at) !== undefined };
  }

  #pointAt(i: number): void {
    const { track } = detail;
    const time = track.time[Math.min(track.length - 1, Math.max(0, i))]!;
    this.pointed.value = time;
    this.pointedAhead.value = null;
    this.pointedMinute.value = null;
    this.isSpoken.value = true;
    this.#bringIntoView(time);
  }

  #bringIntoView(time: number): void {
    const view = this.view;
    if (time < view.from || time > view.to)
      settle(shifted(view, (time - (view.from + view.to) / 2) / (view.to - view.from)), 'step');
  }

  #point(x: number, y: number): void {
    const { track } = detail;
    this.pointedMinute.value = this.#minuteNear(x, y);
    const time = this.#timeAt(x, this.view);
    const i = track.nearest(time);
    this.isSpoken.value = false;
    this.pointedAhead.value = aheadAt(time);
    const isOther = this.pointedAhead.peek() !== null || this.pointedMinute.peek() !== null;
    this.pointed.value = i < 0 || isOther ? null : track.time[i]!;
  }

  /** The minute whose sign is under the pointer, the newest where they overlap. */
  #minuteNear(x: number, y: number): ListedAnomaly | null {
    const frame = this.painted?.frame;
    if (frame === undefined) return null;
    const isNear = (minute: ListedAnomaly) => {
      const place = placeOfMinute(frame, minute);
      return Math.abs(place.x - x) <= MARK_REACH && Math.abs(place.y - y) <= MARK_REACH;
    };
    return minuteMarks.within(frame.from, frame.to).findLast(isNear) ?? null;
  }

  #hold(): void {
    if (heldAt.peek() === null) heldAt.value = now();
  }

  #box() {
    return frameOf(this.canvas?.clientWidth ?? 0, this.canvas?.clientHeight ?? 0, this.view);
  }

  #timeAt(x: number, view: View): number {
    const { left, width } = this.#box();
    const share = Math.min(1, Math.max(0, (x - left) / width));
    return view.from + share * (view.to - view.from);
  }

  #paint(): void {
    if (this.canvas === null) return;
    const view = this.view;
    detail.want(this.series, { ...view, now: now() });
    const drag = this.#drag;
    const present = now();
    minuteMarks.want(this.series, { ...view, now: present });
    const { at } = place.peek();
    const overlay = {
      pointed: drag === null ? this.pointedIndex : -1,
      pointedAhead: drag === null ? this.pointedAhead.peek() : null,
      minutes: minuteMarks.within(view.from, view.to),
      pointedMinute: drag === null ? this.pointedMinute.peek() : null,
      at,
      unit: this.unit,
      minuteAt: at === null ? null : (minuteMarks.at(at) ?? null),
      ahead: forecast.peek()?.within(view.from, view.to, present) ?? [],
      now: present,
      selection:
        drag?.kind === 'zoom' && this.isDragging.peek() ? { start: drag.startX, end: drag.endX } : null,
    };
    const painted = paintLarge(this.canvas, detail.track, view, overlay, theme.peek(), place.peek().utc);
    if (painted === null) return;
    this.painted = painted;
    describeOn(this.canvas, painted, overlay);
  }
}

const MINUTE = 60;

/** The minute of the forecast at a time that is still to come. */
function aheadAt(time: number): ForecastPoint | null {
  const known = forecast.peek();
  const present = now();
  if (known === null || time <= present) return null;
  return known.points[known.nearest(time, present)] ?? null;
}

/** How often a moving axis is painted: once it moves by a visible bit. */
export function repaintMs(range: RangeName, calm: boolean): number {
  if (calm) return 1000;
  return Math.min(1000, Math.max(66, (RANGES[range] / 2400) * 1000));
}

/** What is on the canvas, for tests and for whoever looks with the inspector. */
function describeOn(
  canvas: HTMLCanvasElement,
  { frame, thinned }: Painted,
  { ahead, minutes }: Overlay,
): void {
  const first = detail.track.indexFrom(frame.from);
  const samples = detail.track.indexFrom(frame.to) - first;
  Object.assign(canvas.dataset, {
    from: frame.from.toFixed(3),
    to: frame.to.toFixed(3),
    samples: String(samples),
    drawn: String(thinned.count),
    gaps: String(thinned.gaps),
    anomalous: String(thinned.anomalous),
    band: String(thinned.bandCount),
    minutes: String(minutes.length),
    ahead: String(ahead.filter(({ time }) => time <= frame.to).length),
  });
}
