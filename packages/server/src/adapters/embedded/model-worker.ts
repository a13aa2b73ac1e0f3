import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import {
  type ArimaPlusModel,
  type ArimaPlusOptions,
  evaluateArimaPlus,
  explainArimaPlusForecast,
  fitArimaPlus,
  forecastArimaPlus,
  gridTimeMs,
  loadArimaPlus,
  saveArimaPlus,
} from '@seismo/engine';
import { factsOf } from '../../model/arima-facts.js';
import { answerTasks } from './answer-tasks.js';
import type {
  ExplainedColumns,
  ExplainTask,
  ModelTaskAnswer,
  ModelTaskMessage,
  ModelTaskName,
  ModelTasks,
  TrainedSeries,
  TrainTask,
} from './model-tasks.js';

/** Fits and reads models, one task at a time. */

const FINEST = { frequency: 'PER_MINUTE' } as const;

/** The series cannot have a model, for a reason of its own. */
class NoModel extends Error {}

const TASKS: {
  [Name in ModelTaskName]: (request: ModelTasks[Name]['request']) => ModelTasks[Name]['reply'];
} = {
  train,
  explain,
  facts: ({ file }) => factsOf(load(file)),
  evaluate({ file, data }) {
    const found = evaluateArimaPlus(load(file), data);
    if (found === null) return undefined;
    return {
      meanAbsoluteError: found.mean_absolute_error ?? Number.NaN,
      meanSquaredError: found.mean_squared_error ?? Number.NaN,
      rootMeanSquaredError: found.root_mean_squared_error ?? Number.NaN,
      meanAbsolutePercentageError: found.mean_absolute_percentage_error ?? Number.NaN,
      symmetricMeanAbsolutePercentageError: found.symmetric_mean_absolute_percentage_error ?? Number.NaN,
      meanAbsoluteScaledError: found.mean_absolute_scaled_error ?? Number.NaN,
    };
  },
};

function train({ file, data, options }: TrainTask): TrainedSeries {
  const startMs = performance.now();
  const outcome = fitArimaPlus(data.timesMs, data.values, { ...(options as ArimaPlusOptions), ...FINEST });
  if (outcome.model === undefined) throw new NoModel(outcome.errorMessage);
  const { model } = outcome;
  const { timesMs, values, standardErrors } = forecastArimaPlus(model, { horizon: model.options.horizon });
  // Whole under its name or not at all: whoever reads it may come at any time.
  writeFileSync(`${file}.new`, saveArimaPlus(model));
  renameSync(`${file}.new`, file);
  return {
    forecast: {
      ...{ timesMs, expected: values, deviations: standardErrors },
      lowerLimit: model.scale?.lowerLimit ?? Number.NEGATIVE_INFINITY,
      upperLimit: model.scale?.upperLimit ?? Number.POSITIVE_INFINITY,
    },
    historyFromMs: gridTimeMs(model.grid, 0),
    historyToMs: gridTimeMs(model.grid, model.length - 1),
    seconds: (performance.now() - startMs) / 1000,
    facts: {
      order: model.arima.order,
      hasDrift: model.arima.withConstant && model.arima.order.d === 1,
      seasons: model.seasons.map(({ seasonality }) => seasonality),
      steps: model.steps.map(({ index, size }) => ({ timeMs: gridTimeMs(model.grid, index), size })),
      arima: factsOf(model),
    },
  };
}

function explain({ file, part }: ExplainTask): ExplainedColumns {
  const model = load(file);
  const all = explainArimaPlusForecast(model, { horizon: horizonFor(model, part) });
  const { timesMs, historyLength } = all;
  const from =
    'minutes' in part
      ? Math.max(0, historyLength - part.minutes)
      : firstRow(timesMs, (timeMs) => timeMs >= part.fromMs);
  const until = 'minutes' in part ? timesMs.length : firstRow(timesMs, (timeMs) => timeMs > part.toMs);
  const cut = (column: Float64Array) => column.slice(from, until);
  return {
    timesMs: cut(timesMs),
    historyRows: Math.max(0, Math.min(historyLength, until) - from),
    values: cut(all.values),
    adjusted: cut(all.adjustedValues),
    standardErrors: cut(all.standardErrors),
    lower: cut(all.lower),
    upper: cut(all.upper),
    trend: cut(all.trend),
    seasons: Object.fromEntries(
      Object.entries(all.seasonal).map(([name, column]) => [name.toLowerCase(), cut(column)]),
    ),
    holiday: cut(all.holidayEffect),
    spikesAndDips: cut(all.spikesAndDips),
    stepChanges: cut(all.stepChanges),
    residual: cut(all.residual).map((value) => (Number.isNaN(value) ? 0 : value)),
    stepsMs: model.steps.map(({ index }) => gridTimeMs(model.grid, index)),
  };
}

/** No more of the forecast than is asked for, and at least one minute of it. */
function horizonFor(model: ArimaPlusModel, part: ExplainTask['part']): number {
  const endMs = gridTimeMs(model.grid, model.length - 1);
  const wanted = 'minutes' in part ? part.minutes : Math.ceil((part.toMs - endMs) / 60_000);
  return Math.max(1, Math.min(model.options.horizon, wanted));
}

function firstRow(timesMs: Float64Array, is: (timeMs: number) => boolean): number {
  const row = timesMs.findIndex(is);
  return row < 0 ? timesMs.length : row;
}

function load(file: string): ArimaPlusModel {
  return loadArimaPlus(readFileSync(file));
}

function answer({ name, request }: ModelTaskMessage): ModelTaskAnswer {
  try {
    const work = TASKS[name] as (request: unknown) => unknown;
    return { reply: work(request) };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    if (error instanceof NoModel) return { failure, kind: 'no_model' };
    if (name === 'train') return { failure, kind: error instanceof RangeError ? 'option' : 'fault' };
    // A file that is gone, of another version or damaged by a crash: the next training writes it anew.
    const unreadable = error instanceof RangeError || (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { failure, kind: unreadable ? 'missing' : 'fault' };
  }
}

answerTasks(answer);
