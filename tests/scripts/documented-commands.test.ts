import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gcloudFolders, lacksPeer } from '../cloud/support/peers.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUPPORT = join(ROOT, 'tests/scripts/support');
const RUNBOOK = 'terraform/modules/monitoring/runbook';
const DOCUMENTS = [
  'README.md',
  'docs/google-cloud.md',
  'docs/google-cloud-manual.md',
  'docs/moving-data.md',
  'docs/terraform.md',
  ...readdirSync(join(ROOT, RUNBOOK)).map((name) => `${RUNBOOK}/${name}`),
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
    writeFileSync(
      file,
      `#!/bin/sh\n{ printf '%s\\037' ${name} "$@"; printf '\\036'; } >>"$RECORD"\n${ANSWERS}`,
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

// Without gcloud nothing can say which of its commands and flags there are.
describe.skipIf(lacksPeer('gcloud'))('the commands of the documents', () => {
  it('are ones that gcloud knows, with flags that it knows', () => {
    const calls = DOCUMENTS.flatMap((document) =>
      gcloudCalls(shellOf(document)).map((args) => ({ document, args })),
    );
    expect(new Set(calls.map(({ document }) => document)).size).toBeGreaterThan(10);
    expect(calls.length).toBeGreaterThan(60);
    const { sdk, python } = gcloudFolders()!;
    const answer = execFileSync(python, [join(SUPPORT, 'parse-gcloud.py'), sdk], {
      input: calls.map(({ args }) => JSON.stringify(args)).join('\n'),
      env: { ...process.env, CLOUDSDK_CONFIG: join(folder, 'config'), CLOUDSDK_CORE_DISABLE_PROMPTS: '1' },
      encoding: 'utf8',
    });
    const faults = JSON.parse(answer) as (string | null)[];
    expect(faults).toHaveLength(calls.length);
    const unknown = faults.flatMap((fault, i) =>
      fault === null
        ? []
        : [`${calls[i]!.document}: gcloud ${calls[i]!.args.join(' ')}: ${fault.split('\n')[0]}`],
    );
    expect(unknown).toEqual([]);
  }, 60_000);
});
