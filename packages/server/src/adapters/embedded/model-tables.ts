import type { ExpectedColumns, Explanation, VerdictRow } from './duckdb-explanations.js';
import { tellShortage } from './duckdb-failures.js';
import type { TrainedModel } from './duckdb-model-writer.js';
import type { ForecastColumns, JudgedColumns, MeanColumns, SurveyColumns } from './duckdb-models.js';
import type { ModelsReply, RoundReply, RoundRequest } from './duckdb-protocol.js';
import type { DuckDbWorkerClient } from './duckdb-worker-client.js';

/** The part of the data folder that models need. Every call rejects with `not_ready` once the store is closed. */
export interface ModelTables {
  readonly dataFolder: string;
  /** Whether nothing should be written for want of space. */
  isFull(): boolean;
  open(): Promise<ModelsReply>;
  judge(request: RoundRequest): Promise<RoundReply>;
  save(models: readonly TrainedModel[]): Promise<void>;
  remove(ids: readonly number[]): Promise<void>;
  /** First and last sample of each series that has one since. */
  survey(fromMs: number): Promise<SurveyColumns>;
  /** Time of the newest sample; 0 where there is none. */
  lastSampleMs(seriesId: number): Promise<number>;
  means(seriesId: number, fromMs: number, untilMs: number): Promise<MeanColumns>;
  forecast(seriesId: number, fromMs: number, minutes: number): Promise<ForecastColumns>;
  judged(seriesId: number, fromMs: number, toMs: number): Promise<JudgedColumns>;
  /** Judged minutes that hold an anomaly, and whose expectation is not kept in parts yet. */
  unexplained(seriesId: number, fromMs: number): Promise<ExpectedColumns>;
  verdicts(seriesId: number, fromMs: number, toMs: number): Promise<VerdictRow[]>;
  saveExplanations(seriesId: number, explanations: readonly Explanation[]): Promise<void>;
}

export function createModelTables(
  worker: DuckDbWorkerClient,
  dataFolder: string,
  isFull: () => boolean,
): ModelTables {
  return {
    dataFolder,
    isFull,
    open: () => worker.call('openModels', undefined),
    judge: (request) => worker.call('judgeMinutes', request),
    save: (models) => worker.call('saveModels', { models }, models.flatMap(buffersOf)),
    remove: (ids) => worker.call('removeModels', { ids }),
    survey: (fromMs) => tellShortage(worker.call('surveySeries', { fromMs })),
    lastSampleMs: (seriesId) => worker.call('lastSample', { seriesId }),
    means: (seriesId, fromMs, untilMs) => worker.call('readMeans', { seriesId, fromMs, untilMs }),
    forecast: (seriesId, fromMs, minutes) => worker.call('readForecast', { seriesId, fromMs, minutes }),
    judged: (seriesId, fromMs, toMs) => worker.call('readJudged', { seriesId, fromMs, toMs }),
    unexplained: (seriesId, fromMs) => worker.call('readUnexplained', { seriesId, fromMs }),
    verdicts: (seriesId, fromMs, toMs) => worker.call('readVerdicts', { seriesId, fromMs, toMs }),
    saveExplanations: (seriesId, explanations) => worker.call('saveExplanations', { seriesId, explanations }),
  };
}

function buffersOf({ forecast }: TrainedModel): ArrayBuffer[] {
  return forecast === undefined
    ? []
    : [forecast.timesMs, forecast.expected, forecast.deviations].map(
        (column) => column.buffer as ArrayBuffer,
      );
}
