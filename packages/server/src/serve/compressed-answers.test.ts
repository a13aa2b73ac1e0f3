import { expect, test } from 'vitest';
import { preferredEncoding } from './compressed-answers.js';

test.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['GZIP;q=0.000', undefined],
  ['*', 'gzip'],
])('of %s it takes %s', (header, encoding) => {
  expect(preferredEncoding(header)).toBe(encoding);
});
