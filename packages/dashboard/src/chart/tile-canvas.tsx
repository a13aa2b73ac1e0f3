import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { thin } from '../model/thin.js';
import { RANGES } from '../model/url-state.js';
import { valueRange } from '../model/value-range.js';
import type { Entry } from '../state/catalogue.js';
import { now, second } from '../state/clock.js';
import { tileMinutes, tileMinutesRevision } from '../state/tile-minutes.js';
import { oncePerFrame, prepareCanvas } from './canvas.js';
import { paintMinutes, SMALL_MINUTES } from './paint-minutes.js';
import { type Frame, paintSeries, SMALL } from './paint-series.js';
import { theme } from './theme.js';

const PADDING = 6;

/** A series in small, without axes; its right edge is the present. */
export function TileCanvas({ entry }: { entry: Entry }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<{ ask: () => void; cancel: () => void }>(undefined);
  frame.current ??= oncePerFrame(() => {
    if (canvas.current !== null) paintTile(canvas.current, entry);
  });
  useSignalEffect(() => {
    second.value;
    entry.revision.value;
    theme.value;
    tileMinutesRevision.value;
    frame.current?.ask();
  });
  useEffect(() => {
    const observer = new ResizeObserver(() => frame.current?.ask());
    observer.observe(canvas.current!);
    return () => {
      observer.disconnect();
      frame.current?.cancel();
    };
  }, []);
  return <canvas ref={canvas} class="tile-canvas" />;
}

function paintTile(canvas: HTMLCanvasElement, entry: Entry): void {
  const prepared = prepareCanvas(canvas);
  const range = entry.window.peek();
  if (prepared === null || range === null) return;
  const { ctx, width, height } = prepared;
  const to = now();
  const from = to - RANGES[range];
  const thinned = thin(entry.track, from, to, width);
  const { min, max } = valueRange(entry.track, thinned);
  const frame: Frame = {
    left: 0,
    top: PADDING,
    width: width - PADDING,
    height: height - PADDING * 2,
    from,
    to,
    min,
    max,
  };
  paintSeries({ ctx, track: entry.track, thinned, frame, theme: theme.peek(), detail: SMALL });
  const minutes = tileMinutes(entry.item.peek().series, from);
  paintMinutes(ctx, minutes, frame, theme.peek(), SMALL_MINUTES);
  canvas.dataset.minutes = String(minutes.length);
  canvas.dataset.samples = String(entry.track.length);
  canvas.dataset.gaps = String(thinned.gaps);
  canvas.dataset.anomalous = String(thinned.anomalous);
  canvas.dataset.band = String(thinned.bandCount);
}
