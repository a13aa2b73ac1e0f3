import { silentLogger } from '@seismo/server/logger';
import type { DeliveredMessage } from '@seismo/server/ports/message-intake';
import { pubSubPushRoute } from '@seismo/server/serve/routes/pubsub-push';
import { identityGuard } from '@seismo/server/serve/security/identity-guard';
import { IdentityTokens } from '@seismo/server/serve/security/identity-tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baseServer } from './support/base-server.js';
import { type Claims, startTokenSigner, type TokenSigner, withoutSignature } from './support/token-signer.js';

const ACCOUNT = 'pubsub-push@my-project.iam.gserviceaccount.com';
const AUDIENCE = 'https://processmetrics.example';
const HOUR_S = 3600;
const nowS = () => Math.floor(Date.now() / 1000);

let signer: TokenSigner;
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  signer = await startTokenSigner({ aud: AUDIENCE, email: ACCOUNT });
});
afterAll(async () => {
  await Promise.all(open.map((close) => close()));
  await signer.stop();
});

interface Setting {
  readonly mode: 'verify' | 'iam';
  readonly audiences?: readonly string[];
  readonly jwksUrl?: string;
}

async function startPush({ mode, audiences = [AUDIENCE], jwksUrl = signer.jwksUrl }: Setting) {
  const taken: DeliveredMessage[] = [];
  const { app } = baseServer({ role: 'processmetrics' });
  const tokens = new IdentityTokens({ mode, audiences, jwksUrl, nowMs: Date.now });
  const intake = { take: async (message: DeliveredMessage) => void taken.push(message) };
  pubSubPushRoute(app, intake, identityGuard(tokens, ACCOUNT, silentLogger));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  open.push(() => app.close());
  const push = async (token: string | undefined, body: unknown = DELIVERY, headers = {}) => {
    const answer = await fetch(`${url}/pubsub/push`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const { error } = (text === '' ? {} : JSON.parse(text)) as { error?: Record<string, string> };
    return { status: answer.status, code: error?.code, message: error?.message, hint: error?.hint };
  };
  return { push, taken, url };
}

const DELIVERY = {
  message: {
    data: Buffer.from('{"timestamp": 1743548330, "latency": 312.0}').toString('base64'),
    attributes: { schema_version: '1' },
    messageId: '2070443601311540',
    message_id: '2070443601311540',
    publishTime: '2025-04-01T22:58:50.916Z',
    publish_time: '2025-04-01T22:58:50.916Z',
  },
  subscription: 'projects/my-project/subscriptions/metrics-push',
};

describe.each(['verify', 'iam'] as const)('a push with --push-auth %s', (mode) => {
  /** As it arrives there: where IAM is on, Cloud Run takes the signature away. */
  const arriving = async (claims?: Claims) => {
    const token = await signer.sign(claims);
    return mode === 'iam' ? withoutSignature(token) : token;
  };

  it('is taken with the right token, as often as it is used', async () => {
    const { push, taken } = await startPush({ mode });
    const token = await arriving();
    for (let i = 0; i < 3; i++) expect(await push(token)).toMatchObject({ status: 204 });
    expect(taken[2]).toEqual({
      id: '2070443601311540',
      publishedMs: Date.parse('2025-04-01T22:58:50.916Z'),
      attributes: { schema_version: '1' },
      data: Buffer.from('{"timestamp": 1743548330, "latency": 312.0}'),
    });
  });

  it.each([
    ['for another audience', { aud: 'https://other.example' }, 401, 'another audience'],
    ['without an audience', { aud: undefined }, 401, 'another audience'],
    ['that has expired', { iat: nowS() - 2 * HOUR_S, exp: nowS() - HOUR_S }, 401, 'expired'],
    ['that never expires', { exp: undefined }, 401, 'expired'],
    ['from the future', { iat: nowS() + HOUR_S, exp: nowS() + 2 * HOUR_S }, 401, 'not valid'],
    ['of another issuer', { iss: 'https://evil.example' }, 401, 'not one of Google'],
    ['of another account', { email: 'x@my-project.iam.gserviceaccount.com' }, 403, 'another account'],
    ['without an account', { email: undefined }, 403, 'another account'],
    ['of an account not verified', { email_verified: false }, 403, 'another account'],
    ['of an account verified in words', { email_verified: 'true' }, 403, 'another account'],
  ])('is refused with a token %s', async (_what, claims, status, words) => {
    const { push, taken } = await startPush({ mode });
    expect(await push(await arriving(claims))).toMatchObject({
      status,
      message: expect.stringContaining(words) as string,
    });
    expect(taken).toEqual([]);
  });

  it('is refused without a token, with an unsigned one, and with what is none', async () => {
    const { push, taken } = await startPush({ mode });
    for (const token of [undefined, signer.unsigned(), 'nonsense', 'a.b.c', '..']) {
      expect(await push(token), String(token)).toMatchObject({ status: 401, code: 'unauthorized' });
    }
    expect(taken).toEqual([]);
  });

  it('takes Google by both of its names, and audiences with a slash at the end', async () => {
    const { push } = await startPush({ mode });
    const claims = { iss: 'accounts.google.com', aud: `${AUDIENCE}/` };
    expect((await push(await arriving(claims))).status).toBe(204);
  });
});

describe('with --push-auth verify', () => {
  it('a signature that was taken away is refused, with what to set', async () => {
    const { push, taken } = await startPush({ mode: 'verify' });
    const answer = await push(withoutSignature(await signer.sign()));
    expect(answer).toMatchObject({
      status: 401,
      message: 'The signature of the identity token was taken away.',
      hint: expect.stringContaining('SEISMO_PUSH_AUTH=iam') as string,
    });
    expect(taken).toEqual([]);
  });

  it('a signature of another key, or over another text, is refused', async () => {
    const { push } = await startPush({ mode: 'verify' });
    const [header, , signature] = (await signer.sign()).split('.');
    const other = (await signer.sign({ email: 'somebody@else.example' })).split('.')[1];
    for (const token of [await signer.signAsStranger(), `${header}.${other}.${signature}`]) {
      expect(await push(token)).toMatchObject({
        status: 401,
        message: 'The identity token is not signed by Google.',
      });
    }
  });

  it('the public keys are asked for once, not with every push', async () => {
    const before = signer.keyRequests();
    const { push } = await startPush({ mode: 'verify' });
    for (let i = 0; i < 5; i++) expect((await push(await signer.sign())).status).toBe(204);
    expect(signer.keyRequests() - before).toBe(1);
  });

  it('keys that cannot be read bring the message again', async () => {
    const { push } = await startPush({ mode: 'verify', jwksUrl: 'http://127.0.0.1:9/certs' });
    expect(await push(await signer.sign())).toMatchObject({ status: 503, code: 'not_ready' });
  });

  it('the audience is the address that was called where none is set', async () => {
    const { push, url } = await startPush({ mode: 'verify', audiences: [] });
    for (const aud of [url, `${url}/pubsub/push`]) {
      expect((await push(await signer.sign({ aud }))).status).toBe(204);
    }
    expect((await push(await signer.sign({ aud: 'https://other.example' }))).status).toBe(401);
    const https = await signer.sign({ aud: url.replace('http:', 'https:') });
    expect((await push(https)).status).toBe(401);
    expect((await push(https, DELIVERY, { 'x-forwarded-proto': 'https' })).status).toBe(204);
  });
});

it('what is no delivery of Pub/Sub is refused with what is wrong', async () => {
  const { push, taken } = await startPush({ mode: 'verify' });
  const token = await signer.sign();
  const { messageId: _1, message_id: _2, ...nameless } = DELIVERY.message;
  const { publishTime: _3, publish_time: _4, ...timeless } = DELIVERY.message;
  const { message } = DELIVERY;
  const bodies = [
    {},
    [],
    { message: 'x' },
    { message: nameless },
    { message: timeless },
    { message: { ...message, publishTime: 'yesterday' } },
    { message: { ...message, data: 7 } },
    { message: { ...message, attributes: { shard: 3 } } },
  ];
  for (const body of bodies) {
    expect(await push(token, body), JSON.stringify(body)).toMatchObject({ status: 400, code: 'bad_request' });
  }
  expect(taken).toEqual([]);
});
