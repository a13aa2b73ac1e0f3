import { AppError } from '@seismo/server/errors';
import type { Anomaly } from '@seismo/server/model/verdict';
import type {
  ExplainedMinute,
  ExplainedVerdict,
  ForecastMinute,
  ModelInfo,
  ModelStore,
  SeriesMinutes,
  SeriesSpan,
  TrainRequest,
} from '@seismo/server/ports/model-store';

const MINUTE_MS = 60_000;

/** A model that was trained on the week before `nowMs` and forecasts 1,000 minutes. */
export function trainedModel(series: string, nowMs: number, more: Partial<ModelInfo> = {}): ModelInfo {
  const historyToMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - 10 * MINUTE_MS;
  return {
    name: series,
    series,
    state: 'trained',
    options: {},
    trainedMs: nowMs - 9 * MINUTE_MS,
    historyFromMs: historyToMs - 7 * 1440 * MINUTE_MS,
    historyToMs,
    horizonEndMs: historyToMs + 1000 * MINUTE_MS,
    nextTrainingMs: nowMs + 51 * MINUTE_MS,
    trainingSeconds: 0.4,
    nonSeasonalOrder: { p: 1, d: 1, q: 2 },
    hasDrift: true,
    seasonalPeriods: ['DAILY', 'WEEKLY'],
    stepChanges: [],
    lastMinute: { timeMs: historyToMs + 9 * MINUTE_MS, state: 'ok' },
    ...more,
  };
}

export interface MemoryModels extends ModelStore {
  readonly trained: TrainRequest[];
  /** What was said of minutes, by any model. */
  readonly verdicts: ExplainedVerdict[];
  /** As a round of judging that found these. */
  find(found: readonly Anomaly[]): void;
}

/**
 * The port in memory, with the models that the test gives it: of every minute they expect 212, as 180 and a season
 * of 41 and steps of −9, give or take 20. In history each minute was 5 above that.
 */
export function memoryModels(models: ModelInfo[]): MemoryModels {
  const trained: TrainRequest[] = [];
  const verdicts: ExplainedVerdict[] = [];
  const listeners: ((found: readonly Anomaly[]) => void)[] = [];
  const bySeries = (series: string) => models.find((model) => model.series === series);
  const round = async () => ({ started: [], collected: [], skipped: [] });
  return {
    trained,
    verdicts,
    find(found) {
      for (const listener of listeners) listener(found);
    },
    onFound: (listener) => void listeners.push(listener),
    explainVerdicts: async ({ fromMs, toMs }) =>
      verdicts.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs),
    capabilities: { modelPerSeries: true },
    train: round,
    detect: round,
    models: async () => models,
    queue: () => ({
      waiting: models.filter(({ state }) => state === 'waiting').length,
      running: models.filter(({ state }) => state === 'training').length,
      workers: 3,
      secondsToTrainAll: models.some(({ trainedMs }) => trainedMs !== undefined) ? 12.5 : Number.NaN,
      withoutRoom: 0,
    }),
    async trainSeries(request) {
      const model = bySeries(request.series);
      if (model === undefined) throw new AppError('not_found', `There is no series ${request.series}.`);
      trained.push(request);
      return { ...model, options: request.options ?? model.options };
    },
    forecast: async ({ series, minutes }) => forecastOf(bySeries(series), minutes),
    minutes: async () => [],
    explain: async (query) => explained(bySeries(query.series), query),
    evaluate: async (series) =>
      models
        .filter((model) => model.trainedMs !== undefined && model.series === (series ?? model.series))
        .map((model) => ({
          series: model.series,
          meanAbsoluteError: 3.25,
          meanSquaredError: 16,
          rootMeanSquaredError: 4,
          meanAbsolutePercentageError: Number.NaN,
          symmetricMeanAbsolutePercentageError: 0.015,
          meanAbsoluteScaledError: 0.75,
        })),
  };
}

function forecastOf(model: ModelInfo | undefined, minutes: number): ForecastMinute[] {
  const { historyToMs, horizonEndMs } = model ?? {};
  if (historyToMs === undefined || horizonEndMs === undefined) return [];
  const count = Math.min(minutes, (horizonEndMs - historyToMs) / MINUTE_MS);
  return Array.from({ length: count }, (_, i) => {
    const wave = 10 * Math.sin(i / 20);
    const spread = 12 + Math.sqrt(i);
    return {
      timeMs: historyToMs + (i + 1) * MINUTE_MS,
      expected: 212 + wave,
      lower: 212 + wave - spread,
      upper: 212 + wave + spread,
    };
  });
}

function explained(model: ModelInfo | undefined, query: SeriesMinutes | SeriesSpan): ExplainedMinute[] {
  const { historyFromMs, historyToMs, horizonEndMs } = model ?? {};
  if (historyFromMs === undefined || historyToMs === undefined || horizonEndMs === undefined) return [];
  const span =
    'minutes' in query
      ? {
          fromMs: historyToMs - (query.minutes - 1) * MINUTE_MS,
          toMs: historyToMs + query.minutes * MINUTE_MS,
        }
      : query;
  const minutes: ExplainedMinute[] = [];
  for (
    let timeMs = Math.max(historyFromMs, Math.ceil(span.fromMs / MINUTE_MS) * MINUTE_MS);
    timeMs <= Math.min(horizonEndMs, span.toMs);
    timeMs += MINUTE_MS
  ) {
    const isHistory = timeMs <= historyToMs;
    minutes.push({
      timeMs,
      part: isHistory ? 'history' : 'forecast',
      value: isHistory ? 217 : 212,
      expected: 212,
      standardError: isHistory ? 3 : 10,
      lower: isHistory ? Number.NaN : 192,
      upper: isHistory ? Number.NaN : 232,
      trend: 180,
      seasonal: 41,
      seasons: { daily: 35, weekly: 6 },
      holiday: 0,
      spikesAndDips: isHistory ? 4 : 0,
      stepChanges: -9,
      residual: isHistory ? 1 : 0,
    });
  }
  return minutes;
}
