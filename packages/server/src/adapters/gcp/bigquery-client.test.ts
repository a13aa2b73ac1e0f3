import { describe, expect, it } from 'vitest';
import { AppError } from '../../errors.js';
import { bigQueryError } from './bigquery-client.js';

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

  it('of ours stays as it is', () => {
    const error = new AppError('usage', 'No.');
    expect(bigQueryError(error, 'anything')).toBe(error);
  });
});
