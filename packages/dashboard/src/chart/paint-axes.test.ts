import { describe, expect, it } from 'vitest';
import { paintAxes } from './paint-axes.js';
import type { Theme } from './theme.js';

/** Texts that are painted left of the frame, from the top down; each letter is six pixels wide. */
function valuesOf(min: number, max: number, unit: string): string[] {
  const painted: { text: string; x: number; y: number }[] = [];
  const nothing = () => undefined;
  const context = {
    ...{ beginPath: nothing, moveTo: nothing, lineTo: nothing, stroke: nothing },
    measureText: (text: string) => ({ width: 6 * text.length }),
    fillText: (text: string, x: number, y: number) => painted.push({ text, x, y }),
  } as unknown as CanvasRenderingContext2D;
  const frame = { left: 76, top: 14, width: 240, height: 260, from: 0, to: 600, min, max };
  paintAxes(context, frame, {} as Theme, true, unit);
  return painted
    .filter(({ x }) => x < frame.left)
    .sort((a, b) => a.y - b.y)
    .map(({ text }) => text);
}

describe('the axis of values', () => {
  it.each([
    [0, 400, 'ms', ['400 ms', '300 ms', '200 ms', '100 ms', '0 ms']],
    [0, 8e9, 'B', ['8 GB', '6 GB', '4 GB', '2 GB', '0 B']],
    [0, 40, '', ['40', '30', '20', '10', '0']],
  ])('from %d to %d has the unit %s', (min, max, unit, texts) => {
    expect(valuesOf(min, max, unit)).toEqual(texts);
  });

  it('says a unit once, above the numbers, where there is no room beside them', () => {
    const [first, ...numbers] = valuesOf(101_351.1, 101_351.4, 'B/s');
    expect(first).toBe('B/s');
    expect(numbers.length).toBeGreaterThan(2);
    for (const text of numbers) expect(text).toMatch(/^101,351\.\d+$/);
  });
});
