import type { HolidayWindow } from '@seismo/engine';
import { AppError } from '../../errors.js';
import { holidayRange } from '../../model/holiday-range.js';
import type { ArimaThreads } from '../../ports/arima-threads.js';
import type { Clock } from '../../ports/clock.js';
import type { HolidayCalendar } from '../../ports/holiday-calendar.js';
import type { SqlModelColumn, SqlModelHeader, SqlModels } from '../../ports/sql-models.js';
import { SqlError, type TableName } from '../sql/plan.js';
import { checkHolidayColumns, customHolidays } from './custom-holidays.js';
import { columnIndex, type MlRows, numbersOf, timesMsOf } from './ml-rows.js';
import { type ModelRequest, readModelOptions } from './model-options.js';
import { rowsBySeries, SeriesNumbers } from './series-numbers.js';
import { type TrainingData, type TrainingResult, trainSeries } from './train-series.js';

export interface CreateModelRequest {
  readonly target: TableName;
  readonly orReplace: boolean;
  /** Names in upper case. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: MlRows;
  /** Rows of the query custom_holiday. */
  readonly customHolidays?: MlRows;
  readonly signal?: AbortSignal;
}

export interface CreateModelParts {
  readonly models: SqlModels;
  readonly threads: ArimaThreads;
  readonly calendar: HolidayCalendar;
  readonly clock: Clock;
}

/** A model that was made, and what is to be said of it. */
export interface CreatedModel {
  readonly header: SqlModelHeader;
  /** Series that have no model, by reason. */
  readonly warnings: readonly string[];
}

/**
 * Trains every series of the input, on all threads, and stores them as one model; series that cannot be modelled are
 * left out with their reason. Rejects with an SqlError where options or input do not suit, where not one series could
 * be modelled, or where there is such a model already; with the signal's reason once it is aborted. Nothing is
 * stored then.
 */
export async function createModel(
  request: CreateModelRequest,
  parts: CreateModelParts,
): Promise<CreatedModel> {
  const startMs = parts.clock.nowMs();
  const read = readModelOptions(request.options);
  const columns = trainingColumns(read, request.input);
  refuseExisting(request, parts.models);
  const data = trainingData(columns, request.input);
  const own = request.customHolidays;
  const options = {
    ...read.options,
    ...(own === undefined ? {} : { customHolidays: customHolidays(own) }),
    ...(await holidays(read, data, parts.calendar)),
  };
  const stored = await parts.models.create();
  try {
    const result = await trainSeries({
      data,
      options,
      stored,
      threads: parts.threads,
      signal: request.signal,
    });
    const header = headerOf(request, columns, { read, startMs, endMs: parts.clock.nowMs(), data, result });
    const former = parts.models.get(header);
    const complete = former === undefined ? header : { ...header, createdMs: former.createdMs };
    if (!(await stored.finish(complete, { replace: request.orReplace }))) throw duplicate(request.target);
    return { header: complete, warnings: warningsOf(result.failures) };
  } finally {
    await stored.abandon();
  }
}

/** What can be told of a CREATE MODEL before its queries run. */
export interface ModelShape {
  readonly options: Readonly<Record<string, unknown>>;
  readonly query: Pick<MlRows, 'columns'>;
  readonly customHolidays?: Pick<MlRows, 'columns'>;
}

/** @throws SqlError where options or columns do not suit */
export function checkModel({ options, query, customHolidays: holidays }: ModelShape): void {
  trainingColumns(readModelOptions(options), query);
  if (holidays !== undefined) checkHolidayColumns(holidays);
}

interface TrainingColumns {
  readonly timestamp: SqlModelColumn;
  readonly data: SqlModelColumn;
  readonly ids: readonly SqlModelColumn[];
}

const TIME_TYPES = ['TIMESTAMP', 'DATE', 'DATETIME'];
const NUMBER_TYPES = ['INT64', 'FLOAT64', 'NUMERIC'];
const ID_TYPES = ['STRING', 'INT64', 'BOOL', 'DATE', 'TIMESTAMP', 'DATETIME', 'NUMERIC'];

/** BigQuery's; others cannot be summed over. */
const HIERARCHY_TYPES = ['STRING', 'INT64'];

function trainingColumns(request: ModelRequest, input: Pick<MlRows, 'columns'>): TrainingColumns {
  for (const name of request.hierarchicalColumns) {
    trainingColumn('HIERARCHICAL_TIME_SERIES_COLS', name, HIERARCHY_TYPES, input);
  }
  return {
    timestamp: trainingColumn('TIME_SERIES_TIMESTAMP_COL', request.timestampColumn, TIME_TYPES, input),
    data: trainingColumn('TIME_SERIES_DATA_COL', request.dataColumn, NUMBER_TYPES, input),
    ids: request.idColumns.map((name) => trainingColumn('TIME_SERIES_ID_COL', name, ID_TYPES, input)),
  };
}

