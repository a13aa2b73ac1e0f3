import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/check-terraform.sh', import.meta.url));
/** Every system has these; what checks Terraform is not among them. */
const ORDINARY =
  'bash dirname uname tr sed mkdir mktemp cp rm grep tail cat env flock node test sort head touch true'.split(
    ' ',
  );

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seismo-check-'));
  mkdirSync(join(folder, 'bin'));
  for (const tool of ORDINARY) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' });
    if (stdout.startsWith('/')) symlinkSync(stdout.trim(), join(folder, 'bin', tool));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr } = spawnSync('bash', [SCRIPT, ...args], {
    encoding: 'utf8',
    env: { PATH: join(folder, 'bin'), HOME: folder, PEERS_CACHE: join(folder, 'cache'), ...environment },
  });
  return { status, output: stdout + stderr, last: stdout.trim().split('\n').at(-1) };
};

describe('scripts/check-terraform.sh', () => {
  it('skips what is not installed, and says how to get it', () => {
    const { status, output, last } = run([]);
    expect(status, output).toBe(0);
    expect(last).toBe('0 passed, 0 failed, 4 skipped');
    for (const tool of ['terraform', 'promtool', 'tflint', 'checkov']) {
      expect(output).toMatch(new RegExp(`^skipped ${tool}: .{20,}`, 'm'));
    }
  });

  it('fails where nothing may be skipped', () => {
    const { status, last } = run([], { REQUIRE_PEERS: '1' });
    expect(status).toBe(1);
    expect(last).toBe('0 passed, 4 failed');
  });

  it('shows what terraform said when it cannot begin, and ends', () => {
    const bin = join(folder, 'broken');
    mkdirSync(bin);
    const said = '[ "$1" != init ] || { echo \'Error: no such module\'; exit 1; }';
    writeFileSync(join(bin, 'terraform'), `#!/bin/sh\n${said}\n`, { mode: 0o755 });
    const platform = `${process.platform}_${process.arch.replace('x64', 'amd64')}`;
    const provider = join(
      folder,
      'cache/terraform/mirror/registry.terraform.io/hashicorp/google/8.0.0',
      platform,
    );
    mkdirSync(provider, { recursive: true });
    writeFileSync(join(provider, 'terraform-provider-google_v8.0.0_x5'), '', { mode: 0o755 });
    const { status, output, last } = run([], { PATH: `${bin}:${join(folder, 'bin')}` });
    expect(status).toBe(1);
    expect(output).toMatch(/^FAILED {2}terraform init .*\n {8}Error: no such module\n(?! {8})/m);
    expect(last).toBe('2 passed, 1 failed, 3 skipped');
  });

  it('knows its own arguments', () => {
    expect(run(['--all'])).toMatchObject({ status: 2 });
    const { status, output } = run(['--prepare', 'terrafrom']);
    expect(status).toBe(2);
    expect(output).toContain('there are provider, promtool, tflint and checkov');
  });
});
