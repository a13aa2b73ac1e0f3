import type { ForecastBody } from '@seismo/server/serve/model-schemas';

export interface ForecastPoint {
  /** Start of the minute, seconds. */
  readonly time: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
}

/** Minutes that a model expects, oldest first, of which only those that are still to come are shown. */
export class Forecast {
  readonly points: readonly ForecastPoint[];

  constructor(body: Pick<ForecastBody, 'points'>) {
    this.points = body.points.flatMap(({ time, expected, lower, upper }) =>
      expected === null || lower === null || upper === null ? [] : [{ time, expected, lower, upper }],
    );
  }

  /** Position of the minute that holds `now`: what comes from there on is still ahead. */
  aheadOf(now: number): number {
    let low = 0;
    let high = this.points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.points[middle]!.time <= now - MINUTE) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The minutes of [from, to] that are ahead, and one beyond, for the line to reach the edge. */
  within(from: number, to: number, now: number): readonly ForecastPoint[] {
    const first = Math.max(this.aheadOf(now), this.aheadOf(from));
    let end = first;
    while (end < this.points.length && this.points[end]!.time <= to) end++;
    return this.points.slice(first, Math.min(this.points.length, end + 1));
  }

  /** The minute ahead that is nearest; -1 when none is left. */
  nearest(time: number, now: number): number {
    const first = this.aheadOf(now);
    const last = this.points.length - 1;
    if (first > last) return -1;
    const after = Math.min(last, Math.max(first, this.aheadOf(time)));
    const next = Math.min(last, after + 1);
    return Math.abs(this.points[next]!.time - time) < Math.abs(this.points[after]!.time - time)
      ? next
      : after;
  }
}

const MINUTE = 60;

/** Minutes side by side that follow on each other; a hole between two is a gap. */
export function runsOf(points: readonly ForecastPoint[]): ForecastPoint[][] {
  const runs: ForecastPoint[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    if (run === undefined || point.time - run.at(-1)!.time > MINUTE * 1.5) runs.push([point]);
    else run.push(point);
  }
  return runs;
}
