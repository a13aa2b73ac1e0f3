import { each } from './row-descriptor.js';
import { MalformedError } from './wire-reader.js';
import { invalid, WriteError } from './write-error.js';

/** Requests of google.cloud.bigquery.storage.v1.BigQueryWrite, read from what came over the wire. */

export interface AppendRequest {
  /** Empty: that of the request before. */
  readonly writeStream: string;
  readonly offset?: number;
  /** google.protobuf.DescriptorProto, as it was written. */
  readonly descriptor?: Buffer;
  readonly rows: readonly Buffer[];
  readonly kind: 'proto' | 'arrow' | 'none';
  /** By column. */
  readonly missingValues: ReadonlyMap<string, number>;
  readonly defaultMissingValue: number;
  /** As it came. */
  readonly bytes: number;
}

export const MISSING_VALUE = { unspecified: 0, null: 1, default: 2 } as const;

export function readAppendRequest(bytes: Buffer): AppendRequest {
  const read = {
    writeStream: '',
    offset: undefined as number | undefined,
    descriptor: undefined as Buffer | undefined,
    rows: [] as Buffer[],
    kind: 'none' as AppendRequest['kind'],
    missingValues: new Map<string, number>(),
    defaultMissingValue: 0,
    bytes: bytes.length,
  };
  each(bytes, (field, reader) => {
    if (field === 1) read.writeStream = reader.string();
    else if (field === 2) read.offset = readWrapped(reader.bytes());
    else if (field === 4) {
      read.kind = 'proto';
      readProtoData(reader.bytes(), read);
    } else if (field === 5) {
      read.kind = 'arrow';
      reader.skip(2);
    } else if (field === 7) {
      const [column, value] = readMapEntry(reader.bytes());
      read.missingValues.set(column, value);
    } else if (field === 8) read.defaultMissingValue = reader.int32();
    else return false;
    return true;
  });
  const { offset, descriptor, ...rest } = read;
  return {
    ...rest,
    ...(offset === undefined ? {} : { offset }),
    ...(descriptor === undefined ? {} : { descriptor }),
  };
}

function readProtoData(
  bytes: Buffer,
  into: { descriptor: Buffer | undefined; readonly rows: Buffer[] },
): void {
  each(bytes, (field, reader) => {
    if (field === 1) {
      each(reader.bytes(), (part, schema) => {
        if (part !== 1) return false;
        into.descriptor = schema.bytes();
        return true;
      });
    } else if (field === 2) {
      each(reader.bytes(), (part, rows) => {
        if (part !== 1) return false;
        into.rows.push(rows.bytes());
        return true;
      });
    } else return false;
    return true;
  });
}

/** google.protobuf.Int64Value. */
function readWrapped(bytes: Buffer): number {
  let value: number | bigint = 0;
  each(bytes, (field, reader) => {
    if (field !== 1) return false;
    value = reader.int64();
    return true;
  });
  return Number(value);
}

function readMapEntry(bytes: Buffer): [string, number] {
  let [key, value] = ['', 0];
  each(bytes, (field, reader) => {
    if (field === 1) key = reader.string();
    else if (field === 2) value = reader.int32();
    else return false;
    return true;
  });
  return [key, value];
}

export const STREAM_TYPES = ['TYPE_UNSPECIFIED', 'COMMITTED', 'PENDING', 'BUFFERED'] as const;
export type StreamType = 'COMMITTED' | 'PENDING' | 'BUFFERED';

/** CreateWriteStreamRequest. */
export function readCreateRequest(bytes: Buffer): { parent: string; type: StreamType } {
  let [parent, type] = ['', 0];
  each(bytes, (field, reader) => {
    if (field === 1) parent = reader.string();
    else if (field === 2) {
      each(reader.bytes(), (part, stream) => {
        if (part !== 2) return false;
        type = stream.int32();
        return true;
      });
    } else return false;
    return true;
  });
  const name = STREAM_TYPES[type];
  if (name === undefined || name === 'TYPE_UNSPECIFIED') {
    throw invalid('The type of the stream must be COMMITTED, PENDING or BUFFERED.');
  }
  return { parent, type: name };
}

/** GetWriteStreamRequest and FinalizeWriteStreamRequest; `view` 2 asks for the schema too. */
export function readNameRequest(bytes: Buffer): { name: string; view: number } {
  const read = { name: '', view: 0 };
  each(bytes, (field, reader) => {
    if (field === 1) read.name = reader.string();
    else if (field === 3) read.view = reader.int32();
    else return false;
    return true;
  });
  return read;
}

/** BatchCommitWriteStreamsRequest. */
export function readCommitRequest(bytes: Buffer): { parent: string; writeStreams: string[] } {
  const read = { parent: '', writeStreams: [] as string[] };
  each(bytes, (field, reader) => {
    if (field === 1) read.parent = reader.string();
    else if (field === 2) read.writeStreams.push(reader.string());
    else return false;
    return true;
  });
  return read;
}

/** FlushRowsRequest. */
export function readFlushRequest(bytes: Buffer): { writeStream: string; offset?: number } {
  let writeStream = '';
  let offset: number | undefined;
  each(bytes, (field, reader) => {
    if (field === 1) writeStream = reader.string();
    else if (field === 2) offset = readWrapped(reader.bytes());
    else return false;
    return true;
  });
  return offset === undefined ? { writeStream } : { writeStream, offset };
}

/** Says that a request cannot be read, where that is so. */
export function parsed<Request>(read: (bytes: Buffer) => Request, bytes: Buffer): Request {
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new WriteError('INVALID_ARGUMENT', `The request cannot be read: ${error.message}.`, {
      cause: error,
    });
  }
}
