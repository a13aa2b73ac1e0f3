import { stat } from 'node:fs/promises';
import type { HolidayWindow } from '@seismo/engine';
import { AppError } from '../errors.js';
import { readSeriesFile, type SeriesFile } from '../ingest/csv-series.js';
import type { SeriesFlags } from './arima-flags.js';
import { ARIMA_OPTIONS, type GivenOptions } from './arima-options.js';
import { inFlags } from './arima-run.js';
import type { ArimaSource } from './arima-work.js';
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
export async function readRows(file: string, flags: SeriesFlags, isYearly: boolean): Promise<SeriesFile> {
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
      isYearly,
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
  const rows = await readRows(file, flags, given.get('--frequency') === 'YEARLY');
  const options = { ...engineOptions(given), horizon, ...(await holidaysOf(rows, given, horizon)) };
  return {
    header: rows,
    series: rows.series.map(({ ids, timesMs, values }) => ({
      ids,
      source: { timesMs, values, options, holdout },
      errorMessage: undefined,
    })),
  };
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

/** What goes to the engine as it is; holidays are not among it. */
export function engineOptions(given: GivenOptions): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const { flag, key } of ARIMA_OPTIONS) {
    const value = given.get(flag);
    if (key !== undefined && value !== undefined) options[key] = value;
  }
  return options;
}

const WEEK_MS = 7 * 86_400_000;

/** From the first time of any series to the last that a forecast by weeks can reach. */
async function holidaysOf(
  { series }: SeriesFile,
  given: GivenOptions,
  horizon: number,
): Promise<{ holidays?: readonly HolidayWindow[] }> {
  const regions = given.get('--holiday-region') as readonly string[] | undefined;
  if (regions === undefined) return {};
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const { timesMs } of series) {
    for (const timeMs of timesMs) {
      fromMs = Math.min(fromMs, timeMs);
      toMs = Math.max(toMs, timeMs);
    }
  }
  // It takes a quarter of a second to load, which only those pay who ask for holidays.
  const { dateHolidaysCalendar } = await import('../adapters/calendar/date-holidays-calendar.js');
  const daysBefore = (given.get('--holiday-days-before') ?? 1) as number;
  const daysAfter = (given.get('--holiday-days-after') ?? 1) as number;
  const request = { regions, fromMs, toMs: toMs + horizon * WEEK_MS, daysBefore, daysAfter };
  try {
    return { holidays: await dateHolidaysCalendar.windows(request) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw inFlags(error.message, error) ?? error;
  }
}
