import { AppError, ERROR_TABLE } from '../../errors.js';
import { SqlEngineError } from '../../ports/sql-engine.js';

/** Codes of gRPC; here, so that its library is loaded only for a connection. */
export const CODE = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** `StorageErrorCode` of the Storage Write API. */
export const STORAGE_ERROR = {
  TABLE_NOT_FOUND: 1,
  STREAM_ALREADY_COMMITTED: 2,
  STREAM_NOT_FOUND: 3,
  INVALID_STREAM_TYPE: 4,
  INVALID_STREAM_STATE: 5,
  STREAM_FINALIZED: 6,
  SCHEMA_MISMATCH_EXTRA_FIELDS: 7,
  OFFSET_ALREADY_EXISTS: 8,
  OFFSET_OUT_OF_RANGE: 9,
} as const;

export interface RowError {
  /** Position in the request. */
  readonly index: number;
  readonly message: string;
}

interface WriteErrorDetails {
  readonly storageError?: keyof typeof STORAGE_ERROR;
  /** Name of the table or stream. */
  readonly entity?: string;
  readonly rowErrors?: readonly RowError[];
  readonly cause?: unknown;
}

/** A request that is not done, in the words and codes of the Storage Write API. */
export class WriteError extends Error {
  readonly code: number;
  readonly storageError: keyof typeof STORAGE_ERROR | undefined;
  readonly entity: string;
  readonly rowErrors: readonly RowError[];

  constructor(code: keyof typeof CODE, message: string, details: WriteErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'WriteError';
    this.code = CODE[code];
    this.storageError = details.storageError;
    this.entity = details.entity ?? '';
    this.rowErrors = details.rowErrors ?? [];
  }
}

export function invalid(message: string): WriteError {
  return new WriteError('INVALID_ARGUMENT', message);
}

/** What is not foreseen is INTERNAL and says nothing more. */
export function asWriteError(thrown: unknown): WriteError {
  if (thrown instanceof WriteError) return thrown;
  if (thrown instanceof SqlEngineError) return engineError(thrown);
  if (thrown instanceof AppError && thrown.code !== 'internal') {
    const text = thrown.hint === undefined ? thrown.message : `${thrown.message} ${thrown.hint}`;
    return new WriteError(codeOf(thrown), text, { cause: thrown });
  }
  return new WriteError('INTERNAL', "Something went wrong inside Seismo. The server's log says what.", {
    cause: thrown,
  });
}

function engineError(error: SqlEngineError): WriteError {
  switch (error.kind) {
    case 'conflict':
      return new WriteError('ABORTED', 'The table was changed at the same time; send the rows again.', {
        cause: error,
      });
    case 'memory':
      return new WriteError('RESOURCE_EXHAUSTED', 'There is not enough memory for these rows now.', {
        cause: error,
      });
    case 'full':
      return new WriteError('UNAVAILABLE', 'The disk is full.', { cause: error });
    case 'cancelled':
    case 'timeout':
      return new WriteError('UNAVAILABLE', 'The server is stopping.', { cause: error });
    case 'invalid':
      return new WriteError('INVALID_ARGUMENT', error.message.split('\n', 1)[0] ?? '', { cause: error });
  }
}

function codeOf({ code }: AppError): keyof typeof CODE {
  const { status, retry } = ERROR_TABLE[code];
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'PERMISSION_DENIED';
  if (status === 404) return 'NOT_FOUND';
  if (status === 429) return 'RESOURCE_EXHAUSTED';
  if (retry) return 'UNAVAILABLE';
  return status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL';
}
