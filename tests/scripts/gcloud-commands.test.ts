import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gcloudFolders, lacksPeer } from '../cloud/support/peers.js';
import { type Rule, running, runScript } from './support/stand-ins.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUPPORT = join(ROOT, 'tests/scripts/support');
const documentsIn = (path: string) =>
  readdirSync(join(ROOT, path)).flatMap((name) => (name.endsWith('.md') ? [`${path}/${name}`] : []));
const DOCUMENTS = [
  'README.md',
  ...documentsIn('docs'),
  ...documentsIn('terraform'),
  ...documentsIn('terraform/modules/monitoring/runbook'),
];

/** Whatever a block calls that would reach beyond this folder, or wait. */
const RECORDED = ['gcloud', 'bq', 'docker', 'curl', 'npx', 'seismo', 'terraform', 'sleep', 'node', 'openssl'];

/** What later commands make of the answers of earlier ones. */
const ANSWERS = 'case "$*" in *describe*) echo 123456789 ;; *get-value*) echo me@example.com ;; esac\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seismo-commands-'));
  mkdirSync(join(folder, 'bin'));
  for (const name of RECORDED) {
    const file = join(folder, 'bin', name);
    // In one write: the commands of a pipeline note themselves at the same time.
    writeFileSync(
      file,
      `#!/bin/sh\ncall=$(printf '%s\\037' ${name} "$@")\nprintf '%s\\036' "$call" >>"$RECORD"\n${ANSWERS}`,
    );
    chmodSync(file, 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Blocks of shell, one after the other, and commands of gcloud within the text. */
function shellOf(document: string): string {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const blocks = [...text.matchAll(/```(?:sh|bash)\n([\s\S]*?)```/g)].map(([, block]) => block!);
  const inline = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/`(gcloud [a-z][^`]*)`/g)].map(
    ([, command]) => command!.replaceAll('…', 'SOMETHING'),
  );
  return [...blocks.filter((block) => block.includes('gcloud ')), ...inline].join('\n');
}

/** Runs the shell in an empty folder with everything that it calls recorded; gives the arguments of gcloud. */
function gcloudCalls(shell: string): string[][] {
  const record = join(folder, 'record');
  writeFileSync(record, '');
  const env = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    RECORD: record,
    PROJECT_ID: 'my-project',
    REGION: 'us-central1',
    HOME: folder,
  };
  // What fails is a file that is not in this folder; the calls after it are recorded all the same.
  execFileSync('bash', ['-c', `exec >/dev/null 2>&1\n${shell}\nwait; true`], {
    cwd: folder,
    env,
    stdio: 'ignore',
  });
  const calls = readFileSync(record, 'utf8').split('\x1e').slice(0, -1);
  return calls
    .map((call) => call.split('\x1f').slice(0, -1))
    .flatMap(([name, ...args]) => (name === 'gcloud' ? [args] : []));
}

interface Call {
  readonly from: string;
  readonly args: readonly string[];
}

/** What the real gcloud says of calls, without making them: those with a word or flag that it does not know. */
function refused(calls: readonly Call[]): string[] {
  const { sdk, python } = gcloudFolders()!;
  const answer = execFileSync(python, [join(SUPPORT, 'parse-gcloud.py'), sdk], {
    input: calls.map(({ args }) => JSON.stringify(args)).join('\n'),
    env: { ...process.env, CLOUDSDK_CONFIG: join(folder, 'config'), CLOUDSDK_CORE_DISABLE_PROMPTS: '1' },
    encoding: 'utf8',
  });
  const faults = JSON.parse(answer) as (string | null)[];
  expect(faults).toHaveLength(calls.length);
  return calls.flatMap(({ from, args }, i) =>
    faults[i] === null ? [] : [`${from}: gcloud ${args.join(' ')}: ${faults[i]?.split('\n')[0]}`],
  );
}

/** Nothing is there yet. */
const EMPTY: readonly Rule[] = [
  {
    match: '^gcloud .*(accounts|topics|subscriptions|repositories|secrets|versions|jobs|buckets) describe',
    exit: 1,
  },
  { match: '^bq .*show', exit: 1 },
];
const SERVICES = ['processmetrics', 'get-anomalies', 'metrics-api'];
const RUNNING = Object.fromEntries(SERVICES.map((name) => [name, running(name, 2)]));
const IMAGE = `us-central1-docker.pkg.dev/my-project/seismo/seismo@sha256:${'a'.repeat(64)}`;
const FAULT: Rule = { match: 'https://metrics-api-xyz.*/metrics$', exit: 7 };

const RUNS: readonly (readonly [string, Parameters<typeof runScript>[1]])[] = [
  ['prepare-google-cloud.sh', { rules: EMPTY, environment: { STATE_BUCKET: 'my-state' } }],
  ['deploy-manually.sh', { rules: EMPTY, environment: { TAG: 'v1', PUBLIC_API: 'yes' } }],
  ['deploy-manually.sh', { rules: EMPTY, args: ['services'], environment: { TAG: 'v1' } }],
  ['deploy.sh', { services: RUNNING, environment: { IMAGE } }],
  ['deploy.sh', { services: RUNNING, environment: { IMAGE }, rules: [FAULT] }],
];

// Without gcloud nothing can say which of its commands and flags there are.
describe.skipIf(lacksPeer('gcloud'))('the real gcloud knows every command and flag', () => {
  it('of the documents', () => {
    const calls = DOCUMENTS.flatMap((from) => gcloudCalls(shellOf(from)).map((args) => ({ from, args })));
    expect(new Set(calls.map(({ from }) => from)).size).toBeGreaterThan(10);
    expect(calls.length).toBeGreaterThan(60);
    expect(refused(calls)).toEqual([]);
  });

  it('of the scripts', async () => {
    const outcomes = await Promise.all(
      RUNS.map(async ([from, options]) => ({ from, ...(await runScript(from, options)) })),
    );
    const calls = outcomes.flatMap(({ from, commands }) =>
      commands.flatMap(([tool, ...args]) => (tool === 'gcloud' ? [{ from, args }] : [])),
    );
    const different = new Map(calls.map((call) => [call.args.join('\0'), call]));
    expect(different.size).toBeGreaterThan(50);
    expect(refused([...different.values()])).toEqual([]);
  });

  it('and no other', () => {
    expect(refused([{ from: 'here', args: ['run', 'deploy', 'seismo', '--imagine=x'] }])).toEqual([
      expect.stringMatching(/^here: gcloud run deploy seismo --imagine=x: ./),
    ]);
  });
});
