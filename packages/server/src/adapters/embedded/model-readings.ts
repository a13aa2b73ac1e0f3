import type { ExplainedMinute, SeasonName } from '../../ports/model-store.js';
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
    const trend = columns.trend[row]!;
    const holiday = columns.holiday[row]!;
    const stepChanges = columns.stepChanges[row]!;
    return {
      timeMs,
      part: row < columns.historyRows ? 'history' : 'forecast',
      value: columns.values[row]!,
      expected: trend + seasonal + holiday + stepChanges,
      trend,
      seasonal,
      seasons,
      holiday,
      spikesAndDips: columns.spikesAndDips[row]!,
      stepChanges,
      residual: columns.residual[row]!,
    };
  });
}
