import { once } from 'node:events';
import type { Writable } from 'node:stream';

export const ROW_FORMATS = ['table', 'csv', 'json', 'ndjson'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

/** What one place of a row holds; null (and NaN) is nothing. */
export type RowCell = string | number | boolean | null | undefined | readonly (string | number)[];

/** Text is handed on in pieces of about this size. */
const CHUNK_CHARACTERS = 64 * 1024;
/** Rows of a table that are gathered to see how wide its columns are. */
const TABLE_SAMPLE_ROWS = 1000;

/** Writes rows in one of the formats, only as fast as they are read. */
export class RowsWriter {
  readonly #output: Writable;
  readonly #formatter: RowsFormatter;
  #pending = '';

  constructor(output: Writable, format: RowFormat, columns: readonly string[]) {
    this.#output = output;
    this.#formatter = createRowsFormatter(format, columns);
    this.#pending = this.#formatter.begin();
  }

  async add(cells: readonly RowCell[]): Promise<void> {
    this.#pending += this.#formatter.row(cells);
    if (this.#pending.length >= CHUNK_CHARACTERS) await this.#flush();
  }

  async end(): Promise<void> {
    this.#pending += this.#formatter.end();
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '' && !this.#output.write(text)) await once(this.#output, 'drain');
  }
}

/** Turns rows into text: what stands before them, each of them, what stands behind. */
export interface RowsFormatter {
  begin(): string;
  row(cells: readonly RowCell[]): string;
  end(): string;
}

export function createRowsFormatter(format: RowFormat, columns: readonly string[]): RowsFormatter {
  if (format === 'csv') return new CsvRows(columns);
  if (format === 'table') return new TableRows(columns);
  return new JsonRows(columns, format === 'json');
}

/** Lossless: numbers as the shortest text that reads back as the same double. */
class CsvRows implements RowsFormatter {
  readonly #columns: readonly string[];

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  begin(): string {
    return `${this.#columns.map(quoted).join(',')}\n`;
  }

  row(cells: readonly RowCell[]): string {
    return `${cells.map((cell) => quoted(textOf(cell))).join(',')}\n`;
  }

  end(): string {
    return '';
  }
}

/** An object a line; as one array, it can be read whole or line by line. */
class JsonRows implements RowsFormatter {
  readonly #columns: readonly string[];
  readonly #isArray: boolean;
  #first = true;

  constructor(columns: readonly string[], isArray: boolean) {
    this.#columns = columns;
    this.#isArray = isArray;
  }

  begin(): string {
    return this.#isArray ? '[' : '';
  }

  row(cells: readonly RowCell[]): string {
    // JSON has no NaN: null stands for "none", which is what stringify makes of it.
    const record = Object.fromEntries(this.#columns.map((column, at) => [column, cells[at] ?? null]));
    const text = JSON.stringify(record);
    if (!this.#isArray) return `${text}\n`;
    const comma = this.#first ? '\n' : ',\n';
    this.#first = false;
    return comma + text;
  }

  end(): string {
    if (!this.#isArray) return '';
    return this.#first ? ']\n' : '\n]\n';
  }
}

/** For people: six digits, numbers to the right, columns that line up as far as the first rows can tell. */
class TableRows implements RowsFormatter {
  readonly #columns: readonly string[];
  readonly #rightAligned: boolean[];
  #gathered: string[][] = [];
  #widths: number[] | undefined;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    this.#rightAligned = columns.map(() => true);
  }

  begin(): string {
    return '';
  }

  row(cells: readonly RowCell[]): string {
    for (const [at, cell] of cells.entries()) {
      if (typeof cell !== 'number' && cell !== null && cell !== undefined) this.#rightAligned[at] = false;
    }
    const texts = cells.map(shownOf);
    if (this.#widths !== undefined) return this.#line(texts);
    this.#gathered.push(texts);
    return this.#gathered.length < TABLE_SAMPLE_ROWS ? '' : this.#gatheredLines();
  }

  end(): string {
    return this.#widths === undefined && this.#gathered.length > 0 ? this.#gatheredLines() : '';
  }

  #gatheredLines(): string {
    const rows = [[...this.#columns], ...this.#gathered];
    this.#gathered = [];
    this.#widths = this.#columns.map((_, at) =>
      rows.reduce((most, row) => Math.max(most, row[at]!.length), 0),
    );
    return rows.map((row) => this.#line(row)).join('');
  }

  #line(texts: readonly string[]): string {
    const cells = texts.map((text, at) => {
      const width = this.#widths![at]!;
      return this.#rightAligned[at] ? text.padStart(width) : text.padEnd(width);
    });
    return `${cells.join('  ').trimEnd()}\n`;
  }
}

function textOf(cell: RowCell): string {
  if (cell === null || cell === undefined || Number.isNaN(cell)) return '';
  return Array.isArray(cell) ? cell.join(' ') : String(cell);
}

function shownOf(cell: RowCell): string {
  if (Array.isArray(cell)) return cell.map(shownOf).join(' ');
  if (typeof cell === 'number' && !Number.isInteger(cell) && !Number.isNaN(cell)) {
    return String(Number(cell.toPrecision(6)));
  }
  return textOf(cell);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
