import type { Column, ScalarType } from '../sql/plan.js';
import { CellError, cellOfText } from './cell-values.js';
import { csvRecords, type FilePart, jsonLines } from './load-records.js';
import type { CsvSettings, LoadSettings } from './load-settings.js';
import { RestError } from './rest-error.js';

/** Rows that are looked at to find out what the columns of a file are. */
const SAMPLE_ROWS = 500;

/** From the narrowest type to the widest. */
const GUESSES: readonly ScalarType[] = ['BOOL', 'INT64', 'FLOAT64', 'DATE', 'TIMESTAMP', 'TIME', 'STRING'];

/** The columns of a file by its first rows, as `autodetect` asks for. */
export function detectColumns(settings: LoadSettings, part: FilePart): Promise<readonly Column[]> {
  return settings.format === 'CSV' ? ofCsv(settings, part) : ofJson(part);
}

/** The settings with the first row skipped where it names the columns. */
export async function withFoundHeader(settings: LoadSettings, part: FilePart): Promise<LoadSettings> {
  const { csv, format } = settings;
  if (format !== 'CSV' || !csv.findHeader) return settings;
  const rows = await firstRows(csv, part);
  return isHeader(rows) ? { ...settings, csv: { ...csv, skipRows: 1, findHeader: false } } : settings;
}

/** Names alone, above a column of something else than texts. */
function isHeader([first, ...rest]: readonly (readonly string[])[]): boolean {
  if (first === undefined || rest.length === 0) return false;
  const named = first.every((cell) => cell !== '' && guess([cell]) === 'STRING');
  return named && first.some((_, index) => guess(rest.map((row) => row[index] ?? '')) !== 'STRING');
}

async function firstRows(csv: CsvSettings, part: FilePart): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for await (const cells of csvRecords(part, csv)) {
    rows.push(cells);
    if (rows.length > SAMPLE_ROWS) break;
  }
  return rows;
}

async function ofCsv({ csv }: LoadSettings, part: FilePart): Promise<readonly Column[]> {
  const rows = await firstRows({ ...csv, skipRows: Math.max(0, csv.skipRows - 1) }, part);
  const [first, ...rest] = rows;
  if (first === undefined) throw new RestError('invalid', 'Failed to detect schema: the file is empty.');
  const hasHeader = csv.skipRows > 0;
  const data = hasHeader ? rest : rows;
  return first.map((cell, index) => ({
    name: hasHeader
      ? columnName(cell, index)
      : `${typeWord(guess(data.map((row) => row[index] ?? '')))}_field_${index}`,
    type: guess(data.map((row) => row[index] ?? '')),
  }));
}

function columnName(cell: string, index: number): string {
  const name = cell.trim().replace(/[^\p{L}\p{N}_]/gu, '_');
  return /^[\p{L}_]/u.test(name) ? name : `_${name || index}`;
}

function typeWord(type: ScalarType): string {
  return { INT64: 'int64', FLOAT64: 'double', STRING: 'string' }[type as string] ?? type.toLowerCase();
}

function guess(cells: readonly string[]): ScalarType {
  const given = cells.filter((cell) => cell !== '');
  if (given.length === 0) return 'STRING';
  return GUESSES.find((type) => given.every((cell) => suits(cell, type))) ?? 'STRING';
}

function suits(cell: string, type: ScalarType): boolean {
  if (type === 'BOOL') return /^(true|false)$/i.test(cell);
  if (type === 'TIMESTAMP' && !/^\d{4}-\d/.test(cell)) return false;
  try {
    cellOfText(cell, { name: 'x', type }, 'x');
    return true;
  } catch (error) {
    if (error instanceof CellError) return false;
    throw error;
  }
}

async function ofJson(part: FilePart): Promise<readonly Column[]> {
  const values = new Map<string, unknown[]>();
  let rows = 0;
  for await (const line of jsonLines(part)) {
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      continue;
    }
    for (const [name, value] of Object.entries(row as object)) {
      const known = values.get(name) ?? [];
      known.push(value);
      values.set(name, known);
    }
    if (++rows >= SAMPLE_ROWS) break;
  }
  if (values.size === 0) throw new RestError('invalid', 'Failed to detect schema: the file has no rows.');
  return [...values].map(([name, found]) => columnOf(name, found));
}

function columnOf(name: string, found: readonly unknown[]): Column {
  const given = found.filter((value) => value !== null);
  if (given.length > 0 && given.every(Array.isArray)) {
    return { ...columnOf(name, (given as unknown[][]).flat()), mode: 'REPEATED' };
  }
  if (given.length > 0 && given.every((value) => typeof value === 'object' && !Array.isArray(value))) {
    const names = new Set(given.flatMap((value) => Object.keys(value as object)));
    const fields = [...names].map((field) =>
      columnOf(
        field,
        given.map((value) => (value as Record<string, unknown>)[field] ?? null),
      ),
    );
    return { name, type: 'STRUCT', fields };
  }
  return {
    name,
    type: guess(given.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))),
  };
}
