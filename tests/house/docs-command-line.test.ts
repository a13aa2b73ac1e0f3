import { readFileSync } from 'node:fs';
import { configurationDoc } from '@seismo/server/cli/configuration-doc';
import { EXIT_INTERRUPTED, EXIT_ROWS_REJECTED } from '@seismo/server/cli/exit-codes';
import { ERROR_TABLE } from '@seismo/server/errors';
import { expect, it } from 'vitest';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

it('docs/configuration.md is what the table of settings says', () => {
  expect(read('configuration.md'), 'run node scripts/write-configuration-doc.js').toBe(configurationDoc());
});

it('docs/exit-codes.md names every error with its exit code, and nothing else', () => {
  const documented: Record<string, number> = {};
  const codes: number[] = [];
  for (const [, code, errors] of read('exit-codes.md').matchAll(/^\| (\d+) \|[^|]*\|([^|]*)\|$/gm)) {
    codes.push(Number(code));
    for (const [, error] of errors!.matchAll(/`(\w+)`/g)) documented[error!] = Number(code);
  }
  const actual = Object.entries(ERROR_TABLE).map(([error, { exitCode }]) => [error, exitCode]);
  expect(documented).toEqual(Object.fromEntries(actual));
  expect(codes).toEqual(expect.arrayContaining([0, EXIT_ROWS_REJECTED, EXIT_INTERRUPTED]));
});
