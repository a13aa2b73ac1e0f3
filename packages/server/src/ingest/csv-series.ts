import type { Readable } from 'node:stream';
import { closest, distance } from 'fastest-levenshtein';
import { AppError } from '../errors.js';
import { parseValueCell } from './csv-cells.js';
import {
  badRow,
  type CsvOptions,
  type CsvProblem,
  type CsvRecord,
  type CsvRecords,
  openRecords,
} from './csv-records.js';
import {
  isYearCell,
  parseSeriesTime,
  type TimeForm,
  type YearReading,
  yearOfSeconds,
} from './series-time.js';

/** Which columns hold what, by their names in the header. */
export interface SeriesColumns {
  readonly timestamp: string;
  /** Empty: every column but the timestamp's and the ids'. */
  readonly data: readonly string[];
  /** What tells the series apart; empty: each data column is a series of its own. */
  readonly ids: readonly string[];
}

export interface SeriesFileOptions extends CsvOptions {
  /** Whether times of four digits are years. Default: where all times of the file are. */
  readonly years?: YearReading;
}

export interface FileSeries {
  /** One for each id column; the data column's name where there are no ids. */
  readonly ids: readonly string[];
  /** In the order of the file, repeats included; NaN in `values` where the cell is empty. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** All series of a file, in the order in which they first occur. */
export interface SeriesFile {
  readonly timestampColumn: string;
  readonly dataColumn: string;
  readonly idColumns: readonly string[];
  /** Each data column is a series, and there were no id columns. */
  readonly columnsAreSeries: boolean;
  readonly timeForm: TimeForm;
  readonly series: readonly FileSeries[];
  readonly rows: number;
}

/** Where each data column is a series, `series` names it and `value` is what it holds. */
const OWN_ID_COLUMN = 'series';
const OWN_DATA_COLUMN = 'value';

/**
 * Reads a CSV file of one series or many, whole: a column of times, id columns or none, data columns. Other columns
 * are left alone when data columns are named. Rejects with an AppError: `not_found` (no such file), `usage` (a
 * column is not there), `bad_request` (a row, naming line and column). Memory: 16 bytes a value.
 */
export async function readSeriesFile(
  source: string | Readable,
  columns: SeriesColumns,
  options: SeriesFileOptions = {},
): Promise<SeriesFile> {
  const records = await openRecords(source, options, HEADER_HINT);
  try {
    const layout = layoutOf(records, columns);
    const gathered = new GatheredSeries(layout, options.years ?? 'where_all_are');
    for (let record = await records.next(); record !== undefined; record = await records.next()) {
      const problem = gathered.add(record);
      if (problem === undefined) continue;
      if (options.onBadRow === undefined) throw badRow(records.name, problem);
      options.onBadRow(problem);
    }
    return gathered.file(columns);
  } finally {
    records.close();
  }
}

const HEADER_HINT = 'The first line names the columns: a time, perhaps ids, then values.';

interface Column {
  readonly name: string;
  readonly index: number;
}

interface Layout {
  readonly width: number;
  readonly timestamp: Column;
  readonly ids: readonly Column[];
  readonly data: readonly Column[];
}

function layoutOf({ name, header }: CsvRecords, columns: SeriesColumns): Layout {
  const find = (column: string, flag: string): Column => {
    const index = header.cells.indexOf(column);
    if (index < 0) throw missing(name, header.cells, column, flag);
    return { name: column, index };
  };
  const timestamp = find(columns.timestamp, '--timestamp-column');
  const ids = columns.ids.map((column) => find(column, '--id-column'));
  const taken = [timestamp, ...ids].map((column) => column.name);
  const data =
    columns.data.length > 0
      ? columns.data.map((column) => find(column, '--data-column'))
      : header.cells.map((cell, index) => ({ name: cell, index })).filter((one) => !taken.includes(one.name));
  const twice = [...taken, ...data.map((column) => column.name)].find(
    (one, at, all) => all.indexOf(one) !== at,
  );
  if (twice !== undefined) {
    throw new AppError('usage', `The column "${twice}" cannot be two things at once.`, { field: twice });
  }
  if (data.length === 0) {
    throw new AppError('usage', `${name} has no column of values beside ${taken.join(', ')}.`, {
      field: '--data-column',
      hint: HEADER_HINT,
    });
  }
  if (ids.length > 0 && data.length > 1) {
    const names = data.map((column) => column.name);
    throw new AppError(
      'usage',
      `With --id-column one column holds the values; ${name} has ${names.join(', ')}.`,
      {
        field: '--data-column',
        hint: `Say which, for example --data-column ${names.at(-1)}, and name every id column.`,
      },
    );
  }
  return { width: header.cells.length, timestamp, ids, data };
}

function missing(file: string, header: readonly string[], column: string, flag: string): AppError {
  const shown = header.slice(0, 8).join(', ');
  const near = closest(column, [...header]);
  const separators = header.length === 1 && /[;\t]/.test(header[0]!);
  const hint = separators
    ? 'Cells must be separated by commas.'
    : distance(column, near) <= Math.min(near.length - 1, Math.max(2, Math.floor(near.length / 3)))
      ? `Did you mean ${flag} ${near}?`
      : `Name the right one with ${flag}.`;
  return new AppError('usage', `${flag}: ${file} has no column "${column}"; its header is ${shown}.`, {
    field: flag,
    hint,
  });
}

const MIXED_YEARS =
  'four digits and dates stand beside each other; with --frequency yearly four digits are years';

/** Rows put to the series they belong to. */
class GatheredSeries {
  readonly #layout: Layout;
  readonly #isYearly: boolean;
  /** No time yet that could not be a year. */
  #areYears: boolean;
  /** There were times that could be years, and such as are dates. */
  #hasYears = false;
  #hasDates = false;
  readonly #byKey = new Map<string, Growing>();
  #form: TimeForm | undefined;
  #rows = 0;

