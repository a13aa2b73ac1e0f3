import { stat } from 'node:fs/promises';
import { AppError } from '../errors.js';
import { readSeriesFile, type SeriesFile } from '../ingest/csv-series.js';
import type { YearReading } from '../ingest/series-time.js';
import type { ArimaSource } from '../model/arima-work.js';
import type { SeriesFlags } from './arima-flags.js';
import { holidaysOf } from './arima-holidays.js';
import type { GivenOptions } from './arima-options.js';
import { BadRows } from './bad-rows.js';
import { type ModelFileHeader, readModelFile } from './model-file.js';
import { ProgressBar } from './progress-bar.js';

/** Series to be asked, of a file of rows or of models. */
export interface ArimaInput {
  readonly header: ModelFileHeader;
  readonly series: readonly InputSeries[];
}

export interface InputSeries {
  readonly ids: readonly string[];
  /** Undefined where the file of models has none. */
  readonly source: ArimaSource | undefined;
  /** What was said of it when it was trained. */
  readonly errorMessage: string | undefined;
}

/** Reads a CSV file; bad rows end it, or are named and left out with --skip-bad. */
export async function readRows(file: string, flags: SeriesFlags, years: YearReading): Promise<SeriesFile> {
  const bar = new ProgressBar(flags.quiet !== true && process.stdout.isTTY !== true);
  const problems = new BadRows(process.stderr);
  const sizeBytes =
    file === '-'
      ? 0
      : await stat(file).then(
          ({ size }) => size,
          () => 0,
        );
  const columns = { timestamp: flags.timestampColumn, data: flags.dataColumn, ids: flags.idColumn };
  try {
    const read = await readSeriesFile(file, columns, {
      years,
      ...(flags.skipBad === true ? { onBadRow: (problem) => problems.add(problem) } : {}),
      onBytes: (bytes) => sizeBytes > 0 && bar.update(bytes / sizeBytes, 'read'),
    });
    if (read.rows === 0)
      throw new AppError('bad_request', `${file} has a header and no row that can be read.`);
    return read;
  } finally {
    bar.clear();
    problems.finish();
  }
}

/** The series of a CSV file, each to be learned with these options; its last `holdout` times are kept back. */
export async function inputOfRows(
  file: string,
  flags: SeriesFlags,
  given: GivenOptions,
  { horizon, holdout = 0 }: { horizon: number; holdout?: number },
): Promise<ArimaInput> {
  const rows = await readRows(file, flags, yearsAt(given.options.frequency));
  const holidays = await holidaysOf(rows.series, given, horizon);
  const options = { ...given.options, horizon, ...holidays };
  return {
    header: { ...rows, ...hierarchyIn(rows, given.hierarchicalColumns) },
    series: rows.series.map(({ ids, timesMs, values }) => ({
      ids,
      source: { timesMs, values, options, holdout },
      errorMessage: undefined,
    })),
  };
}

/** Whoever asks for minutes or hours has seconds; whoever asks for nothing has what all of the times are. */
function yearsAt(frequency: GivenOptions['options']['frequency']): YearReading {
  if (frequency === 'PER_MINUTE' || frequency === 'HOURLY') return 'never';
  return frequency === 'YEARLY' ? 'always' : 'where_all_are';
}

export async function inputOfModels(path: string): Promise<ArimaInput> {
  const { header, series } = await readModelFile(path);
  return {
    header,
    series: series.map(({ ids, model, errorMessage }) => ({
      ids,
      source: model === undefined ? undefined : { saved: model },
      errorMessage,
    })),
  };
}

function hierarchyIn({ series }: SeriesFile, columns: readonly string[]): Pick<ModelFileHeader, 'hierarchy'> {
  if (columns.length === 0) return {};
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const { timesMs, values } of series) {
    for (let row = 0; row < timesMs.length; row++) {
      if (!Number.isNaN(values[row])) newestMs = Math.max(newestMs, timesMs[row]!);
    }
  }
  return { hierarchy: { columns, newestMs } };
}
