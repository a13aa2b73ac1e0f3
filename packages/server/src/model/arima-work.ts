import {
  type ArimaPlusModel,
  type ArimaPlusOptions,
  arimaEvaluate,
  detectArimaPlusAnomalies,
  expectationsOf,
  explainArimaPlusForecast,
  fitArimaPlus,
  forecastArimaPlus,
  gridTimeMs,
  loadArimaPlus,
  type SumPart,
  type SumPartOptions,
  saveArimaPlus,
  sumPartOf,
} from '@seismo/engine';
import {
  anomalyColumns,
  coefficientColumns,
  type EvaluationAsk,
  evaluatedBy,
  explainColumns,
  forecastColumns,
  judgedBy,
  orderColumns,
  verdictColumns,
} from './arima-answers.js';
import type { ArimaColumns, SeriesRows } from './arima-columns.js';
import { type ArimaFacts, factsOf } from './arima-facts.js';
import type { UnjudgedCounts } from './arima-unjudged.js';
import { inOneBuffer } from './number-arrays.js';

/** What is asked of one series, and of what; plain data, so that any thread can answer it. */
export interface ArimaTask {
  readonly source: ArimaSource;
  readonly ask: ArimaAsk;
}

/** Rows to learn from, but for the last `holdout` of them, or a model that has learned. */
export type ArimaSource =
  | (SeriesRows & { readonly options: ArimaPlusOptions; readonly holdout?: number })
  | { readonly saved: Uint8Array };

export type ArimaAsk =
  /** `learn`: besides the model, what is asked of it most. */
  | { readonly kind: 'save' | 'coefficients' | 'learn' }
  | (AskOfSums & {
      readonly kind: 'explain' | 'forecast';
      readonly horizon: number;
      readonly confidenceLevel: number;
    })
  /** `judge`: in arrays of numbers alone; what is given is not given back, and reasons are counted. */
  | (AskOfSums & {
      readonly kind: 'detect' | 'judge';
      readonly threshold: number;
      readonly data?: SeriesRows;
    })
  /** Of the rows held out, or of data given. */
  | (AskOfSums & EvaluationAsk & { readonly kind: 'evaluate'; readonly data?: SeriesRows })
  | { readonly kind: 'orders'; readonly all: boolean }
  /** What sums need of the series and nothing else. */
  | ({ readonly kind: 'part' } & SumPartOptions);

export interface AheadAsk extends AskOfSums {
  readonly kind: 'explain' | 'forecast';
  readonly horizon: number;
  readonly confidenceLevel: number;
}

export interface JudgeAsk extends AskOfSums {
  /** `judge`: in arrays of numbers alone; what is given is not given back, and reasons are counted. */
  readonly kind: 'detect' | 'judge';
  readonly threshold: number;
  readonly data?: SeriesRows;
}

interface AskOfSums {
  /** Of a hierarchy, the newest time of any series: what sums need is part of the answer. */
  readonly newestMs?: number;
}

export interface ArimaAnswer {
  /** Why there is no model, or that it is no more than a constant. */
  readonly errorMessage?: string;
  /** Undefined where there is no model. */
  readonly columns?: ArimaColumns;
  readonly saved?: Uint8Array;
  /** The model without its history and the orders that were tried: enough for what lies ahead, and soon loaded. */
  readonly ahead?: Uint8Array;
  readonly facts?: ArimaFacts;
  /** Of a history that was judged: its lasting changes of level, known from the values after them. */
  readonly steps?: readonly { readonly timeMs: number; readonly size: number }[];
  /** Of the data given: rows without an answer, by reason. */
  readonly unjudged?: UnjudgedCounts;
  /** What sums of a hierarchy need of this series. */
  readonly part?: SumPart;
  /** Of an evaluation that sums are made of: what it was compared with. */
  readonly heldOut?: SeriesRows;
}

/** Several tasks, whose arrays lie in one buffer, which is soon sent. */
export function runArimaTasks(tasks: readonly ArimaTask[]): readonly ArimaAnswer[] {
  return inOneBuffer(tasks.map(runArimaTask));
}

