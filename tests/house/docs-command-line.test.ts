import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARIMA_FLAGS } from '@seismo/server/cli/arima-options';
import { configurationDoc } from '@seismo/server/cli/configuration-doc';
import { EXIT_INTERRUPTED, EXIT_ROWS_REJECTED } from '@seismo/server/cli/exit-codes';
import { ERROR_TABLE } from '@seismo/server/errors';
import { expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
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

it('docs/arima-plus.md has every option with BigQuery’s name, its range and default, and no other', () => {
  const rows = read('arima-plus.md').match(/^\| `--.*$/gm) ?? [];
  const expected = ARIMA_FLAGS.map(
    ({ flag, placeholder, bigQuery, range, defaultText, description }) =>
      `| \`${flag} <${placeholder}>\` | ${bigQuery ? `\`${bigQuery}\`` : 'ours'} | ${range} | ${defaultText} | ${description} |`,
  );
  // Columns and horizon are read apart from the others.
  expect(rows.slice(4)).toEqual(expected);
  expect(rows.slice(0, 4).map((row) => /--[a-z-]+/.exec(row)?.[0])).toEqual([
    ...['--timestamp-column', '--data-column', '--id-column', '--horizon'],
  ]);
});

it('docs/troubleshooting.md quotes messages that the sources still say', () => {
  const sources = execFileSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', 'packages/server/src', 'scripts/set-up.js'],
    {
      cwd: REPOSITORY,
      encoding: 'utf8',
    },
  );
  const files = sources.split('\n').filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.test.ts'));
  // Long messages are put together from several texts.
  const text = files
    .map((file) => readFileSync(join(REPOSITORY, file), 'utf8'))
    .join('\n')
    .replace(/['`] \+\s+['`]/g, '');
  const quotes = [...read('troubleshooting.md').matchAll(/^> (.+)$/gm)].map(([, quote]) => quote!);
  expect(quotes.length).toBeGreaterThan(10);
  const unsaid = quotes
    .flatMap((quote) => quote.split('…').map((part) => part.trim()))
    .filter((part) => part !== '' && !text.includes(part));
  expect(unsaid).toEqual([]);
});
