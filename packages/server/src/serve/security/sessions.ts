import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Access } from './api-keys.js';

export interface Session {
  readonly access: Access;
  /** Goes into the header X-CSRF-Token of requests that change something. */
  readonly csrfToken: string;
  readonly expiresMs: number;
}

const SESSIONS_MAX = 1000;
export const SESSION_MS = 7 * 86_400_000;

/** Who has signed in at the page. Kept in memory only: a restart asks for the key again. */
export class Sessions {
  /** By the hash of the id, oldest first, so that looking one up says nothing of its neighbours. */
  readonly #byHash = new Map<string, Session>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Starts a session and gives its id, which only the cookie knows. */
  open(access: Access): { id: string; session: Session } {
    const id = randomBytes(32).toString('base64url');
    const session = {
      access,
      csrfToken: randomBytes(32).toString('base64url'),
      expiresMs: this.#nowMs() + SESSION_MS,
    };
    if (this.#byHash.size >= SESSIONS_MAX) {
      const oldest = this.#byHash.keys().next().value;
      if (oldest !== undefined) this.#byHash.delete(oldest);
    }
    this.#byHash.set(hashOf(id), session);
    return { id, session };
  }

  find(id: string): Session | undefined {
    const hash = hashOf(id);
    const session = this.#byHash.get(hash);
    if (session === undefined || session.expiresMs > this.#nowMs()) return session;
    this.#byHash.delete(hash);
    return undefined;
  }

  close(id: string): void {
    this.#byHash.delete(hashOf(id));
  }
}

export function isTokenOf(session: Session, token: unknown): boolean {
  if (typeof token !== 'string' || token.length !== session.csrfToken.length) return false;
  const given = Buffer.from(token);
  const right = Buffer.from(session.csrfToken);
  return given.length === right.length && timingSafeEqual(given, right);
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
