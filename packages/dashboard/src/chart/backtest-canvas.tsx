import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { readLabels } from '../model/backtest-labels.js';
import { thin } from '../model/thin.js';
import { valueRange } from '../model/value-range.js';
import { backtestRun } from '../state/backtest.js';
import { place } from '../state/location.js';
import { oncePerFrame, prepareCanvas } from './canvas.js';
import { paintAxes } from './paint-axes.js';
import { type Frame, LARGE, paintSeries, xOf } from './paint-series.js';
import { theme } from './theme.js';

const LEFT = 64;
const TOP = 12;
const RIGHT = 16;
const BOTTOM = 28;

/** The samples with the band and the alarms of the chosen sensitivity, and the labelled stretches behind them. */
export function BacktestCanvas({ series }: { series: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<{ ask: () => void; cancel: () => void }>(undefined);
  frame.current ??= oncePerFrame(() => {
    if (canvas.current !== null) paint(canvas.current);
  });
  useSignalEffect(() => {
    backtestRun.revision.value;
    place.value;
    theme.value;
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
  const alarms = backtestRun.alarms.value?.length ?? 0;
  const label = `${series}: ${backtestRun.track.length} samples, ${alarms} alarms`;
  return <canvas ref={canvas} class="backtest-canvas" role="img" aria-label={label} />;
}

function paint(canvas: HTMLCanvasElement): void {
  const prepared = prepareCanvas(canvas);
  const { track } = backtestRun;
  if (prepared === null || track.length === 0) return;
  const { ctx, width, height } = prepared;
  const from = track.time[0]!;
  const to = Math.max(from + 1, track.time[track.length - 1]!);
  const size = { left: LEFT, top: TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
  if (size.width < 1 || size.height < 1) return;
  const thinned = thin(track, from, to, size.width);
  const frame: Frame = { ...size, from, to, ...valueRange(track, thinned) };
  const colours = theme.peek();
  const labels = readLabels(place.peek().labels) ?? [];
  ctx.fillStyle = colours.forecastBand;
  for (const { fromMs, toMs } of labels) {
    const left = Math.max(frame.left, xOf(frame, fromMs / 1000));
    const right = Math.min(frame.left + frame.width, xOf(frame, toMs / 1000));
    if (right >= left) ctx.fillRect(left, frame.top, Math.max(2, right - left), frame.height);
  }
  paintAxes(ctx, frame, colours, place.peek().utc);
  paintSeries({ ctx, track, thinned, frame, theme: colours, detail: LARGE });
  canvas.dataset.samples = String(track.length);
  canvas.dataset.anomalous = String(thinned.anomalous);
  canvas.dataset.labels = String(labels.length);
}
