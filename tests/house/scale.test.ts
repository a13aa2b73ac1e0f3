import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { limitTable, scaleCosts, scaleCostTable } from '../../scripts/google-cloud-scale.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('docs/scale.md has the tables that scripts/google-cloud-scale.js computes', () => {
  expect(read('docs/scale.md')).toContain(limitTable());
  expect(read('docs/scale.md')).toContain(scaleCostTable());
});

it('the limits that are ours are those that are set', () => {
  const limit = (name: string) => new RegExp(`\\| ${name} \\| ours \\| ([\\d,]+)`).exec(limitTable())?.[1];
  expect(read('terraform/variables.tf')).toMatch(/variable "max_bytes_billed" [^}]*"100GiB"/);
  expect(limit('bytes of one training')).toBe((100 * 1024 ** 3).toLocaleString('en-US'));
  expect(read('packages/server/src/cli/settings.ts')).toMatch(/'--series-max'[^}]*'100000'/);
  expect(limit('series that an instance of metrics-api knows')).toBe('100,000');
  expect(read('terraform/services.tf').match(/max = 20\b/g)).toHaveLength(2);
  expect(limit('instances of one service')).toBe('20');
});

it('what is turned costs less than what is built, and what is changed less than that', () => {
  const { built, turned, changed } = scaleCosts(1_000_000);
  expect(turned.total).toBeLessThan(built.total!);
  expect(changed.total).toBeLessThan(turned.total!);
});
