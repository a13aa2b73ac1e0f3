import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiKey } from '../../config.js';

export type Access = ApiKey['access'];

export interface KnownKey {
  /** Place in the configuration. */
  readonly index: number;
  readonly access: Access;
}

/** The keys of the configuration, as hashes. */
export class ApiKeys {
  /** False: everything is open. True without any key: everything is closed. */
  readonly required: boolean;
  readonly #keys: readonly { readonly hash: Buffer; readonly access: Access }[];

  constructor(keys: readonly ApiKey[], required: boolean) {
    this.required = required;
    this.#keys = keys.map(({ key, access }) => ({ hash: hashOf(key), access }));
  }

  /** Looks at every key, whichever matches, so that the time taken tells nothing. */
  find(key: string): KnownKey | undefined {
    const hash = hashOf(key);
    let found: KnownKey | undefined;
    this.#keys.forEach((one, index) => {
      if (timingSafeEqual(one.hash, hash) && found?.access !== 'write') found = { index, access: one.access };
    });
    return found;
  }
}

/** A key, and where it was sent: a header, or a field of the body. */
export interface SentKey {
  readonly key: string;
  readonly field: string;
}

/** The key that a request carries: `X-API-Key`, else `Authorization: Bearer`. */
export function keyOfRequest(headers: IncomingHttpHeaders): SentKey | undefined {
  const own = headers['x-api-key'];
  if (typeof own === 'string') return { key: own, field: 'X-API-Key' };
  const { authorization } = headers;
  if (authorization === undefined || !/^bearer /i.test(authorization)) return undefined;
  return { key: authorization.slice(7).trim(), field: 'Authorization' };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
