import type { Anomaly } from '../model/verdict.js';

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
  readonly capabilities: ModelStoreCapabilities;

  /** Starts each training that is due: by the schedule, or because a model's forecast soon ends. */
  train(): Promise<ModelRound>;
  /**
   * Starts bringing the means of closed minutes up to date, late samples included, and judging them. Also starts
   * a training that cannot wait for its schedule because a model's forecast is about to end.
   */
  detect(): Promise<ModelRound>;

  /** Every series that has a model or is to get one, by key. */
  models(): Promise<ModelInfo[]>;
  /** What waits for its training, and how long all of it takes. */
  queue(): TrainingQueue;
  /**
   * Trains one series now, ahead of all that waits, with these options, which it keeps for its next trainings.
   * Resolves with the model once it is trained, or left out (`failed`, with its reason). Rejects with `not_found` for
   * a series that is not known, with `bad_request` for an option that is wrong or cannot be kept, and for a series
   * that has too little data yet: neither changes anything.
   */
  trainSeries(request: TrainRequest): Promise<ModelInfo>;

  /**
   * What is ahead: the minutes from the first that has not closed yet, at most `minutes` of them and never past the
   * model's horizon, with intervals that hold 95 of 100 values. Empty when no model knows the series.
   */
  forecast(query: SeriesMinutes): Promise<ForecastMinute[]>;
  /** What was said of each closed minute, oldest first; minutes that no model covered are left out. */
  minutes(query: SeriesSpan): Promise<JudgedMinute[]>;
  /**
   * How far the forecasts were off the minutes that came since, by series; series without any are not listed. All
   * series unless one is named.
   */
  evaluate(series?: string): Promise<ModelError[]>;
  /**
   * The parts that the model sees in a series, oldest first: the last `minutes` of its history and as many of its
   * forecast, or the span of time asked for. In history they add up to the value. Empty when no model knows the series.
   */
  explain(query: SeriesMinutes | SeriesSpan): Promise<ExplainedMinute[]>;
  /**
   * What the minutes with data of a span were judged by, oldest first; minutes that no model covered are left out.
   * What is told of a minute never changes with later trainings. The parts are known of minutes that hold an anomaly
   * of either detector, and of those that the present model judged.
   */
  explainVerdicts(query: SeriesSpan): Promise<ExplainedVerdict[]>;

  /**
   * Called after minutes were judged and what was found is stored: with new anomalies, and with those that samples
   * which came late have confirmed or withdrawn. A listener must be quick and must not throw. Never called where
   * judging runs elsewhere (`modelPerSeries` false).
   */
  onFound(listener: (found: readonly Anomaly[]) => void): void;
}

export interface ModelStoreCapabilities {
  /**
   * Each series has a model of its own, trained apart from the others. Default true. Where it is false one training
   * takes all series: `trainSeries` and `minutes` reject with `bad_request`, `queue` counts whole trainings and knows no
   * duration, `explain` takes numbers of minutes only (`bad_request` for a span), and what minutes were judged by is not
   * kept in parts (`explainVerdicts` rejects with `bad_request`).
   */
  readonly modelPerSeries: boolean;
}

/** Of one model of one series. */
export interface ModelInfo {
  /** The series' key, where each series has a model of its own. */
  readonly name: string;
  /** The series' key. */
  readonly series: string;
  /** `waiting`: for its first training. One that is trained again goes on judging meanwhile: it is `training`. */
  readonly state: 'waiting' | 'training' | 'trained' | 'failed';
  /** Why it failed, or what it waits for. */
  readonly error?: string;
  /** Minutes with data that it has and needs, where it waits for more of them. */
  readonly lack?: { readonly have: number; readonly need: number };
  /** BigQuery's options in camelCase, those that differ from the default. */
  readonly options: ModelOptions;
  /** When the training that it judges by began; absent before the first. */
  readonly trainedMs?: number;
  /** First and last minute that it learned. */
  readonly historyFromMs?: number;
  readonly historyToMs?: number;
  /** The last minute that it can judge. */
  readonly horizonEndMs?: number;
  readonly nextTrainingMs?: number;
  readonly trainingSeconds?: number;
  readonly nonSeasonalOrder?: { readonly p: number; readonly d: number; readonly q: number };
  readonly hasDrift?: boolean;
  /** BigQuery's words, such as DAILY. */
  readonly seasonalPeriods?: readonly string[];
  /** Lasting steps in its history, oldest first. */
  readonly stepChanges?: readonly ModelStep[];
  /** The newest minute judged, and how. `unknown`: the model did not cover it. */
  readonly lastMinute?: { readonly timeMs: number; readonly state: MinuteState };
}

