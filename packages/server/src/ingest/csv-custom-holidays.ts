import type { CustomHoliday } from '@seismo/engine';
import { closest, distance } from 'fastest-levenshtein';
import { AppError } from '../errors.js';
import { shortenCell } from './csv-cells.js';
import { badRow, type CsvRecords, openRecords } from './csv-records.js';
import { parseSeriesTime } from './series-time.js';

const REQUIRED = ['region', 'holiday_name', 'primary_date'] as const;
const OPTIONAL = ['preholiday_days', 'postholiday_days'] as const;
type Column = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];
const HINT = `Its header is ${[...REQUIRED, ...OPTIONAL].join(',')}; the last two may be left out.`;

/**
 * Reads a CSV file with the columns of BigQuery's query custom_holiday, in any order. Rejects with an AppError:
 * `not_found` (no such file), `bad_request` (a column that is missing or unknown, or a row, naming line and column).
 */
export async function readCustomHolidays(path: string): Promise<CustomHoliday[]> {
  const records = await openRecords(path, {}, HINT);
  try {
    const columns = columnsOf(records);
    const holidays: CustomHoliday[] = [];
    for (let record = await records.next(); record !== undefined; record = await records.next()) {
      const { line, cells } = record;
      const width = records.header.cells.length;
      if (cells.length !== width) {
        throw badRow(records.name, {
          line,
          message: `the row has ${cells.length} cells, the header ${width}`,
        });
      }
      const fail = (column: Column, message: string) => badRow(records.name, { line, column, message }, HINT);
      holidays.push(holidayOf((column) => cells[columns.get(column) ?? -1]?.trim() ?? '', fail));
    }
    return holidays;
  } finally {
    records.close();
  }
}

function columnsOf({ name, header }: CsvRecords): ReadonlyMap<Column, number> {
  const known: readonly string[] = [...REQUIRED, ...OPTIONAL];
  const unknown = header.cells.find((cell) => !known.includes(cell));
  if (unknown !== undefined) {
    const near = closest(unknown, [...known]);
    const hint = distance(unknown, near) <= 3 ? `Did you mean ${near}? ${HINT}` : HINT;
    throw wrongHeader(`${name} has a column "${unknown}" that no holiday has.`, hint);
  }
  const missing = REQUIRED.find((column) => !header.cells.includes(column));
  if (missing !== undefined) throw wrongHeader(`${name} has no column ${missing}.`, HINT);
  return new Map(header.cells.map((cell, index) => [cell as Column, index]));
}

function wrongHeader(message: string, hint: string): AppError {
  return new AppError('bad_request', message, { field: '--custom-holidays', hint });
}

function holidayOf(
  cell: (column: Column) => string,
  fail: (column: Column, message: string) => AppError,
): CustomHoliday {
  const [region, holidayName] = [cell('region'), cell('holiday_name')];
  if (region === '') throw fail('region', 'the region is missing');
  if (holidayName === '') throw fail('holiday_name', 'the name is missing');
  const date = parseSeriesTime(cell('primary_date'));
  if (!date.ok || date.form !== 'date') {
    throw fail('primary_date', `"${shortenCell(cell('primary_date'))}" is not a date such as 2024-11-28`);
  }
  const days = (column: (typeof OPTIONAL)[number]): number | undefined => {
    const text = cell(column);
    if (text === '') return undefined;
    if (/^\d+$/.test(text) && Number(text) >= 1) return Number(text);
    throw fail(column, `"${shortenCell(text)}" is not a whole number from 1`);
  };
  return {
    ...{ region, holidayName, primaryMs: date.timeMs },
    preholidayDays: days('preholiday_days'),
    postholidayDays: days('postholiday_days'),
  };
}
