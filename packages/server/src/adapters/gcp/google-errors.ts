import { AppError, type ErrorCode } from '../../errors.js';

/** gRPC's status codes that need an answer of their own; here, so that the library is loaded only when called. */
const STATUS = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  UNAUTHENTICATED: 16,
} as const;

/** What a call to Google Cloud was for, as the words of its errors. */
export interface CallSubject {
  /** `Pub/Sub`, `BigQuery` */
  readonly service: string;
  /** The topic or table, as the user named it. */
  readonly resource: string;
}

/**
 * An error of a gRPC call as ours. What somebody can put right from outside (rights, a table that is not there yet)
 * is worth a retry: nothing may be thrown away over it. Only what the service calls a bad argument never succeeds.
 */
export function fromGrpcError(error: unknown, { service, resource }: CallSubject): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const reason = `${service} did not take what was sent to ${resource}: ${plainWords(String(message ?? error))}`;
  const hint = refusalHint(reason) ?? HINTS[Number(code)] ?? RETRY_HINT;
  return new AppError(codeOf(code), reason, { hint, cause: error });
}

/** What Google calls a missing right as well, and no role mends. */
export function refusalHint(message: string): string | undefined {
  if (/has not been used in project|API is disabled|SERVICE_DISABLED/i.test(message)) {
    const [api = 'the API'] = /\b[a-z]+\.googleapis\.com\b/.exec(message) ?? [];
    return `Enable ${api} in the project: gcloud services enable, or terraform apply.`;
  }
  return /\bbilling\b.*(not|disabled)|free tier/is.test(message)
    ? 'Link the project with a billing account.'
    : undefined;
}

/** After it has tried several times a client tells of its own limit, of what gRPC resolved, and of every try. */
function plainWords(message: string): string {
  return message
    .replace(/^Total timeout of API \S+ exceeded \d+ milliseconds retrying error Error: /, '')
    .replace(
      /(?: Resolution note:\s*)?(?: before any response was received\.)?(?:\s*: Previous errors :.*)?$/s,
      '',
    )
    .slice(0, 500);
}

function codeOf(code: unknown): ErrorCode {
  switch (code) {
    case STATUS.INVALID_ARGUMENT:
    case STATUS.OUT_OF_RANGE:
      return 'bad_request';
    case STATUS.RESOURCE_EXHAUSTED:
      return 'queue_full';
    case STATUS.UNAUTHENTICATED:
    case STATUS.PERMISSION_DENIED:
    case STATUS.NOT_FOUND:
    case STATUS.FAILED_PRECONDITION:
    case STATUS.UNIMPLEMENTED:
      return 'not_ready';
    default:
      return 'unreachable';
  }
}

const RETRY_HINT = 'Send again a little later.';
export const RIGHTS_HINT =
  'Give the account of this service the role that docs/terraform.md names for it (Accounts and rights).';
export const MISSING_HINT = 'Terraform makes topics and tables, the role migrate tables only.';
const HINTS: Readonly<Record<number, string>> = {
  [STATUS.INVALID_ARGUMENT]: 'Sending it again does not help.',
  [STATUS.OUT_OF_RANGE]: 'Sending it again does not help.',
  [STATUS.RESOURCE_EXHAUSTED]: 'A quota of the project is used up; send again a little later.',
  [STATUS.UNAUTHENTICATED]: RIGHTS_HINT,
  [STATUS.PERMISSION_DENIED]: RIGHTS_HINT,
  [STATUS.NOT_FOUND]: MISSING_HINT,
};
