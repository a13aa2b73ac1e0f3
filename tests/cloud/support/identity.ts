import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const PUSH_ACCOUNT = 'pubsub-push@seismo-test.iam.gserviceaccount.com';
export const SCHEDULER_ACCOUNT = 'scheduler@seismo-test.iam.gserviceaccount.com';

/** Stands in for Google's identity: signs tokens as Google does, with a key of its own that it publishes. */
export interface Identity {
  /** Where the public keys lie. */
  readonly jwksUrl: string;
  token(account: string, audience: string): string;
  stop(): Promise<void>;
}

export async function startIdentity(): Promise<Identity> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = 'test-key';
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }];
  const server = createServer((_request, answer) => {
    answer.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/certs`,
    token(account, audience) {
      const nowS = Math.floor(Date.now() / 1000);
      const parts = [
        { alg: 'RS256', kid, typ: 'JWT' },
        {
          iss: 'https://accounts.google.com',
          aud: audience,
          email: account,
          email_verified: true,
          sub: '113774264463038321964',
          iat: nowS,
          exp: nowS + 3600,
        },
      ];
      const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      const signature = createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url');
      return `${text}.${signature}`;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
