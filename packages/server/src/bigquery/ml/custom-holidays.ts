import type { CustomHoliday } from '@seismo/engine';
import { SqlError } from '../sql/plan.js';
import { columnIndex, type MlRows } from './ml-rows.js';

const DAY_MS = 86_400_000;
/** By the names of the query custom_holiday; those of a whole number of days may be left out. */
const COLUMNS = {
  region: 'STRING',
  holiday_name: 'STRING',
  primary_date: 'DATE',
  preholiday_days: 'INT64',
  postholiday_days: 'INT64',
} as const;
type ColumnName = keyof typeof COLUMNS;
const OPTIONAL: readonly string[] = ['preholiday_days', 'postholiday_days'];

/**
 * The rows of the query custom_holiday as the engine takes them; it checks their values.
 * @throws SqlError on a column that is missing, of another type or unknown, and on NULL where none may be
 */
export function customHolidays(rows: MlRows): CustomHoliday[] {
  checkHolidayColumns(rows);
  const places = new Map(
    (Object.keys(COLUMNS) as ColumnName[]).map((name) => [name, placeOf(name, rows)] as const),
  );
  return Array.from({ length: rows.rowCount }, (_, row): CustomHoliday => {
    const cell = (name: ColumnName): unknown => {
      const place = places.get(name);
      const value = place === undefined ? null : rows.values[place]![row];
      if (value === null && !OPTIONAL.includes(name)) throw invalid(`has a row without ${name}`);
      return value;
    };
    const days = (name: ColumnName) => {
      const value = cell(name);
      return value === null ? undefined : Number(value);
    };
    return {
      region: String(cell('region')),
      holidayName: String(cell('holiday_name')),
      primaryMs: Number(cell('primary_date')) * DAY_MS,
      preholidayDays: days('preholiday_days'),
      postholidayDays: days('postholiday_days'),
    };
  });
}

/** @throws SqlError on a column that is missing, of another type or unknown */
export function checkHolidayColumns(rows: Pick<MlRows, 'columns'>): void {
  for (const { name } of rows.columns) {
    if (name.toLowerCase() in COLUMNS) continue;
    throw invalid(`has a column ${name}; there are ${Object.keys(COLUMNS).join(', ')}`);
  }
  for (const name of Object.keys(COLUMNS) as ColumnName[]) placeOf(name, rows);
}

function placeOf(name: ColumnName, { columns }: Pick<MlRows, 'columns'>): number | undefined {
  const place = columnIndex(columns, name);
  if (place === undefined) {
    if (OPTIONAL.includes(name)) return undefined;
    throw invalid(`needs a column ${name} of type ${COLUMNS[name]}`);
  }
  const { type, mode } = columns[place]!;
  if (type === COLUMNS[name] && mode !== 'REPEATED') return place;
  throw invalid(
    `has a column ${name} of type ${mode === 'REPEATED' ? `ARRAY<${type}>` : type}, not ${COLUMNS[name]}`,
  );
}

function invalid(what: string): SqlError {
  return new SqlError('invalidQuery', `custom_holiday ${what}.`);
}
