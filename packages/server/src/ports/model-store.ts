/**
 * Models of how each series behaves, minute by minute: trained on the per-minute means of all series, they judge
 * each closed minute, forecast and explain.
 *
 * Training and detection take longer than a caller may wait, so `train` and `detect` only start work and resolve
 * at once; whichever of them is called next collects what has ended since, also after a restart, and by whatever
 * process. Calling them more often than needed changes nothing: what runs, or is not due, is skipped with its
 * reason. Failed work is listed with its reason and started anew when it is next due.
 *
 * A closed minute is judged by a model trained before it; a minute that comes late, inside a model's history, by
 * the first model that has learned it, within that history. What was found is in the store of anomalies once,
 * however often a minute is judged. No verdict never means normal: minutes of series that no model covers, and of
 * series without any spread, are kept as unjudged with their reason and counted here.
 *
 * All times are milliseconds since 1970; a series is named by its key. The caller owns what it gets. Failures of
 * the store itself reject with an AppError (`not_ready`: trying again can help).
 */
export interface ModelStore {
  /** Starts each training that is due: by the schedule, or because a model's forecast soon ends. */
  train(): Promise<ModelRound>;
  /**
   * Starts bringing the means of closed minutes up to date, late samples included, and judging them. Also starts
   * a training that cannot wait for its schedule because a model's forecast is about to end.
   */
  detect(): Promise<ModelRound>;

  /**
   * The minutes after those the model was trained on, at most `minutes` of them and never past its horizon, with
   * intervals that hold 95 of 100 values. Empty when no model knows the series.
   */
  forecast(query: SeriesMinutes): Promise<ForecastMinute[]>;
  /** How far the forecasts were off the minutes that came since, by series; series without any are not listed. */
  evaluate(): Promise<ModelError[]>;
  /**
   * The parts that the model sees in a series: the last `minutes` of its history and as many of its forecast,
   * oldest first. In history they add up to the value.
   */
  explain(query: SeriesMinutes): Promise<ExplainedMinute[]>;
}

export interface SeriesMinutes {
  /** The series' key. */
  readonly series: string;
  readonly minutes: number;
}

/** What one call started, collected and left alone. */
export interface ModelRound {
  readonly started: readonly ModelWork[];
  readonly collected: readonly CollectedWork[];
  readonly skipped: readonly SkippedWork[];
}

export interface ModelWork {
  readonly id: string;
  /** `detect`: closed minutes; `detect_late`: minutes inside a model's history. */
  readonly kind: ModelWorkKind;
  readonly model: string;
  readonly startedMs: number;
}
export type ModelWorkKind = 'train' | 'detect' | 'detect_late';

export interface CollectedWork extends ModelWork {
  readonly state: 'done' | 'failed';
  /** Why it failed. */
  readonly reason?: string;
  /** New anomalies that it found. */
  readonly anomalies: number;
  /** Minutes that it could not judge, by reason; after a training: series that the model leaves out, by reason. */
  readonly unjudged: Readonly<Record<string, number>>;
}

export interface SkippedWork {
  readonly kind: ModelWorkKind;
  readonly model: string;
  readonly reason: string;
}

export interface ForecastMinute {
  readonly timeMs: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
}

export interface ModelError {
  readonly series: string;
  readonly meanAbsoluteError: number;
  readonly rootMeanSquaredError: number;
  /** In percent, 0 to 200. */
  readonly symmetricMeanAbsolutePercentageError: number;
}

export interface ExplainedMinute {
  readonly timeMs: number;
  readonly part: 'history' | 'forecast';
  /** The mean that was measured, or interpolated, in history; the expected one in forecasts. */
  readonly value: number;
  readonly trend: number;
  /** Sum of all seasonal parts. */
  readonly seasonal: number;
  readonly holiday: number;
  readonly spikesAndDips: number;
  readonly stepChanges: number;
  /** Zero in forecasts. */
  readonly residual: number;
}
