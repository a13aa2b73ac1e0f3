import type { ArimaFacts } from '../../model/arima-facts.js';
import type { OpenSqlModel, SqlModelColumn, SqlModelHeader, SqlModelSeries } from '../../ports/sql-models.js';

/** BigQuery's `Model` in its REST form: whole numbers as texts. */
export type ModelResource = Readonly<Record<string, unknown>>;

/** What `models.list` tells of each. */
export function modelListing(projectId: string, header: SqlModelHeader): ModelResource {
  const { dataset: datasetId, model: modelId, createdMs, trainedMs, trainingSeconds } = header;
  const modifiedMs = Math.max(createdMs, Math.round(trainedMs + trainingSeconds * 1000));
  return {
    modelReference: { projectId, datasetId, modelId },
    modelType: 'ARIMA_PLUS',
    creationTime: String(createdMs),
    lastModifiedTime: String(modifiedMs),
    etag: Buffer.from(`${datasetId}.${modelId}.${modifiedMs}`).toString('base64url'),
    location: 'US',
  };
}

/** What `models.get` tells: the columns, and of the training what was asked for and what came of every series. */
export function modelResource(projectId: string, { header, series }: OpenSqlModel): ModelResource {
  const { timestampColumn, dataColumn, idColumns, trainedMs, trainingSeconds } = header;
  const durationMs = String(Math.round(trainingSeconds * 1000));
  const infos = series.flatMap((one) =>
    one.facts === undefined ? [] : [seriesInfo(header, one, one.facts)],
  );
  const periods = new Set(series.flatMap(({ facts }) => facts?.seasonalPeriods ?? []));
  return {
    ...modelListing(projectId, header),
    featureColumns: [timestampColumn, ...idColumns].map(fieldOf),
    labelColumns: [fieldOf(dataColumn)],
    trainingRuns: [
      {
        startTime: new Date(trainedMs).toISOString(),
        trainingOptions: trainingOptions(header),
        results: [
          { index: 0, durationMs, arimaResult: { arimaModelInfo: infos, seasonalPeriods: [...periods] } },
        ],
      },
    ],
  };
}

function fieldOf({ name, type }: SqlModelColumn) {
  return { name, type: { typeKind: type } };
}

function seriesInfo({ idColumns }: SqlModelHeader, { ids }: SqlModelSeries, facts: ArimaFacts) {
  const { order, arCoefficients, maCoefficients, interceptOrDrift } = facts;
  const { logLikelihood, aic, variance, hasDrift, seasonalPeriods } = facts;
  const { hasHolidayEffect, hasSpikesAndDips, hasStepChanges } = facts;
  const texts = ids.map((id) => String(id));
  return {
    nonSeasonalOrder: { p: String(order.p), d: String(order.d), q: String(order.q) },
    arimaCoefficients: {
      autoRegressiveCoefficients: arCoefficients,
      movingAverageCoefficients: maCoefficients,
      interceptCoefficient: interceptOrDrift,
    },
    arimaFittingMetrics: { logLikelihood, aic, variance },
    hasDrift,
    seasonalPeriods,
    hasHolidayEffect,
    hasSpikesAndDips,
    hasStepChanges,
    ...(idColumns.length === 0 ? {} : { timeSeriesIds: texts }),
    ...(idColumns.length === 1 ? { timeSeriesId: texts[0] } : {}),
  };
}

/** By REST's names: TIME_SERIES_DATA_COL of the statement is timeSeriesDataColumn there. */
const RENAMED: Readonly<Record<string, string>> = {
  TIME_SERIES_TIMESTAMP_COL: 'timeSeriesTimestampColumn',
  TIME_SERIES_DATA_COL: 'timeSeriesDataColumn',
  TIME_SERIES_ID_COL: 'timeSeriesIdColumns',
};
const WHOLE = ['horizon', 'autoArimaMaxOrder', 'autoArimaMinOrder', 'trendSmoothingWindowSize'];
const WHOLE_TOO = ['minTimeSeriesLength', 'maxTimeSeriesLength'];
const AS_TEXT = [...WHOLE, ...WHOLE_TOO];

function trainingOptions({ options, horizon }: SqlModelHeader): Record<string, unknown> {
  const shown: Record<string, unknown> = { horizon: String(horizon) };
  for (const [name, value] of Object.entries(options)) {
    if (name === 'MODEL_TYPE') continue;
    const key =
      RENAMED[name] ?? name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    if (AS_TEXT.includes(key)) shown[key] = String(value);
    else if (key === 'timeSeriesIdColumns') shown[key] = Array.isArray(value) ? value : [value];
    else if (key === 'nonSeasonalOrder' && Array.isArray(value)) {
      const [p, d, q] = value.map(String);
      shown[key] = { p, d, q };
    } else shown[key] = value;
  }
  return shown;
}
