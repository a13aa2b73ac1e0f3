import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { closeNow, listenLocally } from '../../support/local-server.js';

const KEY_ID = 'of-this-test';

/** Signs identity tokens as Google does, with a key set of its own that it serves. */
export interface TokenSigner {
  readonly jwksUrl: string;
  /** A right token but for the claims given; undefined leaves a claim out. */
  sign(claims?: Claims): Promise<string>;
  /** As `sign`, by a key that is not in the set. */
  signAsStranger(claims?: Claims): Promise<string>;
  unsigned(claims?: Claims): string;
  /** How often the keys were asked for. */
  keyRequests(): number;
  stop(): Promise<void>;
}

export type Claims = Readonly<Record<string, unknown>>;

export async function startTokenSigner(defaults: Claims): Promise<TokenSigner> {
  const [ours, strange] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const keys = [{ ...(await exportJWK(ours.publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }];
  let requests = 0;
  const server = createServer((_request, answer) => {
    requests++;
    answer.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  const port = await listenLocally(server);
  const claimsOf = (claims: Claims = {}): JWTPayload => {
    const nowS = Math.floor(Date.now() / 1000);
    const times = { iat: nowS, exp: nowS + 3600 };
    return { iss: 'https://accounts.google.com', email_verified: true, ...times, ...defaults, ...claims };
  };
  const sign = (key: typeof ours.privateKey) => (claims?: Claims) =>
    new SignJWT(claimsOf(claims)).setProtectedHeader({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' }).sign(key);
  return {
    jwksUrl: `http://127.0.0.1:${port}/certs`,
    sign: sign(ours.privateKey),
    signAsStranger: sign(strange.privateKey),
    unsigned: (claims) => new UnsecuredJWT(claimsOf(claims)).encode(),
    keyRequests: () => requests,
    stop: () => closeNow(server),
  };
}

/** As Cloud Run passes a token on that it has checked itself. */
export function withoutSignature(token: string): string {
  return `${token.split('.').slice(0, 2).join('.')}.SIGNATURE_REMOVED_BY_GOOGLE`;
}
