import { COMPONENTS, type Component } from '@seismo/engine/streaming';

/** Verdicts as columns, one row for each sample that was judged. NaN stands for "none". */
export interface VerdictBatch {
  readonly seriesIds: Uint32Array;
  readonly timesMs: Float64Array;
  /** Index into the engine's VERDICT_STATES. */
  readonly states: Uint8Array;
  readonly expected: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly probability: Float64Array;
  readonly score: Float64Array;
  /** 1 on the first anomaly of an excursion. */
  readonly alarms: Uint8Array;
}

/** Columns of `rows` rows, all zero, to be filled by whoever makes them. */
export function zeroVerdicts(rows: number): VerdictBatch {
  return {
    seriesIds: new Uint32Array(rows),
    timesMs: new Float64Array(rows),
    states: new Uint8Array(rows),
    expected: new Float64Array(rows),
    lower: new Float64Array(rows),
    upper: new Float64Array(rows),
    probability: new Float64Array(rows),
    score: new Float64Array(rows),
    alarms: new Uint8Array(rows),
  };
}

/** `detector` of anomalies that are whole minutes, judged by the model of their series; `timeMs` is their first. */
export const MINUTE_DETECTOR = 'arima_plus';

/** A sample whose verdict is anomalous, as the `anomalies` table keeps it. */
export interface Anomaly {
  readonly seriesId: number;
  readonly timeMs: number;
  readonly value: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly probability: number;
  readonly score: number;
  readonly alarm: boolean;
  /** The detector's name. */
  readonly detector: string;
  /** What of the series says so; null or absent where the detector does not tell. */
  readonly component?: Component | null;
  /** Judged again with samples that came late: it stands, or it was none. Absent when it was judged once. */
  readonly review?: AnomalyReview;
}

/** 0 for none; else a number that stays the same from version to version. */
export function componentCode(component: Component | null | undefined): number {
  return component == null ? 0 : COMPONENTS.indexOf(component) + 1;
}

/** Null for 0, and for a code of a later version. */
export function componentOf(code: number): Component | null {
  return COMPONENTS[code - 1] ?? null;
}

export type AnomalyReview = 'confirmed' | 'withdrawn';
