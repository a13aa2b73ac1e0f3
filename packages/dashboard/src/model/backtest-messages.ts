import type { AnomalyItem } from '@seismo/server/serve/schemas';

/** What the page and the thread that judges past samples tell each other. Times in ms since 1970. */

export interface LabelWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is told of what is unusual. */
export interface DeviationLimits {
  readonly direction: 'both' | 'up' | 'down';
  /** In the samples' unit. */
  readonly leastDeviation: number;
  /** Share of what was expected. */
  readonly leastRelativeDeviation: number;
}

export interface BacktestRequest {
  /** Answers carry it; those of an older request are dropped. */
  readonly id: number;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** Null where none were given. */
  readonly labels: readonly LabelWindow[] | null;
  readonly timeZone: string;
  readonly limits: DeviationLimits;
  /** Whose verdicts are wanted, sample by sample: false alarms per week. */
  readonly chosen: number;
  /** Those that are only counted. */
  readonly sensitivities: readonly number[];
}

/** What one setting would have told. NaN where there is nothing to divide by. */
export interface SensitivityPoint {
  readonly sensitivity: number;
  readonly alarms: number;
  readonly alarmsPerWeek: number;
  readonly anomalies: number;
  readonly weeks: number;
  readonly labelled: {
    readonly windows: number;
    /** Labels without a sample. */
    readonly emptyLabels: number;
    readonly hits: number;
    readonly falseAlarms: number;
    readonly precision: number;
    readonly recall: number;
    readonly nab: number;
  } | null;
}

export interface AlarmRow {
  readonly row: number;
  readonly lastRow: number;
  readonly anomalies: number;
  readonly component: NonNullable<AnomalyItem['component']>;
}

/** The verdicts of the chosen setting, a value a sample. */
export interface ChosenVerdicts {
  readonly states: Uint8Array;
  readonly alarmFlags: Uint8Array;
  readonly expected: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly alarms: readonly AlarmRow[];
}

export type BacktestAnswer = { readonly id: number } & (
  | { readonly kind: 'point'; readonly point: SensitivityPoint }
  | { readonly kind: 'verdicts'; readonly verdicts: ChosenVerdicts }
  | { readonly kind: 'failed'; readonly message: string }
);
