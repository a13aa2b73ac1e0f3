import type { Column, ScalarType } from '../sql/plan.js';
import {
  bytesField,
  messageField,
  numberField,
  textField,
  timestampField,
  wrappedNumberField,
} from './wire-writer.js';
import { STORAGE_ERROR, type WriteError } from './write-error.js';
import type { StreamType } from './write-requests.js';
import { STREAM_TYPES } from './write-requests.js';

/** Answers of google.cloud.bigquery.storage.v1.BigQueryWrite, as they go over the wire. */

export interface StreamResource {
  readonly name: string;
  readonly type: StreamType;
  readonly createdMs: number;
  readonly committedMs?: number | undefined;
  readonly location: string;
  /** Of the table, where it is asked for. */
  readonly columns?: readonly Column[] | undefined;
}

export function writeStreamMessage(stream: StreamResource): Buffer {
  const { name, type, createdMs, committedMs, columns, location } = stream;
  return Buffer.concat([
    textField(1, name),
    numberField(2, STREAM_TYPES.indexOf(type)),
    timestampField(3, createdMs),
    ...(committedMs === undefined ? [] : [timestampField(4, committedMs)]),
    ...(columns === undefined ? [] : [bytesField(5, tableSchema(columns))]),
    numberField(7, 1),
    textField(8, location),
  ]);
}

/** AppendRowsResponse of rows that are stored; without an offset on a default stream. */
export function appendedMessage(
  writeStream: string,
  offset: number | undefined,
  newColumns?: readonly Column[],
): Buffer {
  return Buffer.concat([
    messageField(1, ...(offset === undefined ? [] : [wrappedNumberField(1, offset)])),
    ...(newColumns === undefined ? [] : [bytesField(3, tableSchema(newColumns))]),
    textField(5, writeStream),
  ]);
}

/** AppendRowsResponse of rows of which none is stored. */
export function refusedMessage(writeStream: string, error: WriteError): Buffer {
  const rows = error.rowErrors.map(({ index, message }) =>
    messageField(
      4,
      ...(index === 0 ? [] : [numberField(1, index)]),
      numberField(2, 1),
      textField(3, message),
    ),
  );
  return Buffer.concat([bytesField(2, statusMessage(error)), ...rows, textField(5, writeStream)]);
}

/** google.rpc.Status, with a StorageError where there is one. */
export function statusMessage(error: WriteError): Buffer {
  const details =
    error.storageError === undefined
      ? []
      : [
          messageField(
            3,
            textField(1, 'type.googleapis.com/google.cloud.bigquery.storage.v1.StorageError'),
            bytesField(2, storageErrorMessage(error.storageError, error)),
          ),
        ];
  return Buffer.concat([numberField(1, error.code), textField(2, error.message), ...details]);
}

function storageErrorMessage(
  code: keyof typeof STORAGE_ERROR,
  { entity, message }: Pick<WriteError, 'entity' | 'message'>,
): Buffer {
  return Buffer.concat([numberField(1, STORAGE_ERROR[code]), textField(2, entity), textField(3, message)]);
}

export function finalizedMessage(rowCount: number): Buffer {
  return rowCount === 0 ? Buffer.alloc(0) : numberField(1, rowCount);
}

/** BatchCommitWriteStreamsResponse: done at a time, or nothing of it because of these errors. */
export function batchCommittedMessage(outcome: number | readonly WriteError[]): Buffer {
  if (typeof outcome === 'number') return timestampField(1, outcome);
  return Buffer.concat(
    outcome.map((error) =>
      bytesField(2, storageErrorMessage(error.storageError ?? 'INVALID_STREAM_STATE', error)),
    ),
  );
}

export function flushedMessage(offset: number): Buffer {
  return offset === 0 ? Buffer.alloc(0) : numberField(1, offset);
}

/** TableFieldSchema.Type. */
const TYPES: Readonly<Record<ScalarType | 'STRUCT', number>> = {
  STRING: 1,
  INT64: 2,
  FLOAT64: 3,
  STRUCT: 4,
  BYTES: 5,
  BOOL: 6,
  TIMESTAMP: 7,
  DATE: 8,
  TIME: 9,
  DATETIME: 10,
  NUMERIC: 12,
  INTERVAL: 14,
  JSON: 15,
};
const MODES = { NULLABLE: 1, REQUIRED: 2, REPEATED: 3 } as const;

function tableSchema(columns: readonly Column[]): Buffer {
  return Buffer.concat(columns.map((column) => bytesField(1, fieldSchema(column))));
}

function fieldSchema(column: Column): Buffer {
  const {
    name,
    type,
    mode = 'NULLABLE',
    fields = [],
    description = '',
    maxLength,
    defaultValueExpression = '',
  } = column;
  return Buffer.concat([
    textField(1, name),
    numberField(2, TYPES[type]),
    numberField(3, MODES[mode]),
    ...fields.map((field) => bytesField(4, fieldSchema(field))),
    textField(6, description),
    ...(maxLength === undefined ? [] : [numberField(7, maxLength)]),
    textField(10, defaultValueExpression),
  ]);
}