/** @throws RangeError on an option out of range, named as BigQuery spells it */
export function runArimaTask({ source, ask }: ArimaTask): ArimaAnswer {
  if ('saved' in source) return answered(loadArimaPlus(source.saved), ask, undefined);
  const { learned, heldOut } = split(source, source.holdout ?? 0);
  if (heldOut !== undefined && learned.values.length === 0)
    return { errorMessage: 'All of its values are held out; none is left to learn from.' };
  const { model, errorMessage } = fitArimaPlus(learned.timesMs, learned.values, source.options);
  const message = errorMessage === undefined ? {} : { errorMessage };
  return model === undefined ? message : { ...message, ...answered(model, ask, heldOut) };
}

/** The newest rows apart from the others; rows of one time stay together. */
function split(rows: SeriesRows, holdout: number): { learned: SeriesRows; heldOut: SeriesRows | undefined } {
  if (holdout === 0) return { learned: rows, heldOut: undefined };
  const measured = rows.timesMs.filter((_, at) => Number.isFinite(rows.values[at]));
  const distinct = [...new Set(measured)].sort((a, b) => a - b);
  const firstHeldOutMs = distinct[Math.max(0, distinct.length - holdout)] ?? Number.POSITIVE_INFINITY;
  const pick = (isHeldOut: boolean): SeriesRows => {
    const keep = (_: number, at: number) => rows.timesMs[at]! >= firstHeldOutMs === isHeldOut;
    return { timesMs: rows.timesMs.filter(keep), values: rows.values.filter(keep) };
  };
  return { learned: pick(false), heldOut: pick(true) };
}

function answered(model: ArimaPlusModel, ask: ArimaAsk, heldOut: SeriesRows | undefined): ArimaAnswer {
  switch (ask.kind) {
    case 'save':
      return { saved: saveArimaPlus(model), columns: orderColumns(arimaEvaluate(model, false)) };
    case 'learn':
      return {
        saved: saveArimaPlus(model),
        ahead: saveArimaPlus({ ...model, history: undefined, candidates: [] }),
        facts: factsOf(model),
      };
    case 'part':
      return { part: sumPartOf(model, ask) };
    case 'forecast':
      return {
        columns: forecastColumns(forecastArimaPlus(model, ask)),
        ...partFor(model, ask, { horizon: ask.horizon }),
      };
    case 'explain':
      return {
        columns: explainColumns(explainArimaPlusForecast(model, ask), ask.confidenceLevel),
        ...partFor(model, ask, { horizon: ask.horizon, of: 'explanation' }),
      };
    case 'detect':
      return detected(model, ask);
    case 'judge':
      return { ...judged(model, ask), ...partFor(model, ask, { horizon: 1, of: 'history' }) };
    case 'orders':
      return { columns: orderColumns(arimaEvaluate(model, ask.all)) };
    case 'coefficients':
      return { columns: coefficientColumns(model) };
    case 'evaluate': {
      const rows = ask.data ?? heldOut;
      const answer = evaluatedBy(expectationsOf(model), ask, rows);
      if (ask.newestMs === undefined) return answer;
      const part = partFor(model, ask, { of: 'history' });
      return { ...answer, ...part, ...(rows !== undefined && { heldOut: rows }) };
    }
  }
}

function partFor(
  model: ArimaPlusModel,
  { newestMs }: AskOfSums,
  options: Omit<SumPartOptions, 'newestMs'>,
): Pick<ArimaAnswer, 'part'> {
  return newestMs === undefined ? {} : { part: sumPartOf(model, { ...options, newestMs }) };
}

function detected(model: ArimaPlusModel, ask: JudgeAsk): ArimaAnswer {
  const { threshold, data } = ask;
  const found = detectArimaPlusAnomalies(model, { anomalyProbThreshold: threshold }, data);
  return {
    columns: anomalyColumns(found),
    ...(data === undefined && { steps: stepsOf(model) }),
    ...partFor(model, ask, { horizon: 1, of: 'history' }),
  };
}

function judged(model: ArimaPlusModel, { threshold, data }: JudgeAsk): ArimaAnswer {
  const by = expectationsOf(model);
  if (data !== undefined) return judgedBy(by, threshold, data);
  const found = detectArimaPlusAnomalies(model, { anomalyProbThreshold: threshold });
  return { columns: { time: found.timesMs, data: found.values, ...verdictColumns(found) } };
}

function stepsOf({ steps, grid }: ArimaPlusModel): ArimaAnswer['steps'] & object {
  return steps.map(({ index, size }) => ({ timeMs: gridTimeMs(grid, index), size }));
}
