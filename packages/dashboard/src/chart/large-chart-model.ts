import { signal } from '@preact/signals';
import { RANGES, type RangeName } from '../model/url-state.js';
import { now } from '../state/clock.js';
import { detail } from '../state/detail.js';
import { go, place, zooms } from '../state/location.js';
import { oncePerFrame } from './canvas.js';
import { heldAt, panned, settle, shifted, type View, viewOf, zoomed } from './large-view.js';
import { frameOf, type Painted, paintLarge } from './paint-large.js';
import { theme } from './theme.js';

const PAN_STEP = 0.15;
const DRAG_PIXELS_MIN = 5;
type Drag = { readonly kind: 'zoom' | 'pan'; readonly startX: number; readonly view: View; endX: number };

/** The large chart's behaviour: what it shows, what pointer and keys do. The component lends it a canvas. */
export class LargeChartModel {
  canvas: HTMLCanvasElement | null = null;
  usual: RangeName = '5m';
  series = '';
  /** Time of the sample that is read out; null for the newest. */
  readonly pointed = signal<number | null>(null);
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

  pointerMove(x: number): void {
    this.#hold();
    const drag = this.#drag;
    if (drag === null) this.#point(x);
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
    } else if (name === '+' || name === '=') settle(zoomed(view, 0.5), 'plus');
    else if (name === '-') settle(zoomed(view, 2), 'minus');
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

  #step(sign: number): void {
    const { track } = detail;
    if (track.length === 0) return;
    this.#hold();
    const from = this.pointed.peek();
    const i = from === null ? (sign < 0 ? track.length - 1 : 0) : track.nearest(from) + sign;
    this.#pointAt(i);
  }

  #stepAnomaly(sign: number): void {
    const { track } = detail;
    const time = this.pointed.peek() ?? place.peek().at;
    let i = time === null ? (sign < 0 ? track.length : -1) : track.nearest(time);
    do i += sign;
    while (i >= 0 && i < track.length && !track.isAnomalous(i));
    if (i < 0 || i >= track.length) return;
    this.#hold();
    this.#pointAt(i);
  }

  #pointAt(i: number): void {
    const { track } = detail;
    const time = track.time[Math.min(track.length - 1, Math.max(0, i))]!;
    this.pointed.value = time;
    this.isSpoken.value = true;
    const view = this.view;
    if (time < view.from || time > view.to)
      settle(shifted(view, (time - (view.from + view.to) / 2) / (view.to - view.from)), 'step');
  }

  #point(x: number): void {
    const { track } = detail;
    const i = track.nearest(this.#timeAt(x, this.view));
    this.isSpoken.value = false;
    this.pointed.value = i < 0 ? null : track.time[i]!;
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
    const overlay = {
      pointed: drag === null ? this.pointedIndex : -1,
      at: place.peek().at,
      selection:
        drag?.kind === 'zoom' && this.isDragging.peek() ? { start: drag.startX, end: drag.endX } : null,
    };
    const painted = paintLarge(this.canvas, detail.track, view, overlay, theme.peek(), place.peek().utc);
    if (painted === null) return;
    this.painted = painted;
    describeOn(this.canvas, painted);
  }
}

/** How often a moving axis is painted: once it moves by a visible bit. */
export function repaintMs(range: RangeName, calm: boolean): number {
  if (calm) return 1000;
  return Math.min(1000, Math.max(66, (RANGES[range] / 2400) * 1000));
}

/** What is on the canvas, for tests and for whoever looks with the inspector. */
function describeOn(canvas: HTMLCanvasElement, { frame, thinned }: Painted): void {
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
  });
}
