import { signal } from '@preact/signals';
import { RANGES, type RangeName, type UrlState } from '../model/url-state.js';
import { now } from '../state/clock.js';
import { isAhead } from '../state/forecast.js';
import { go, place } from '../state/location.js';

export interface View {
  readonly from: number;
  readonly to: number;
  /** The right edge is the present and moves on. */
  readonly isLive: boolean;
}

/** Air between the newest sample and the right edge. */
const LEAD = 0.02;
/** Where something is expected, so much of the window lies ahead. */
const AHEAD = 0.3;
const SPAN_MIN = 0.5;
const SPAN_MAX = 3 * 366 * 86_400;

/** While a pan lasts, where it is; the address follows when it ends. */
export const panned = signal<{ from: number; to: number } | null>(null);
/** The time at which the axis was stopped because somebody is reading; null while it moves. */
export const heldAt = signal<number | null>(null);

/** What the chart shows of `state` at this moment. */
export function viewOf(state: UrlState, usual: RangeName): View {
  const moved = panned.peek();
  if (moved !== null) return { ...moved, isLive: false };
  if (state.from !== null && state.to !== null) return { from: state.from, to: state.to, isLive: false };
  const span = RANGES[state.range ?? usual];
  const present = heldAt.peek() ?? now();
  return {
    from: present - span * (1 - LEAD),
    to: present + span * (isAhead() ? AHEAD : LEAD),
    isLive: true,
  };
}

/** Moves by a share of the span, or changes the span around `around` (0 = left edge, 1 = right). */
export function shifted(view: View, share: number): { from: number; to: number } {
  const by = (view.to - view.from) * share;
  return { from: view.from + by, to: view.to + by };
}

export function zoomed(view: View, factor: number, around = 0.5): { from: number; to: number } {
  const span = view.to - view.from;
  const next = Math.min(SPAN_MAX, Math.max(SPAN_MIN, span * factor));
  const from = view.from + (span - next) * around;
  return { from, to: from + next };
}

/** Puts the view into the address. Steps of one kind in quick succession are one step back. */
export function settle(view: { from: number; to: number }, kind: string): void {
  const nowMs = Date.now();
  const isSame = kind === lastKind && nowMs - lastMs < SAME_STEP_MS && place.peek().from !== null;
  lastKind = kind;
  lastMs = nowMs;
  panned.value = null;
  heldAt.value = null;
  go({ from: view.from, to: view.to, range: null }, { replace: isSame, zoom: true });
}
const SAME_STEP_MS = 1_200;
let lastKind = '';
let lastMs = 0;
