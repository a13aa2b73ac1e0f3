/** Rows of a query as text, in one of three forms; values come as BigQuery's API sends them. */
export const SQL_FORMATS = ['table', 'csv', 'json'] as const;
export type SqlFormat = (typeof SQL_FORMATS)[number];

export interface SqlField {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly SqlField[];
}

export interface SqlRow {
  readonly f: readonly { readonly v: unknown }[];
}

/** What stands before the rows, the rows, what stands behind them. */
export interface SqlRowsFormatter {
  begin(): string;
  rows(rows: readonly SqlRow[]): string;
  end(): string;
}

export function sqlRowsFormatter(format: SqlFormat, fields: readonly SqlField[]): SqlRowsFormatter {
  if (format === 'csv') return new CsvForm(fields);
  return format === 'json' ? new JsonForm(fields) : new TableForm(fields);
}

/** Rows that are looked at to see how wide the columns of a table are. */
const TABLE_SAMPLE_ROWS = 1000;
const NUMBERS = ['INTEGER', 'FLOAT', 'NUMERIC', 'BIGNUMERIC'];

/** For people: numbers to the right, columns that line up as far as the first rows can tell. */
class TableForm implements SqlRowsFormatter {
  readonly #fields: readonly SqlField[];
  #gathered: string[][] = [];
  #widths: number[] | undefined;

  constructor(fields: readonly SqlField[]) {
    this.#fields = fields;
  }

  begin(): string {
    return '';
  }

  rows(rows: readonly SqlRow[]): string {
    const texts = rows.map(({ f }) => this.#fields.map((field, at) => shownText(f[at]?.v ?? null, field)));
    if (this.#widths !== undefined) return texts.map((row) => this.#line(row)).join('');
    this.#gathered.push(...texts);
    return this.#gathered.length < TABLE_SAMPLE_ROWS ? '' : this.end();
  }

  end(): string {
    if (this.#widths !== undefined) return '';
    const lines = [this.#fields.map(({ name }) => name), ...this.#gathered];
    this.#gathered = [];
    this.#widths = this.#fields.map((_, at) =>
      lines.reduce((most, line) => Math.max(most, width(line[at]!)), 0),
    );
    return lines.map((line) => this.#line(line)).join('');
  }

  #line(texts: readonly string[]): string {
    const cells = texts.map((text, at) => {
      const { type, mode } = this.#fields[at]!;
      const space = ' '.repeat(Math.max(0, this.#widths![at]! - width(text)));
      return NUMBERS.includes(type) && mode !== 'REPEATED' ? space + text : text + space;
    });
    return `${cells.join('  ').trimEnd()}\n`;
  }
}

/** NULL is nothing, the empty text is "". */
class CsvForm implements SqlRowsFormatter {
  readonly #fields: readonly SqlField[];

  constructor(fields: readonly SqlField[]) {
    this.#fields = fields;
  }

  begin(): string {
    return csvLine(this.#fields.map(({ name }) => name));
  }

  rows(rows: readonly SqlRow[]): string {
    return rows
      .map(({ f }) =>
        csvLine(
          this.#fields.map((field, at) => {
            const value = f[at]?.v ?? null;
            return value === null ? null : plainText(value, field);
          }),
        ),
      )
      .join('');
  }

  end(): string {
    return '';
  }
}

function csvLine(cells: readonly (string | null)[]): string {
  const quoted = cells.map((cell) => {
    if (cell === null) return '';
    return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  });
  return `${quoted.join(',')}\n`;
}

/** An array of objects, a line each; values as BigQuery's TO_JSON_STRING writes them. */
class JsonForm implements SqlRowsFormatter {
  readonly #fields: readonly SqlField[];
  #first = true;

  constructor(fields: readonly SqlField[]) {
    this.#fields = fields;
  }

  begin(): string {
    return '[';
  }

  rows(rows: readonly SqlRow[]): string {
    const lines = rows.map((row) => JSON.stringify(jsonRow(row, this.#fields)));
    if (lines.length === 0) return '';
    const comma = this.#first ? '\n' : ',\n';
    this.#first = false;
    return comma + lines.join(',\n');
  }

  end(): string {
    return this.#first ? ']\n' : '\n]\n';
  }
}

function jsonRow({ f }: SqlRow, fields: readonly SqlField[]): object {
  return Object.fromEntries(fields.map((field, at) => [field.name, jsonValue(f[at]?.v ?? null, field)]));
}

function jsonValue(value: unknown, field: SqlField): unknown {
  if (field.mode === 'REPEATED') {
    const element = { ...field, mode: 'NULLABLE' };
    return ((value ?? []) as readonly { v: unknown }[]).map(({ v }) => jsonValue(v, element));
  }
  if (value === null) return null;
  if (field.type === 'RECORD') return jsonRow(value as SqlRow, field.fields ?? []);
  const text = String(value);
  switch (field.type) {
    case 'INTEGER':
      return Number.isSafeInteger(Number(text)) ? Number(text) : text;
    case 'FLOAT':
      return Number.isFinite(Number(text)) ? Number(text) : text;
    case 'NUMERIC':
      return String(Number(text)) === text ? Number(text) : text;
    case 'BOOLEAN':
      return text === 'true';
    case 'JSON':
      return JSON.parse(text) as unknown;
    case 'TIMESTAMP':
      return instantText(text, 'T', 'Z');
    default:
      return text;
  }
}

function plainText(value: unknown, field: SqlField): string {
  if (field.mode === 'REPEATED' || field.type === 'RECORD') return JSON.stringify(jsonValue(value, field));
  return field.type === 'TIMESTAMP' ? instantText(String(value), ' ', ' UTC') : String(value);
}

/** On a line of its own, and told from NULL; what a text holds must not move a terminal's cursor. */
function shownText(value: unknown, field: SqlField): string {
  if (value === null) return 'NULL';
  const text = plainText(value, field);
  if (text === 'NULL') return '"NULL"';
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => CONTROLS[char] ?? escaped(char));
}

const CONTROLS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Of microseconds since 1970; with the digits of a fraction that there are, by threes. */
function instantText(micros: string, between: string, zone: string): string {
  const all = BigInt(micros);
  const fraction = ((all % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = (all - fraction) / 1_000_000n;
  const [date = '', time = ''] = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).split('T');
  const digits = String(fraction).padStart(6, '0').replace(/000$/, '');
  return `${date}${between}${time}${fraction === 0n ? '' : `.${digits}`}${zone}`;
}

/** Columns of a terminal, but for scripts whose letters take two. */
function width(text: string): number {
  return [...text].length;
}
