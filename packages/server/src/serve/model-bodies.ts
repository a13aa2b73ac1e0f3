import { explanationWords } from '../model/explanation-words.js';
import type {
  ExplainedMinute,
  ExplainedVerdict,
  ForecastMinute,
  ModelError,
  ModelInfo,
  TrainingQueue,
} from '../ports/model-store.js';
import { orNull, secondsOf } from './json-number.js';
import type { EvaluateBody, ExplainBody, ForecastBody, ModelItem, ModelsBody } from './model-schemas.js';

/** What the API says of models, of what the port tells. */

export function modelItem(model: ModelInfo, nowMs: number): ModelItem {
  const { options, trainedMs, trainingSeconds, lastMinute } = model;
  const { nonSeasonalOrder, hasDrift, seasonalPeriods = [], stepChanges = [] } = model;
  return {
    ...modelState(model),
    options: { ...options },
    trained_at: secondsOrNull(trainedMs),
    history_from: secondsOrNull(model.historyFromMs),
    history_to: secondsOrNull(model.historyToMs),
    horizon_end: secondsOrNull(model.horizonEndMs),
    age_seconds: trainedMs === undefined ? null : secondsOf(Math.max(0, nowMs - trainedMs)),
    non_seasonal_order: nonSeasonalOrder === undefined ? null : { ...nonSeasonalOrder },
    has_drift: hasDrift ?? null,
    seasonal_periods: [...seasonalPeriods],
    step_changes: stepChanges.map(({ timeMs, size, learnedMs }) => ({
      time: secondsOf(timeMs),
      size,
      learned_at: secondsOrNull(learnedMs),
    })),
    next_training: secondsOrNull(model.nextTrainingMs),
    training_seconds: orNull(trainingSeconds ?? Number.NaN),
    last_minute:
      lastMinute === undefined ? null : { time: secondsOf(lastMinute.timeMs), state: lastMinute.state },
  };
}

/** What every answer about one model begins with: an empty one says by it why it is empty. */
export function modelState({ name, series, state, error, lack }: ModelInfo) {
  return { name, series, state, error: error ?? null, have: lack?.have ?? null, need: lack?.need ?? null };
}

/** The last minute that it forecasts, in seconds. */
export function horizonEnd({ horizonEndMs }: ModelInfo): number | null {
  return secondsOrNull(horizonEndMs);
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

/** What words are told in: the clock of an IANA zone, and the unit of the series, empty where it is not known. */
interface WordsIn {
  readonly timeZone: string;
  readonly unit: string;
}

export function explainedPoint(
  minute: ExplainedMinute,
  steps: readonly { readonly timeMs: number }[],
  { timeZone, unit }: WordsIn,
): ExplainBody['points'][0] {
  return {
    time: secondsOf(minute.timeMs),
    part: minute.part,
    value: minute.part === 'history' ? orNull(minute.value) : null,
    expected: orNull(minute.expected),
    standard_error: orNull(minute.standardError),
    lower: orNull(minute.lower),
    upper: orNull(minute.upper),
    trend: orNull(minute.trend),
    seasonal: Object.fromEntries(
      Object.entries(minute.seasons).map(([season, effect]) => [season, orNull(effect)]),
    ),
    holiday: orNull(minute.holiday),
    spikes_and_dips: orNull(minute.spikesAndDips),
    step_changes: orNull(minute.stepChanges),
    residual: orNull(minute.residual),
    words: explanationWords(minute, steps, timeZone, unit),
  };
}

/** Of a minute whose parts are not known any more: what was expected, and no more. */
export function judgedPoint(
  verdict: ExplainedVerdict,
  { timeZone, unit }: WordsIn,
): ExplainBody['points'][0] {
  const { timeMs, value, expected, parts } = verdict;
  const { trend = Number.NaN, seasons = {}, holiday = Number.NaN, stepChanges = Number.NaN } = parts ?? {};
  const steps = (parts?.stepsMs ?? []).map((stepMs) => ({ timeMs: stepMs }));
  const words = { timeMs, expected, trend, seasons, holiday, stepChanges };
  return {
    time: secondsOf(timeMs),
    part: 'judged',
    value: orNull(value),
    expected: orNull(expected),
    standard_error: orNull(verdict.standardError),
    lower: orNull(verdict.lower),
    upper: orNull(verdict.upper),
    trend: orNull(trend),
    seasonal: Object.fromEntries(Object.entries(seasons).map(([season, effect]) => [season, orNull(effect)])),
    holiday: orNull(holiday),
    spikes_and_dips: null,
    step_changes: orNull(stepChanges),
    residual: orNull(value - expected),
    words: explanationWords(words, steps, timeZone, unit),
  };
}

/** All null where no minute has come since. */
export function evaluation(
  error: ModelError | undefined,
): Omit<EvaluateBody, keyof ReturnType<typeof modelState>> {
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
