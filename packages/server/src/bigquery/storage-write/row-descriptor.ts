import { WireReader } from './wire-reader.js';

/** What a writer says of its rows: of google.protobuf.DescriptorProto what is looked at. */
export interface RowDescriptor {
  readonly name: string;
  readonly fields: readonly DescribedField[];
  readonly nested: readonly RowDescriptor[];
  readonly enums: readonly DescribedEnum[];
}

export interface DescribedField {
  readonly name: string;
  readonly number: number;
  readonly label: 'optional' | 'required' | 'repeated';
  /** google.protobuf.FieldDescriptorProto.Type. */
  readonly type: number;
  /** Of messages and enums, with or without the names around it. */
  readonly typeName: string;
  /** By the option `column_name`, where a column's name is none that a field could have. */
  readonly columnName?: string;
}

export interface DescribedEnum {
  readonly name: string;
  readonly names: ReadonlyMap<number, string>;
}

const LABELS = ['optional', 'optional', 'required', 'repeated'] as const;
/** `(google.cloud.bigquery.storage.v1.column_name)` of google/cloud/bigquery/storage/v1/annotations.proto. */
const COLUMN_NAME = 454_943_157;
/** Deeper than BigQuery lets a STRUCT be. */
const DEPTH_MAX = 32;

/** Reads a google.protobuf.DescriptorProto. Throws a MalformedError. */
export function readDescriptor(bytes: Buffer, depth = 0): RowDescriptor {
  const fields: DescribedField[] = [];
  const nested: RowDescriptor[] = [];
  const enums: DescribedEnum[] = [];
  let name = '';
  each(bytes, (field, reader) => {
    if (field === 1) name = reader.string();
    else if (field === 2) fields.push(readField(reader.bytes()));
    else if (field === 3 && depth < DEPTH_MAX) nested.push(readDescriptor(reader.bytes(), depth + 1));
    else if (field === 4) enums.push(readEnum(reader.bytes()));
    else return false;
    return true;
  });
  return { name, fields, nested, enums };
}

function readField(bytes: Buffer): DescribedField {
  const read = {
    name: '',
    number: 0,
    label: 1,
    type: 0,
    typeName: '',
    columnName: undefined as string | undefined,
  };
  each(bytes, (field, reader) => {
    if (field === 1) read.name = reader.string();
    else if (field === 3) read.number = reader.int32();
    else if (field === 4) read.label = reader.int32();
    else if (field === 5) read.type = reader.int32();
    else if (field === 6) read.typeName = reader.string();
    else if (field === 8) read.columnName = readColumnName(reader.bytes());
    else return false;
    return true;
  });
  const { columnName, label, ...rest } = read;
  return {
    ...rest,
    label: LABELS[label] ?? 'optional',
    ...(columnName === undefined ? {} : { columnName }),
  };
}

function readColumnName(options: Buffer): string | undefined {
  let name: string | undefined;
  each(options, (field, reader) => {
    if (field !== COLUMN_NAME) return false;
    name = reader.string();
    return true;
  });
  return name;
}

function readEnum(bytes: Buffer): DescribedEnum {
  const names = new Map<number, string>();
  let name = '';
  each(bytes, (field, reader) => {
    if (field === 1) name = reader.string();
    else if (field === 2) {
      const value = { name: '', number: 0 };
      each(reader.bytes(), (part, inner) => {
        if (part === 1) value.name = inner.string();
        else if (part === 2) value.number = inner.int32();
        else return false;
        return true;
      });
      names.set(value.number, value.name);
    } else return false;
    return true;
  });
  return { name, names };
}

/** Calls for each field; what `take` does not read is skipped. */
export function each(
  bytes: Buffer,
  take: (field: number, reader: WireReader, wire: number) => boolean,
): void {
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const tag = reader.tag();
    if (!take(tag >>> 3, reader, tag & 7)) reader.skip(tag & 7);
  }
}
