/**
 * Operational errors: what went wrong outside the program's own logic, with the one table that says how each
 * is answered over HTTP, with which exit code, and whether trying again can help.
 */
export const ERROR_TABLE = {
  bad_request: { status: 400, exitCode: 2, retry: false },
  not_json: { status: 400, exitCode: 2, retry: false },
  usage: { status: 400, exitCode: 2, retry: false },
  unauthorized: { status: 401, exitCode: 7, retry: false },
  forbidden: { status: 403, exitCode: 7, retry: false },
  not_found: { status: 404, exitCode: 2, retry: false },
  method_not_allowed: { status: 405, exitCode: 2, retry: false },
  request_timeout: { status: 408, exitCode: 4, retry: true },
  too_large: { status: 413, exitCode: 2, retry: false },
  unsupported_media_type: { status: 415, exitCode: 2, retry: false },
  host_not_allowed: { status: 421, exitCode: 2, retry: false },
  headers_too_large: { status: 431, exitCode: 2, retry: false },
  too_many_requests: { status: 429, exitCode: 4, retry: true },
  series_limit: { status: 429, exitCode: 4, retry: true },
  queue_full: { status: 429, exitCode: 4, retry: true },
  storage_full: { status: 503, exitCode: 5, retry: true },
  not_ready: { status: 503, exitCode: 4, retry: true },
  data_folder_in_use: { status: 503, exitCode: 3, retry: false },
  data_folder_newer: { status: 503, exitCode: 3, retry: false },
  data_folder_unusable: { status: 503, exitCode: 3, retry: false },
  address_in_use: { status: 503, exitCode: 6, retry: false },
  unreachable: { status: 503, exitCode: 4, retry: true },
  internal: { status: 500, exitCode: 1, retry: false },
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;

export interface AppErrorDetails {
  /** The field, parameter or flag that is wrong. */
  field?: string;
  /** What to do about it, one sentence. */
  hint?: string;
  cause?: unknown;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.field = details.field;
    this.hint = details.hint;
  }
}
