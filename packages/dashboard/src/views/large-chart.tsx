import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type LargeChartModel, repaintMs } from '../chart/large-chart-model.js';
import { heldAt, panned } from '../chart/large-view.js';
import { prefersCalm, theme } from '../chart/theme.js';
import { detail } from '../state/detail.js';
import { forecast } from '../state/forecast.js';
import { place } from '../state/location.js';
import { minuteMarks } from '../state/minute-marks.js';

/** The canvas with its pointer and keys; what they do is the model's affair. */
export function LargeChart({ chart, label }: { chart: LargeChartModel; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    chart.canvas = canvas.current;
    const observer = new ResizeObserver(() => chart.ask());
    observer.observe(canvas.current!);
    const stop = moveWithTheClock(chart);
    const unlisten = listenToWheel(canvas.current!, chart);
    return () => {
      observer.disconnect();
      stop();
      unlisten();
      chart.dispose();
      chart.canvas = null;
    };
  }, [chart]);
  useSignalEffect(() => {
    detail.revision.value;
    forecast.value;
    minuteMarks.revision.value;
    place.value;
    theme.value;
    panned.value;
    heldAt.value;
    chart.ask();
  });
  const xOf = (event: PointerEvent | MouseEvent) =>
    event.clientX - canvas.current!.getBoundingClientRect().left;
  const yOf = (event: PointerEvent) => event.clientY - canvas.current!.getBoundingClientRect().top;
  return (
    <div
      class={`chart ${chart.isDragging.value ? 'is-dragging' : ''}`}
      role="application"
      aria-roledescription="chart"
      aria-label={label}
      aria-describedby="chart-keys"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart is worked by keyboard
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (chart.key(event.key, event.shiftKey)) event.preventDefault();
      }}
      onBlur={() => chart.release()}
    >
      <canvas
        ref={canvas}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          canvas.current!.setPointerCapture(event.pointerId);
          chart.pointerDown(xOf(event), event.shiftKey || event.pointerType === 'touch');
        }}
        onPointerMove={(event) => chart.pointerMove(xOf(event), yOf(event))}
        onPointerUp={(event) => chart.pointerUp(xOf(event))}
        onPointerCancel={() => chart.cancelDrag()}
        onPointerLeave={() => chart.release()}
        onDblClick={() => chart.back()}
      />
    </div>
  );
}

/** Paints by the clock, whether samples come or not, as long as the axis moves. */
function moveWithTheClock(chart: LargeChartModel): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const turn = () => {
    if (!document.hidden && chart.view.isLive && heldAt.peek() === null) chart.ask();
    timer = setTimeout(turn, repaintMs(place.peek().range ?? chart.usual, prefersCalm()));
  };
  turn();
  return () => clearTimeout(timer);
}

/** With Ctrl, so that scrolling the page stays what it is; not passive, so that the page is not magnified. */
function listenToWheel(canvas: HTMLCanvasElement, chart: LargeChartModel): () => void {
  const zoom = (event: WheelEvent) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    chart.wheel(event.offsetX, event.deltaY > 0 ? 1.25 : 0.8);
  };
  canvas.addEventListener('wheel', zoom, { passive: false });
  return () => canvas.removeEventListener('wheel', zoom);
}
