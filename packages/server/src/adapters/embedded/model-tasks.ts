import type { ArimaFacts } from '../../model/arima-facts.js';
import type { ModelError, ModelOptions, ModelStep } from '../../ports/model-store.js';
import type { ForecastColumns, MeanColumns } from './duckdb-models.js';

/** What the main thread asks of the threads that train and explain; arrays move instead of being copied. */
export interface ModelTasks {
  /** Fits a model to means of minutes and leaves it in the file. */
  train: { request: TrainTask; reply: TrainedSeries };
  explain: { request: ExplainTask; reply: ExplainedColumns };
  /** What SQL tells of a model, for one that was stored without. */
  facts: { request: { file: string }; reply: ArimaFacts };
  /** Undefined where no minute lies in the horizon. */
  evaluate: {
    request: { file: string; data: MeanColumns };
    reply: Omit<ModelError, 'series'> | undefined;
  };
}

export interface TrainTask {
  readonly file: string;
  readonly data: MeanColumns;
  /** As asked for; the frequency is added. */
  readonly options: ModelOptions;
}

export interface TrainedSeries {
  readonly forecast: ForecastColumns;
  readonly historyFromMs: number;
  readonly historyToMs: number;
  /** Seconds that the fit took of the thread. */
  readonly seconds: number;
  readonly facts: ModelFacts;
}

/** What there is to say of a model besides its numbers; stored as JSON. */
export interface ModelFacts {
  readonly order: { readonly p: number; readonly d: number; readonly q: number };
  readonly hasDrift: boolean;
  readonly seasons: readonly string[];
  readonly steps: readonly ModelStep[];
  /** What SQL tells of it; absent in what was stored before there was such a thing. */
  readonly arima?: ArimaFacts;
}

export interface ExplainTask {
  readonly file: string;
  /** Last minutes of the history and as many of the forecast, or a span of time. */
  readonly part: { readonly minutes: number } | { readonly fromMs: number; readonly toMs: number };
}

export interface ExplainedColumns {
  readonly timesMs: Float64Array;
  /** So many rows are history. */
  readonly historyRows: number;
  readonly values: Float64Array;
  readonly adjusted: Float64Array;
  readonly standardErrors: Float64Array;
  /** NaN in history. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly trend: Float64Array;
  /** By name, in small letters. */
  readonly seasons: Readonly<Record<string, Float64Array>>;
  readonly holiday: Float64Array;
  readonly spikesAndDips: Float64Array;
  readonly stepChanges: Float64Array;
  /** Zero in forecasts. */
  readonly residual: Float64Array;
  /** When the steps are that the model knows. */
  readonly stepsMs: readonly number[];
}

export type ModelTaskName = keyof ModelTasks;

export interface ModelTaskMessage<Name extends ModelTaskName = ModelTaskName> {
  readonly name: Name;
  readonly request: ModelTasks[Name]['request'];
}

export type ModelTaskAnswer =
  | { readonly reply: unknown }
  /** `option`: what was asked for cannot be done; otherwise something went wrong. */
  | { readonly failure: string; readonly kind: 'option' | 'no_model' | 'missing' | 'fault' };
