import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { type Rule, running, runScript } from '../scripts/support/stand-ins.js';
import { lacksPeer } from './support/peers.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-gcloud-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the real gcloud says of commands without running them: those with a word or flag that it does not know. */
async function refused(commands: readonly string[]): Promise<string[]> {
  const input = join(folder, 'commands.json');
  writeFileSync(input, JSON.stringify(commands.map((command) => ({ command_string: command }))));
  const { stdout } = await promisify(execFile)(
    'gcloud',
    ['meta', 'lint-gcloud-commands', `--commands-file=${input}`],
    {
      env: { ...process.env, CLOUDSDK_CONFIG: join(folder, 'config'), CLOUDSDK_CORE_DISABLE_PROMPTS: '1' },
      maxBuffer: 1e9,
    },
  );
  const answers = JSON.parse(stdout) as {
    command_string: string;
    success: boolean;
    error_message?: string;
  }[];
  expect(answers).toHaveLength(commands.length);
  return answers
    .filter(({ success }) => !success)
    .map(({ command_string, error_message }) => `${command_string}: ${error_message?.split('\n')[0]}`);
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** Where gcloud looks at the value too. */
const VALUES: Readonly<Record<string, string>> = {
  PROJECT_ID: 'my-project',
  REGION: 'us-central1',
  PROCESSMETRICS: 'https://processmetrics-123456789012.us-central1.run.app',
};

/** Every gcloud command in the shell blocks of a document, up to what ends a command. */
function commandsIn(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```(?:sh|bash|shell|console)\n([\s\S]*?)^```/gm)].map(
    ([, text]) => text!,
  );
  return blocks
    .flatMap((text) => text.replace(/\\\n\s*/g, ' ').split('\n'))
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => [...line.matchAll(/(?<![\w/'"-])gcloud (?:"[^"]*"|'[^']*'|[^|;&<>)#'"])+/g)])
    .map(([command]) => command.trim().replace(/\$\{?(\w+)\}?/g, (whole, name) => VALUES[name] ?? whole));
}

describe.skipIf(lacksPeer('pubsub'))('the real gcloud knows every command', () => {
  test('that the scripts call', { timeout: 300_000 }, async () => {
    const rules: readonly Rule[] = [
      {
        match: '^gcloud .*(accounts|topics|subscriptions|repositories|secrets|versions|jobs) describe',
        exit: 1,
      },
      { match: '^bq .*show', exit: 1 },
    ];
    const names = ['processmetrics', 'get-anomalies', 'metrics-api'];
    const services = Object.fromEntries(names.map((name) => [name, running(name, 2)]));
    const IMAGE = `us-central1-docker.pkg.dev/my-project/seismo/seismo@sha256:${'a'.repeat(64)}`;
    const fault = { match: 'https://metrics-api-xyz.*/metrics$', exit: 7 };
    const outcomes = await Promise.all([
      runScript('deploy-manually.sh', { rules, environment: { TAG: 'v1', PUBLIC_API: 'yes' } }),
      runScript('deploy-manually.sh', { rules, args: ['services'], environment: { TAG: 'v1' } }),
      runScript('deploy.sh', { services, environment: { IMAGE } }),
      runScript('deploy.sh', { services, environment: { IMAGE }, rules: [fault] }),
    ]);
    const commands = new Set(
      outcomes
        .flatMap((outcome) => outcome.commands)
        .filter(([tool]) => tool === 'gcloud')
        .map((words) => words.map(quoted).join(' ').replace("'gcloud'", 'gcloud')),
    );
    expect(commands.size).toBeGreaterThan(50);
    expect(await refused([...commands])).toEqual([]);
  });

  test('that the documents tell', { timeout: 120_000 }, async () => {
    const docs = new URL('../../docs/', import.meta.url);
    const commands = readdirSync(docs)
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) => commandsIn(readFileSync(new URL(name, docs), 'utf8')));
    expect(commands.length).toBeGreaterThan(25);
    expect(await refused([...new Set(commands)])).toEqual([]);
  });

  test('and says of a wrong one what is wrong', { timeout: 120_000 }, async () => {
    expect(await refused(['gcloud run deploy seismo --imagine=x'])).toEqual([
      expect.stringContaining('unrecognized arguments: --imagine=x'),
    ]);
  });
});
