import { expect, it } from 'vitest';
import { FILES } from './repository.js';

const written = FILES.filter(({ path }) => /^packages\/server\/src\/.*(?<!\.test)\.ts$/.test(path))
  .map(({ text }) => text)
  .join('\n');
const document = FILES.find(({ path }) => path === 'docs/google-cloud.md')?.text ?? '';

const SEVERITIES: Readonly<Record<string, string>> = { info: 'INFO', warn: 'WARNING', error: 'ERROR' };
/** Training and detection put the names of their events together. */
const ROUNDS = [
  ['train_finished', 'INFO'],
  ['detect_finished', 'INFO'],
  ['train_failed', 'ERROR'],
  ['detect_failed', 'ERROR'],
] as const;

it('docs/google-cloud.md names every event that the services log, with its severity, and no other', () => {
  const literal = [...written.matchAll(/\bevent: '(\w+)'/g)].map(([, event]) => event!);
  const logged = new Map<string, string>(ROUNDS);
  for (const [, level, event] of written.matchAll(/log\.(info|warn|error)\(\s*\{\s*event: '(\w+)'/g)) {
    // What a library logs at several levels is known by the most severe.
    if (logged.get(event!) !== 'WARNING') logged.set(event!, SEVERITIES[level!]!);
  }
  expect([...logged.keys()]).toEqual(expect.arrayContaining(literal));
  expect(written).toMatch(/event: `\$\{event\}_failed`[\s\S]*event: `\$\{event\}_finished`/);

  const documented = new Map<string, string>();
  const rows = document.split('| `event` |')[1]?.split('\n\n')[0] ?? '';
  for (const [, names, severity] of rows.matchAll(/^\| (`.*?) \| ([A-Z]+) \|/gm)) {
    for (const [, name] of names!.matchAll(/`(\w+)`/g)) documented.set(name!, severity!);
  }
  expect(documented.size).toBeGreaterThan(12);
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(logged));
});

it.each([
  'did not take what was sent to',
  'The table may have an older form',
  'Terraform makes topics and tables, the role migrate tables only',
  'cannot be taken over: its column',
  'The signature of the identity token was taken away',
])('docs/google-cloud.md quotes what the services still say: %s', (message) => {
  expect(document).toContain(message);
  expect(written).toContain(message);
});