function trainingColumn(
  option: string,
  wanted: string,
  types: readonly string[],
  { columns }: Pick<MlRows, 'columns'>,
): SqlModelColumn {
  const at = columnIndex(columns, wanted);
  if (at === undefined) {
    const names = columns.map(({ name }) => name).join(', ');
    throw invalid(`${option}: column ${wanted} is not in the training data, whose columns are ${names}.`);
  }
  const { name, type, mode } = columns[at]!;
  if (mode !== 'REPEATED' && types.includes(type)) return { name, type };
  const given = mode === 'REPEATED' ? `ARRAY<${type}>` : type;
  const isSeconds = option === 'TIME_SERIES_TIMESTAMP_COL' && given === 'INT64';
  const hint = isSeconds ? ` Use TIMESTAMP_SECONDS(${name}) AS ${name} in the query.` : '';
  throw invalid(`${option}: column ${name} must be of type ${types.join(', ')}, not ${given}.${hint}`);
}

function trainingData(
  { timestamp, data, ids }: TrainingColumns,
  { columns, values, rowCount }: MlRows,
): TrainingData {
  const place = ({ name }: SqlModelColumn) => columnIndex(columns, name)!;
  const known = new SeriesNumbers(ids);
  const numbers = known.ofRows(
    ids.map((column) => values[place(column)]!),
    rowCount,
    true,
  );
  return {
    ids: known.ids,
    timesMs: timesMsOf(values[place(timestamp)]!, timestamp.type),
    values: numbersOf(values[place(data)]!),
    ...rowsBySeries(numbers, known.ids.length),
  };
}

async function holidays(
  { holidayRegions: regions, holidayDaysBefore, holidayDaysAfter, options }: ModelRequest,
  { timesMs, order, starts, ids }: TrainingData,
  calendar: HolidayCalendar,
): Promise<{ holidays?: readonly HolidayWindow[] }> {
  if (regions.length === 0) return {};
  const series = ids.map((_, number) =>
    Float64Array.from(order.subarray(starts[number]!, starts[number + 1]!), (row) => timesMs[row]!),
  );
  const range = holidayRange(series, options.frequency, options.horizon ?? 1000);
  if (range === undefined) return {};
  const days = { daysBefore: holidayDaysBefore, daysAfter: holidayDaysAfter };
  try {
    return { holidays: await calendar.windows({ regions, ...range, ...days }) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw invalid(error.hint === undefined ? error.message : `${error.message} ${error.hint}`);
  }
}

interface Trained {
  readonly read: ModelRequest;
  readonly startMs: number;
  readonly endMs: number;
  readonly data: TrainingData;
  readonly result: TrainingResult;
}

function headerOf(
  { target, options, input }: CreateModelRequest,
  { timestamp, data: dataColumn, ids }: TrainingColumns,
  { read, startMs, endMs, data, result }: Trained,
): SqlModelHeader {
  return {
    dataset: target.dataset,
    model: target.table,
    createdMs: endMs,
    trainedMs: startMs,
    trainingSeconds: (endMs - startMs) / 1000,
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, asNumber(value)])),
    timestampColumn: timestamp,
    dataColumn,
    idColumns: ids,
    hierarchicalColumns: read.hierarchicalColumns.map((name) => ids[read.idColumns.indexOf(name)]!.name),
    horizon: Number(options.HORIZON ?? 1000),
    rows: input.rowCount,
    series: data.ids.length,
    failedSeries: data.ids.length - result.trained,
  };
}

/** JSON knows no whole numbers but these; those that were not read as such are refused before. */
function asNumber(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asNumber);
  return typeof value === 'bigint' ? Number(value) : value;
}

function refuseExisting({ target, orReplace }: CreateModelRequest, models: SqlModels): void {
  const { dataset, table: model } = target;
  const former = models.get({ dataset, model });
  if (former?.isServers) throw isServers(target);
  if (!orReplace && former !== undefined) throw duplicate(target);
}

/** As tables of the server say it. */
export function isServers({ projectId, dataset, table }: TableName): SqlError {
  return new SqlError(
    'accessDenied',
    `Access Denied: Model ${projectId}:${dataset}.${table} is trained by this server itself and cannot be replaced or ` +
      'dropped. Make one of another name.',
  );
}

function duplicate({ projectId, dataset, table }: TableName): SqlError {
  return new SqlError('duplicate', `Already Exists: Model ${projectId}:${dataset}.${table}`);
}

/** Reasons that are named one by one. */
const REASONS_MAX = 10;

function warningsOf(failures: ReadonlyMap<string, number>): string[] {
  const named = [...failures].slice(0, REASONS_MAX);
  const others = [...failures.values()].slice(REASONS_MAX).reduce((sum, count) => sum + count, 0);
  const warnings = named.map(([reason, count]) => `${count} time series without a model: ${reason}`);
  const rest = `${others} more time series without a model: ML.ARIMA_EVALUATE says why.`;
  return others === 0 ? warnings : [...warnings, rest];
}

function invalid(message: string): SqlError {
  return new SqlError('invalidQuery', message);
}
