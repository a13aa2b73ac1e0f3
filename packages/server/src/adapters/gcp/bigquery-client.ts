import { BigQuery } from '@google-cloud/bigquery';
import { AppError } from '../../errors.js';
import { MISSING_HINT, RIGHTS_HINT, refusalHint } from './google-errors.js';

export interface BigQueryPlace {
  readonly project: string;
  /** Where the dataset lies; undefined lets BigQuery find it by the tables that a query names. */
  readonly location?: string | undefined;
}

/** Whoever asks waits meanwhile, and every caller of ours tries again by itself: the library's three take 15 s. */
const RETRIES_MAX = 1;

/** One client for a process. BIGQUERY_EMULATOR_HOST (`http://host:port/bigquery/v2`) leads it to an emulator. */
export function createBigQueryClient({ project, location }: BigQueryPlace): BigQuery {
  return new BigQuery({
    projectId: project,
    maxRetries: RETRIES_MAX,
    ...(location === undefined ? {} : { location }),
  });
}

/**
 * What the client throws, as an AppError: `not_ready` where trying again can help, be it that somebody has to give a
 * right or make a table first; the same holds of calls over gRPC.
 */
export function bigQueryError(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  const message = `BigQuery, ${doing}: ${error instanceof Error ? error.message : String(error)}`;
  // Whatever its status is: it never passes by itself.
  if (reasonOf(error) === 'bytesBilledLimitExceeded') {
    return new AppError('internal', message, { hint: TOO_MUCH_HINT, cause: error });
  }
  if (isPassing(error)) return new AppError('not_ready', message, { cause: error });
  const hint = MENDED_OUTSIDE[Number((error as { code?: unknown }).code)];
  if (hint === undefined) return new AppError('internal', message, { cause: error });
  return new AppError('not_ready', message, { hint: refusalHint(message) ?? hint, cause: error });
}

const TOO_MUCH_HINT = 'Ask for less, or raise --max-bytes-billed (max_bytes_billed in terraform.tfvars).';
const MENDED_OUTSIDE: Readonly<Record<number, string>> = { 403: RIGHTS_HINT, 404: MISSING_HINT };

const PASSING_REASONS = new Set(['backendError', 'internalError', 'jobBackendError', 'jobInternalError']);
const PASSING_RATES = new Set([
  'rateLimitExceeded',
  'jobRateLimitExceeded',
  'quotaExceeded',
  'tableUnavailable',
]);

function reasonOf(error: unknown): string {
  const { errors } = error as { errors?: readonly { reason?: string }[] };
  return errors?.[0]?.reason ?? '';
}

function isPassing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && (code === 429 || code >= 500)) return true;
  // The system's own: ECONNREFUSED, ETIMEDOUT, ENOTFOUND …
  if (typeof code === 'string') return true;
  const reason = reasonOf(error);
  return PASSING_REASONS.has(reason) || PASSING_RATES.has(reason);
}
