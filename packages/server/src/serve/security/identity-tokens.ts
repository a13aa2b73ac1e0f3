import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { AppError } from '../../errors.js';

/** How tokens are checked; see `pushAuth` in the configuration. Never inferred from the token itself. */
export interface IdentityTokenOptions {
  readonly mode: 'verify' | 'iam';
  /** Audiences that are right; none: the address that was called (`verify`), or any (`iam`: Cloud Run looked). */
  readonly audiences: readonly string[];
  readonly jwksUrl: string;
  readonly nowMs: () => number;
}

/** What is looked at of a request. */
export interface TokenBearer {
  /** The header Authorization. */
  readonly authorization: string | undefined;
  /** `https://service.example/pubsub/push`: scheme, host and path as the caller had them. */
  readonly calledUrl: string;
}

/** Google signs with these; `none` is no signature. */
const ALGORITHMS = ['RS256', 'ES256'];
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];
/** So soon a key that Google takes back counts no more. */
const VERIFIED_MS_MAX = 300_000;
const VERIFIED_MAX = 100;
/** Clocks differ. */
const LEEWAY_S = 60;
/** What Cloud Run puts in place of the signature where it has checked it. */
const SIGNATURE_REMOVED = 'SIGNATURE_REMOVED_BY_GOOGLE';

/**
 * Checks Google's identity tokens, as Pub/Sub and Cloud Scheduler send them. A token may come any number of
 * times until it expires: Pub/Sub uses one for many messages.
 */
export class IdentityTokens {
  readonly #options: IdentityTokenOptions;
  readonly #keys: JWTVerifyGetKey;
  /** Tokens whose signature was found right, with what they say. */
  readonly #verified = new Map<string, { claims: JWTPayload; sinceMs: number }>();

  constructor(options: IdentityTokenOptions) {
    this.#options = options;
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), { timeoutDuration: 5000 });
  }

  /** Resolves when the request comes from that account; rejects with 401, 403, or 503 without the public keys. */
  async check(bearer: TokenBearer, account: string): Promise<void> {
    const token = /^bearer +(\S+)$/i.exec(bearer.authorization ?? '')?.[1];
    if (token === undefined) throw refused('This needs an identity token of Google.', NO_TOKEN);
    const claims = this.#options.mode === 'verify' ? await this.#verify(token) : decode(token);
    this.#checkTime(claims);
    this.#checkOrigin(claims, bearer);
    checkAccount(claims, account);
  }

  /** Pub/Sub uses a token for as long as it lasts: its signature need not be looked at with every message. */
  async #verify(token: string): Promise<JWTPayload> {
    const nowMs = this.#options.nowMs();
    const known = this.#verified.get(token);
    if (known !== undefined && nowMs - known.sinceMs < VERIFIED_MS_MAX) return known.claims;
    const claims = await this.#verifySignature(token);
    if (this.#verified.size >= VERIFIED_MAX) this.#verified.clear();
    this.#verified.set(token, { claims, sinceMs: nowMs });
    return claims;
  }

  async #verifySignature(token: string): Promise<JWTPayload> {
    if (token.endsWith(`.${SIGNATURE_REMOVED}`)) {
      throw refused('The signature of the identity token was taken away.', REMOVED);
    }
    // Refuses what claims to need no signature before any key is asked for.
    decode(token);
    try {
      const currentDate = new Date(this.#options.nowMs());
      const options = { algorithms: ALGORITHMS, currentDate, clockTolerance: LEEWAY_S };
      return (await jwtVerify(token, this.#keys, options)).payload;
    } catch (error) {
      throw verificationError(error);
    }
  }

  #checkTime({ exp, nbf, iat }: JWTPayload): void {
    const nowS = this.#options.nowMs() / 1000;
    if (typeof exp !== 'number' || exp + LEEWAY_S <= nowS) throw refused('The identity token has expired.');
    if (Math.max(nbf ?? 0, iat ?? 0) - LEEWAY_S > nowS) {
      throw refused('The identity token is not valid yet.');
    }
  }

  #checkOrigin({ iss, aud }: JWTPayload, { calledUrl }: TokenBearer): void {
    if (iss === undefined || !ISSUERS.includes(iss))
      throw refused('The identity token is not one of Google.');
    const { audiences, mode } = this.#options;
    if (mode === 'iam' && audiences.length === 0) return;
    const right = audiences.length > 0 ? audiences.map(withoutSlash) : [calledUrl, originOf(calledUrl)];
    if ([aud].flat().some((one) => one !== undefined && right.includes(withoutSlash(one)))) return;
    throw refused('The identity token was made for another audience.', `Right is ${right.join(' or ')}.`);
  }
}

const NO_TOKEN =
  'Pub/Sub and Cloud Scheduler send one when their subscription or job names a service account.';
const REMOVED =
  'Cloud Run does that where it asks for an identity itself: start the service with SEISMO_PUSH_AUTH=iam.';

/** A Host header can hold anything. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

/** `https://x/` and `https://x` are one address. */
function withoutSlash(audience: string): string {
  return audience.endsWith('/') ? audience.slice(0, -1) : audience;
}

/** What the token says, without a look at the signature. */
function decode(token: string): JWTPayload {
  let claims: JWTPayload;
  let algorithm: string | undefined;
  try {
    algorithm = decodeProtectedHeader(token).alg;
    claims = decodeJwt(token);
  } catch {
    throw refused('The Authorization header holds no identity token.', NO_TOKEN);
  }
  if (algorithm === undefined || !ALGORITHMS.includes(algorithm)) {
    throw refused('The identity token is not signed in a way that Google signs.');
  }
  return claims;
}

function checkAccount({ email, email_verified: verified }: JWTPayload, account: string): void {
  const same = typeof email === 'string' && email.toLowerCase() === account.toLowerCase();
  if (same && verified === true) return;
  throw new AppError('forbidden', 'The identity token belongs to another account.', {
    field: 'Authorization',
    hint: `This is for ${account} only.`,
  });
}

function verificationError(error: unknown): AppError {
  const cause = { cause: error };
  if (error instanceof errors.JWTExpired) return refused('The identity token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused('The identity token is not valid now.');
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return refused('The Authorization header holds no identity token.', NO_TOKEN);
  }
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported
  ) {
    return refused('The identity token is not signed by Google.');
  }
  return new AppError('not_ready', "Google's public keys cannot be read, so no token can be checked.", cause);
}

function refused(message: string, hint?: string): AppError {
  return new AppError(
    'unauthorized',
    message,
    hint === undefined ? { field: 'Authorization' } : { field: 'Authorization', hint },
  );
}
