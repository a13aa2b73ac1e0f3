import { normalPoint } from '@seismo/engine/normal-distribution';
import type { ExplainedMinute, ForecastMinute, ModelOptions, SeasonName } from '../../ports/model-store.js';
import type { ForecastColumns } from './duckdb-models.js';
import { boundsOf } from './minute-expectation.js';
import type { ExplainedColumns } from './model-tasks.js';

/** The columns that a thread gave, row by row. */
export function explainedMinutes(columns: ExplainedColumns): ExplainedMinute[] {
  const names = Object.keys(columns.seasons) as SeasonName[];
  return Array.from(columns.timesMs, (timeMs, row) => {
    const seasons: Partial<Record<SeasonName, number>> = {};
    let seasonal = 0;
    for (const name of names) {
      seasons[name] = columns.seasons[name]![row]!;
      seasonal += seasons[name];
    }
    return {
      timeMs,
      part: row < columns.historyRows ? 'history' : 'forecast',
      value: columns.values[row]!,
      expected: columns.adjusted[row]!,
      standardError: columns.standardErrors[row]!,
      lower: columns.lower[row]!,
      upper: columns.upper[row]!,
      trend: columns.trend[row]!,
      seasonal,
      seasons,
      holiday: columns.holiday[row]!,
      spikesAndDips: columns.spikesAndDips[row]!,
      stepChanges: columns.stepChanges[row]!,
      residual: columns.residual[row]!,
    };
  });
}

/** Of forecasts that are shown. */
const CONFIDENCE = 0.95;

/** With intervals, for which FORECAST_LIMIT bounds hold too. */
export function forecastMinutes(found: ForecastColumns, options: ModelOptions): ForecastMinute[] {
  const width = normalPoint(CONFIDENCE);
  const least = Number(options.forecastLimitLowerBound ?? Number.NEGATIVE_INFINITY);
  const most = Number(options.forecastLimitUpperBound ?? Number.POSITIVE_INFINITY);
  const within = (value: number) => Math.min(Math.max(value, least), most);
  const { lowerLimit, upperLimit } = found;
  return Array.from(found.timesMs, (timeMs, row) => {
    const expected = found.expected[row]!;
    const deviation = found.deviations[row]!;
    const { lower, upper } = boundsOf({ expected, deviation, lowerLimit, upperLimit }, width);
    return { timeMs, expected, lower: within(lower), upper: within(upper) };
  });
}
