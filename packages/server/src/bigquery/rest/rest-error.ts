import { AppError, ERROR_TABLE, type ErrorCode } from '../../errors.js';
import { SqlEngineError } from '../../ports/sql-engine.js';
import { SqlError } from '../sql/plan.js';
import { runtimeError } from '../sql/runtime-errors.js';

/** BigQuery's reasons with the HTTP status of each and the name that google.rpc has for that. */
const REASONS = {
  invalid: { status: 400, name: 'INVALID_ARGUMENT' },
  invalidQuery: { status: 400, name: 'INVALID_ARGUMENT' },
  required: { status: 400, name: 'INVALID_ARGUMENT' },
  resourceInUse: { status: 400, name: 'FAILED_PRECONDITION' },
  resourcesExceeded: { status: 400, name: 'RESOURCE_EXHAUSTED' },
  stopped: { status: 400, name: 'CANCELLED' },
  authError: { status: 401, name: 'UNAUTHENTICATED' },
  accessDenied: { status: 403, name: 'PERMISSION_DENIED' },
  responseTooLarge: { status: 403, name: 'RESOURCE_EXHAUSTED' },
  rateLimitExceeded: { status: 429, name: 'RESOURCE_EXHAUSTED' },
  notFound: { status: 404, name: 'NOT_FOUND' },
  duplicate: { status: 409, name: 'ALREADY_EXISTS' },
  conditionNotMet: { status: 412, name: 'FAILED_PRECONDITION' },
  internalError: { status: 500, name: 'INTERNAL' },
  notImplemented: { status: 501, name: 'UNIMPLEMENTED' },
  backendError: { status: 503, name: 'UNAVAILABLE' },
} as const;

export type Reason = keyof typeof REASONS;

/** As jobs carry it, and as `errors` of an answer list it. */
export interface ErrorProto {
  readonly reason: string;
  readonly message: string;
  /** What it is about: `query`, a field, a row. */
  readonly location?: string;
}

/** A request or a job that fails, in BigQuery's words. */
export class RestError extends Error {
  readonly reason: Reason;
  readonly location: string | undefined;

  constructor(reason: Reason, message: string, location?: string) {
    super(message);
    this.name = 'RestError';
    this.reason = reason;
    this.location = location;
  }

  toProto(): ErrorProto {
    const { reason, message, location } = this;
    return location === undefined ? { reason, message } : { reason, location, message };
  }
}

/** The form in which every failure of /bigquery/v2 leaves. */
export function errorAnswer(thrown: unknown): { status: number; body: object } {
  const error = asRestError(thrown);
  const { status, name } = REASONS[error.reason];
  const { reason, message, location } = error.toProto();
  return {
    status,
    body: {
      error: {
        code: status,
        message,
        errors: [
          {
            message,
            domain: 'global',
            reason,
            ...(location === undefined ? {} : { location, locationType: 'other' }),
          },
        ],
        status: name,
      },
    },
  };
}

/** Where the server's own hints are not for clients of BigQuery. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthorized: 'A key of the server is the token: Authorization: Bearer KEY (bq: --oauth_access_token=KEY).',
  not_json: 'The body must be a JSON object.',
};

/** Anything not foreseen is `internalError` and says nothing more. */
export function asRestError(thrown: unknown): RestError {
  if (thrown instanceof RestError) return thrown;
  if (thrown instanceof SqlError) {
    return new RestError(
      thrown.reason,
      thrown.message,
      thrown.reason === 'invalidQuery' ? 'query' : undefined,
    );
  }
  if (thrown instanceof SqlEngineError) return engineError(thrown);
  if (thrown instanceof AppError && thrown.code !== 'internal') {
    const hint = thrown.code in HINTS ? HINTS[thrown.code] : thrown.hint;
    const text = hint === undefined ? thrown.message : `${thrown.message} ${hint}`;
    return new RestError(reasonOf(thrown), text, thrown.field);
  }
  const { statusCode, message } = thrown as { statusCode?: number; message?: string };
  if (statusCode === 415) {
    return new RestError('invalid', 'The body must be JSON, with Content-Type: application/json.');
  }
  if (statusCode !== undefined && statusCode < 500) {
    return new RestError('invalid', message ?? 'The request cannot be understood.');
  }
  return new RestError('internalError', "Something went wrong inside Seismo. The server's log says what.");
}

function engineError({ kind, message }: SqlEngineError): RestError {
  switch (kind) {
    case 'cancelled':
      return new RestError('stopped', 'Job execution was cancelled: User requested cancellation');
    case 'timeout':
      return new RestError('stopped', 'Job execution was cancelled: Job timed out');
    case 'memory':
      return resourcesExceeded(
        'it needs more memory than queries have here; ask for fewer rows or groups at once, or start the server with a larger --store-memory.',
      );
    case 'full':
      return resourcesExceeded('the disk is full.');
    case 'conflict':
      return new RestError(
        'invalidQuery',
        'Could not serialize access to the table due to concurrent update',
        'query',
      );
    case 'invalid':
      return new RestError('invalidQuery', runtimeError(message)?.message ?? plainMessage(message), 'query');
  }
}

function resourcesExceeded(why: string): RestError {
  return new RestError('resourcesExceeded', `Resources exceeded during query execution: ${why}`, 'query');
}

/** DuckDB names the kind of an error first, and shows the text that we made after the first line. */
function plainMessage(message: string): string {
  const first = message.split('\n', 1)[0] ?? '';
  return first.replace(/^[A-Z][A-Za-z ]* Error: /, '');
}

function reasonOf({ code }: AppError): Reason {
  const { status } = ERROR_TABLE[code];
  if (status === 401) return 'authError';
  if (status === 403 || status === 421) return 'accessDenied';
  if (status === 404) return 'notFound';
  if (status === 429) return 'rateLimitExceeded';
  return status >= 500 ? 'backendError' : 'invalid';
}

export function notFound(kind: 'Dataset' | 'Table' | 'Model' | 'Job' | 'Project', name: string): RestError {
  return new RestError('notFound', `Not found: ${kind} ${name}`);
}

export function alreadyExists(kind: 'Dataset' | 'Table' | 'Model' | 'Job', name: string): RestError {
  return new RestError('duplicate', `Already Exists: ${kind} ${name}`);
}