  constructor(layout: Layout, years: YearReading) {
    this.#layout = layout;
    this.#isYearly = years === 'always';
    this.#areYears = years === 'where_all_are';
    if (layout.ids.length > 0) return;
    for (const { name } of layout.data) this.#byKey.set(name, new Growing([name]));
  }

  /** What is wrong with the row; undefined once it is taken. */
  add({ line, cells }: CsvRecord): CsvProblem | undefined {
    const { width, timestamp, ids, data } = this.#layout;
    if (cells.length !== width)
      return { line, message: `the row has ${cells.length} cells, the header ${width}` };
    const cell = cells[timestamp.index]!;
    const time = parseSeriesTime(cell, this.#isYearly);
    if (!time.ok) return { line, column: timestamp.name, message: time.message };
    if (this.#mixesYears(cell, time.form)) return { line, column: timestamp.name, message: MIXED_YEARS };
    const values: number[] = [];
    for (const { name, index } of data) {
      const value = parseValueCell(cells[index]!);
      if (!value.ok) {
        const isName = ids.length === 0 && data.length > 1 && /[a-z]/i.test(cells[index]!);
        const how = isName ? `; if "${name}" tells series apart, say --id-column ${name}` : '';
        return { line, column: name, message: value.message + how };
      }
      values.push(value.value);
    }
    this.#form ??= time.form;
    this.#areYears &&= isYearCell(cell);
    this.#rows++;
    if (ids.length > 0) this.#seriesOf(ids.map(({ index }) => cells[index]!)).push(time.timeMs, values[0]!);
    else for (const [at, { name }] of data.entries()) this.#byKey.get(name)!.push(time.timeMs, values[at]!);
    return undefined;
  }

  /** Whether four digits stand beside dates: as seconds they would lie in 1970. */
  #mixesYears(cell: string, form: TimeForm): boolean {
    if (form === 'year' || form === 'milliseconds') return false;
    if (isYearCell(cell)) this.#hasYears = true;
    else if (form !== 'seconds') this.#hasDates = true;
    return this.#hasYears && this.#hasDates;
  }

  #seriesOf(ids: readonly string[]): Growing {
    const key = ids.length === 1 ? ids[0]! : JSON.stringify(ids);
    let series = this.#byKey.get(key);
    if (series === undefined) {
      series = new Growing(ids);
      this.#byKey.set(key, series);
    }
    return series;
  }

  file({ ids }: SeriesColumns): SeriesFile {
    const { timestamp, data } = this.#layout;
    const areYears = this.#areYears && this.#rows > 0;
    return {
      timestampColumn: timestamp.name,
      dataColumn: data.length === 1 ? data[0]!.name : OWN_DATA_COLUMN,
      idColumns: ids.length > 0 ? ids : [OWN_ID_COLUMN],
      columnsAreSeries: ids.length === 0,
      timeForm: areYears ? 'year' : (this.#form ?? 'zoned'),
      series: [...this.#byKey.values()].map((series) => series.done(areYears)),
      rows: this.#rows,
    };
  }
}

/** A series whose length is not known yet. */
class Growing {
  readonly #ids: readonly string[];
  #timesMs = new Float64Array(64);
  #values = new Float64Array(64);
  #length = 0;

  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  push(timeMs: number, value: number): void {
    if (this.#length === this.#values.length) {
      this.#timesMs = doubled(this.#timesMs);
      this.#values = doubled(this.#values);
    }
    this.#timesMs[this.#length] = timeMs;
    this.#values[this.#length++] = value;
  }

  /** Arrays of their own, so that they can be handed to another thread. */
  done(areYears: boolean): FileSeries {
    const timesMs = this.#timesMs.slice(0, this.#length);
    if (areYears) for (let row = 0; row < timesMs.length; row++) timesMs[row] = yearOfSeconds(timesMs[row]!);
    return { ids: this.#ids, timesMs, values: this.#values.slice(0, this.#length) };
  }
}

function doubled(from: Float64Array): Float64Array<ArrayBuffer> {
  const to = new Float64Array(2 * from.length);
  to.set(from);
  return to;
}
