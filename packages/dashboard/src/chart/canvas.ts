/** Makes the canvas as large as its box on this screen and gives a context that counts in CSS pixels. */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
): { ctx: CanvasRenderingContext2D; width: number; height: number } | null {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const ctx = canvas.getContext('2d');
  if (ctx === null || width === 0 || height === 0) return null;
  const ratio = window.devicePixelRatio || 1;
  const pixelsWide = Math.round(width * ratio);
  const pixelsHigh = Math.round(height * ratio);
  if (canvas.width !== pixelsWide || canvas.height !== pixelsHigh) {
    canvas.width = pixelsWide;
    canvas.height = pixelsHigh;
  }
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return { ctx, width, height };
}

/** Calls `paint` before the next frame, however often it is asked to. */
export function oncePerFrame(paint: () => void): { ask: () => void; cancel: () => void } {
  let asked = 0;
  return {
    ask: () => {
      if (asked !== 0) return;
      asked = requestAnimationFrame(() => {
        asked = 0;
        paint();
      });
    },
    cancel: () => {
      cancelAnimationFrame(asked);
      asked = 0;
    },
  };
}
