import type { EngineColumn, EngineValue } from '../../ports/sql-engine.js';
import type { Column } from '../sql/plan.js';
import { FieldError } from './field-error.js';
import type { DescribedField, RowDescriptor } from './row-descriptor.js';
import { PROTO_TYPES, type ScalarReader, scalarReader, wrappedReader } from './scalar-readers.js';
import { MalformedError, WIRE, WireReader } from './wire-reader.js';
import { invalid, WriteError } from './write-error.js';

/** How rows of one descriptor become values of a table's columns. */
export interface RowPlan {
  readonly columns: readonly Column[];
  /** By number of the field. */
  readonly fields: ReadonlyMap<number, FieldPlan>;
  /** Columns without which there is no row, and fields that the writer calls required. */
  readonly required: readonly { readonly place: number; readonly at: string }[];
}

interface FieldPlan extends ScalarReader {
  /** Of the column. */
  readonly place: number;
  readonly repeated: boolean;
}

/** Columns that change rows instead of adding them (change data capture). */
const CHANGE_COLUMNS = new Set(['_change_type', '_change_sequence_number']);

/** Holds a descriptor against a table's columns. Throws a WriteError where they do not go together. */
export function planRows(descriptor: RowDescriptor, columns: readonly Column[], table: string): RowPlan {
  return new Planner(descriptor, table).plan(descriptor, columns, '');
}

class Planner {
  readonly #root: RowDescriptor;
  readonly #table: string;
  #depth = 0;

  constructor(root: RowDescriptor, table: string) {
    this.#root = root;
    this.#table = table;
  }

  plan(descriptor: RowDescriptor, columns: readonly Column[], above: string): RowPlan {
    if (++this.#depth > 32) throw invalid('The messages of the descriptor lie too deep in each other.');
    const places = new Map(columns.map(({ name }, place) => [name.toLowerCase(), place]));
    const fields = new Map<number, FieldPlan>();
    const described = new Set<number>();
    const required: { place: number; at: string }[] = [];
    for (const field of descriptor.fields) {
      const name = field.columnName ?? field.name;
      const at = `${above}${name}`;
      const place = places.get(name.toLowerCase());
      if (place === undefined) throw this.#extraField(name, at);
      if (fields.has(field.number) || described.has(place))
        throw invalid(`The descriptor names the field ${at} twice.`);
      const column = columns[place]!;
      fields.set(field.number, {
        place,
        repeated: column.mode === 'REPEATED',
        ...this.#reader(field, column, at),
      });
      described.add(place);
      if (field.label === 'required' || column.mode === 'REQUIRED') required.push({ place, at });
    }
    columns.forEach(({ name, mode, defaultValueExpression }, place) => {
      if (mode !== 'REQUIRED' || described.has(place)) return;
      const hint = defaultValueExpression === undefined ? '' : ' Default values are not filled in here.';
      throw invalid(
        `The required field ${above}${name} is missing in the proto schema of ${this.#table}.${hint}`,
      );
    });
    this.#depth--;
    return { columns, fields, required };
  }

  #reader(field: DescribedField, column: Column, at: string): ScalarReader {
    if ((field.label === 'repeated') !== (column.mode === 'REPEATED')) {
      throw invalid(
        `The proto field mismatched with BigQuery field at ${at}: the proto field is ${field.label}, the BigQuery field ${column.mode ?? 'NULLABLE'}.`,
      );
    }
    const type = PROTO_TYPES[field.type] ?? '';
    const reader =
      type === 'message'
        ? this.#messageReader(field, column, at)
        : scalarReader(
            column,
            type,
            at,
            this.#root.enums.concat(this.#all().flatMap(({ enums }) => enums)).find(isNamed(field.typeName)),
          );
    if (reader !== undefined) return reader;
    throw invalid(
      `The proto field mismatched with BigQuery field at ${at}: the proto field type is ${type || field.type}, the BigQuery field type ${column.type}.`,
    );
  }

  #messageReader(field: DescribedField, column: Column, at: string): ScalarReader | undefined {
    if (column.type !== 'STRUCT') return wrappedReader(column, field.typeName, at);
    const descriptor = this.#all().find(isNamed(field.typeName));
    if (descriptor === undefined) {
      throw invalid(`The descriptor of the message ${field.typeName} is not there, for the field ${at}.`);
    }
    const plan = this.plan(descriptor, column.fields ?? [], `${at}.`);
    return { wire: WIRE.bytes, read: (reader) => readStruct(plan, reader.bytes()) };
  }

  /** A descriptor has to bring everything that it uses, in itself. */
  #all(): RowDescriptor[] {
    const all: RowDescriptor[] = [];
    const add = (one: RowDescriptor) => {
      all.push(one);
      one.nested.forEach(add);
    };
    this.#root.nested.forEach(add);
    return all;
  }

  #extraField(name: string, at: string): WriteError {
    if (CHANGE_COLUMNS.has(name.toLowerCase())) {
      return invalid(
        `${name} is not supported here: rows can only be added, not changed (change data capture).`,
      );
    }
    return new WriteError(
      'INVALID_ARGUMENT',
      `Input schema has more fields than BigQuery schema, extra fields: '${at}'.`,
      { storageError: 'SCHEMA_MISMATCH_EXTRA_FIELDS', entity: this.#table },
    );
  }
}

