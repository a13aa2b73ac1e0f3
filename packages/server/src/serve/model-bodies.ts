import { explanationWords } from '../model/explanation-words.js';
import type {
  ExplainedMinute,
  ForecastMinute,
  ModelError,
  ModelInfo,
  TrainingQueue,
} from '../ports/model-store.js';
import { orNull, secondsOf } from './json-number.js';
import type { EvaluateBody, ExplainBody, ForecastBody, ModelItem, ModelsBody } from './model-schemas.js';

/** What the API says of models, of what the port tells. */

export function modelItem(model: ModelInfo, nowMs: number): ModelItem {
  const { name, series, state, error, options, trainedMs, trainingSeconds, lastMinute } = model;
  const { nonSeasonalOrder, hasDrift, seasonalPeriods = [], stepChanges = [] } = model;
  return {
    name,
    series,
    state,
    error: error ?? null,
    options: { ...options },
    trained_at: secondsOrNull(trainedMs),
    history_from: secondsOrNull(model.historyFromMs),
    history_to: secondsOrNull(model.historyToMs),
    horizon_end: secondsOrNull(model.horizonEndMs),
    age_seconds: trainedMs === undefined ? null : secondsOf(Math.max(0, nowMs - trainedMs)),
    non_seasonal_order: nonSeasonalOrder === undefined ? null : { ...nonSeasonalOrder },
    has_drift: hasDrift ?? null,
    seasonal_periods: [...seasonalPeriods],
    step_changes: stepChanges.map(({ timeMs, size }) => ({ time: secondsOf(timeMs), size })),
    next_training: secondsOrNull(model.nextTrainingMs),
    training_seconds: orNull(trainingSeconds ?? Number.NaN),
    last_minute:
      lastMinute === undefined ? null : { time: secondsOf(lastMinute.timeMs), state: lastMinute.state },
  };
}

export function queueItem({
  waiting,
  running,
  workers,
  ...rest
}: TrainingQueue): NonNullable<ModelsBody['queue']> {
  return {
    waiting,
    running,
    workers,
    seconds_to_train_all: orNull(rest.secondsToTrainAll),
    without_room: rest.withoutRoom,
  };
}

export function forecastPoint({ timeMs, expected, lower, upper }: ForecastMinute): ForecastBody['points'][0] {
  return { time: secondsOf(timeMs), expected: orNull(expected), lower: orNull(lower), upper: orNull(upper) };
}

export function explainedPoint(
  minute: ExplainedMinute,
  steps: readonly { readonly timeMs: number }[],
  timeZone: string,
): ExplainBody['points'][0] {
  return {
    time: secondsOf(minute.timeMs),
    part: minute.part,
    value: minute.part === 'history' ? orNull(minute.value) : null,
    expected: orNull(minute.expected),
    trend: orNull(minute.trend),
    seasonal: Object.fromEntries(
      Object.entries(minute.seasons).map(([season, effect]) => [season, orNull(effect)]),
    ),
    holiday: orNull(minute.holiday),
    spikes_and_dips: orNull(minute.spikesAndDips),
    step_changes: orNull(minute.stepChanges),
    residual: orNull(minute.residual),
    words: explanationWords(minute, steps, timeZone),
  };
}

/** All null where no minute has come since. */
export function evaluation(error: ModelError | undefined): Omit<EvaluateBody, 'name' | 'series'> {
  const of = (pick: (one: ModelError) => number) => (error === undefined ? null : orNull(pick(error)));
  return {
    mean_absolute_error: of((one) => one.meanAbsoluteError),
    mean_squared_error: of((one) => one.meanSquaredError),
    root_mean_squared_error: of((one) => one.rootMeanSquaredError),
    mean_absolute_percentage_error: of((one) => one.meanAbsolutePercentageError),
    symmetric_mean_absolute_percentage_error: of((one) => one.symmetricMeanAbsolutePercentageError),
    mean_absolute_scaled_error: of((one) => one.meanAbsoluteScaledError),
  };
}

function secondsOrNull(timeMs: number | undefined): number | null {
  return timeMs === undefined ? null : orNull(secondsOf(timeMs));
}