export type MinuteState = 'ok' | 'anomalous' | 'unknown' | 'no_data';

export interface ModelStep {
  readonly timeMs: number;
  /** In the unit of the series, with its sign. */
  readonly size: number;
  /** When the training began that found it, of a series that had a model without it before; absent otherwise. */
  readonly learnedMs?: number;
}

/** Plain values that JSON can carry; the engine says what each may be. */
export type ModelOptions = Readonly<Record<string, unknown>>;

export interface TrainRequest {
  /** The series' key. */
  readonly series: string;
  readonly options?: ModelOptions;
}

export interface TrainingQueue {
  /** Series that are due and not begun. */
  readonly waiting: number;
  readonly running: number;
  /** Threads that train at once at most; 0 where the trainings run elsewhere. */
  readonly workers: number;
  /** What training every model once takes at the present pace; NaN while none was trained. */
  readonly secondsToTrainAll: number;
  /** Series with enough history for a model, and no room for it. */
  readonly withoutRoom: number;
}

export interface SeriesMinutes {
  /** The series' key. */
  readonly series: string;
  readonly minutes: number;
}

/** Both ends inclusive. */
export interface SeriesSpan {
  /** The series' key. */
  readonly series: string;
  readonly fromMs: number;
  readonly toMs: number;
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

export interface JudgedMinute {
  readonly timeMs: number;
  /** NaN for a minute without data. */
  readonly value: number;
  readonly expected: number;
  /** Of the forecast. */
  readonly standardError: number;
  readonly state: Exclude<MinuteState, 'unknown'>;
}

/** As ML.EVALUATE has them; NaN where one cannot be given, such as percentages of zero. */
export interface ModelError {
  readonly series: string;
  readonly meanAbsoluteError: number;
  readonly meanSquaredError: number;
  readonly rootMeanSquaredError: number;
  /** As a share: 0.1 is 10%. */
  readonly meanAbsolutePercentageError: number;
  /** As a share, 0 to 2. */
  readonly symmetricMeanAbsolutePercentageError: number;
  readonly meanAbsoluteScaledError: number;
}

export interface ExplainedMinute {
  readonly timeMs: number;
  readonly part: 'history' | 'forecast';
  /** The mean that was measured, or interpolated, in history; the expected one in forecasts. */
  readonly value: number;
  /** What the model expects: the parts without residual, spikes and dips; in forecasts within the limits set. */
  readonly expected: number;
  /** In history that of its residuals, in forecasts that of the forecast. */
  readonly standardError: number;
  /** Between them lie 95 of 100 values; NaN in history. */
  readonly lower: number;
  readonly upper: number;
  readonly trend: number;
  /** Sum of all seasonal parts. */
  readonly seasonal: number;
  /** Those that the model found, by name. */
  readonly seasons: Readonly<Partial<Record<SeasonName, number>>>;
  readonly holiday: number;
  readonly spikesAndDips: number;
  readonly stepChanges: number;
  /** Zero in forecasts. */
  readonly residual: number;
}

export interface ExplainedVerdict {
  readonly timeMs: number;
  /** The mean that was judged. */
  readonly value: number;
  readonly expected: number;
  /** Of the forecast, with the interval that holds 95 of 100 values; NaN where only the anomaly is kept. */
  readonly standardError: number;
  readonly lower: number;
  readonly upper: number;
  /** Of which the model that judged it made what was expected; absent where that is not known any more. */
  readonly parts?: VerdictParts;
}

export interface VerdictParts {
  readonly trend: number;
  readonly seasons: Readonly<Partial<Record<SeasonName, number>>>;
  readonly holiday: number;
  readonly stepChanges: number;
  /** When the steps were that the model knew. */
  readonly stepsMs: readonly number[];
}

export type SeasonName = 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';