/** A name may come with those around it. */
function isNamed(typeName: string): (one: { readonly name: string }) => boolean {
  return ({ name }) => name !== '' && (typeName === name || typeName.endsWith(`.${name}`));
}

/**
 * Reads rows one after the other into columns. A row that is bad changes nothing: it throws a FieldError or a
 * MalformedError and leaves the columns as they were.
 */
export class RowReader {
  readonly #plan: RowPlan;
  readonly #columns: EngineValue[][];
  readonly #reader = new WireReader();
  #rows = 0;

  constructor(plan: RowPlan) {
    this.#plan = plan;
    this.#columns = plan.columns.map(() => []);
  }

  add(row: Buffer): void {
    this.#reader.set(row);
    try {
      this.#read(this.#reader);
    } catch (error) {
      for (const column of this.#columns) column.length = this.#rows;
      throw error;
    }
    this.#rows++;
  }

  /** Numbers without NULL as arrays of numbers, which travel between threads at once. */
  columns(): EngineColumn[] {
    return this.#columns.map((column, place) => {
      const { type, mode } = this.#plan.columns[place]!;
      const isNumeric = mode !== 'REPEATED' && NUMBERS.has(type);
      return isNumeric && column.every((value) => typeof value === 'number')
        ? Float64Array.from(column as number[])
        : column;
    });
  }

  /** A value goes straight to its column: most of the work is here, and an array for each row would double it. */
  #read(reader: WireReader): void {
    const { fields, required, columns } = this.#plan;
    const row = this.#rows;
    while (!reader.done) {
      const tag = reader.tag();
      const field = fieldOf(fields, tag);
      const column = this.#columns[field.place]!;
      if (field.repeated) {
        if (column.length === row) column.push([]);
        readElements(field, tag, reader, column[row] as EngineValue[]);
      } else if ((tag & 7) !== field.wire) throw miswritten(tag);
      else if (column.length === row) column.push(field.read(reader));
      else column[row] = field.read(reader);
    }
    for (const { place, at } of required) {
      if (this.#columns[place]!.length === row && columns[place]!.mode !== 'REPEATED') throw missing(at);
    }
    for (let place = 0; place < columns.length; place++) {
      const column = this.#columns[place]!;
      if (column.length === row) column.push(columns[place]!.mode === 'REPEATED' ? [] : null);
    }
  }
}

const NUMBERS = new Set<Column['type']>(['FLOAT64', 'INT64', 'TIMESTAMP']);

function readStruct(plan: RowPlan, bytes: Buffer): EngineValue {
  const values = readMessage(plan, new WireReader(bytes));
  return Object.fromEntries(plan.columns.map(({ name }, place) => [name, values[place]!]));
}

function readMessage({ columns, fields, required }: RowPlan, reader: WireReader): EngineValue[] {
  const values: EngineValue[] = columns.map(({ mode }) => (mode === 'REPEATED' ? [] : null));
  while (!reader.done) {
    const tag = reader.tag();
    const field = fieldOf(fields, tag);
    if (field.repeated) readElements(field, tag, reader, values[field.place] as EngineValue[]);
    else if ((tag & 7) !== field.wire) throw miswritten(tag);
    else values[field.place] = field.read(reader);
  }
  for (const { place, at } of required) if (values[place] === null) throw missing(at);
  return values;
}

function fieldOf(fields: RowPlan['fields'], tag: number): FieldPlan {
  const field = fields.get(tag >>> 3);
  if (field !== undefined) return field;
  throw new FieldError(`The row has a field with the number ${tag >>> 3}, which its schema does not name.`);
}

function missing(at: string): FieldError {
  return new FieldError(`The required field ${at} is missing.`);
}

/** Several may stand packed together. */
function readElements(field: FieldPlan, tag: number, reader: WireReader, into: EngineValue[]): void {
  if ((tag & 7) === field.wire) {
    into.push(field.read(reader));
    return;
  }
  if ((tag & 7) !== WIRE.bytes) throw miswritten(tag);
  const packed = new WireReader(reader.bytes());
  while (!packed.done) into.push(field.read(packed));
}

function miswritten(tag: number): MalformedError {
  return new MalformedError(`field ${tag >>> 3} is not written as its type is`);
}
