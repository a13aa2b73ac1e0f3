import { describe, expect, it } from 'vitest';
import { AppError } from '../../errors.js';
import { bigQueryError } from './bigquery-client.js';
import { fromGrpcError } from './google-errors.js';

const SUBJECT = { service: 'Pub/Sub', resource: 'the topic metrics' };

/** As the client of Google throws them. */
function thrown(code: number | string, reason = ''): Error {
  return Object.assign(new Error('so'), { code, errors: [{ reason }] });
}

describe('an error of BigQuery', () => {
  it.each([
    ['a fault of the service', thrown(500), 'not_ready', undefined],
    ['too many calls', thrown(429), 'not_ready', undefined],
    ['a used up quota', thrown(403, 'quotaExceeded'), 'not_ready', undefined],
    ['a network that is away', thrown('ECONNREFUSED'), 'not_ready', undefined],
    ['a missing right', thrown(403, 'accessDenied'), 'not_ready', /role that docs\/terraform\.md names/],
    ['a missing table', thrown(404, 'notFound'), 'not_ready', /the role migrate/],
    [
      'a query that would bill too much',
      thrown(400, 'bytesBilledLimitExceeded'),
      'internal',
      /max_bytes_billed/,
    ],
    ['the same, called a fault', thrown(500, 'bytesBilledLimitExceeded'), 'internal', /max_bytes_billed/],
    ['a faulty statement', thrown(400, 'invalidQuery'), 'internal', undefined],
  ])('for %s says whether trying again can help, and what to do', (_what, error, code, hint) => {
    const explained = bigQueryError(error, 'running x.sql');
    expect([explained.code, explained.message, explained.cause]).toEqual([
      code,
      'BigQuery, running x.sql: so',
      error,
    ]);
    if (hint === undefined) expect(explained.hint).toBeUndefined();
    else expect(explained.hint).toMatch(hint);
  });

  it.each([
    [
      'Cloud Pub/Sub API has not been used in project 123 before or it is disabled. Enable it by visiting ' +
        'https://console.developers.google.com/apis/api/pubsub.googleapis.com/overview?project=123 then retry.',
      'Enable pubsub.googleapis.com in the project: gcloud services enable, or terraform apply.',
    ],
    [
      'Billing has not been enabled for this project. DML queries are not allowed in the free tier.',
      'Link the project with a billing account.',
    ],
  ])('that no role mends is no missing right: %s', (message, hint) => {
    const overRest = Object.assign(new Error(message), { code: 403, errors: [{ reason: 'accessDenied' }] });
    expect(bigQueryError(overRest, 'running x.sql')).toMatchObject({ code: 'not_ready', hint });
    const overGrpc = Object.assign(new Error(`7 PERMISSION_DENIED: ${message}`), { code: 7 });
    expect(fromGrpcError(overGrpc, SUBJECT)).toMatchObject({ code: 'not_ready', hint });
  });

  it('over gRPC is told without what the library says of itself', () => {
    const why =
      '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1.';
    const tried = `Total timeout of API google.pubsub.v1.Publisher exceeded 10000 milliseconds retrying error Error: ${why}`;
    for (const said of [
      why,
      `${why} Resolution note: `,
      `${why} Resolution note:  : Previous errors : [{message: so}]`,
      `${tried} Resolution note:   before any response was received.`,
      `${tried} Resolution note:  before any response was received. : Previous errors : [{message: so}]`,
    ]) {
      const explained = fromGrpcError(Object.assign(new Error(said), { code: 14 }), SUBJECT);
      expect(explained.message).toBe(`Pub/Sub did not take what was sent to the topic metrics: ${why}`);
    }
  });

  it('of ours stays as it is', () => {
    const error = new AppError('usage', 'No.');
    expect(bigQueryError(error, 'anything')).toBe(error);
  });
});
