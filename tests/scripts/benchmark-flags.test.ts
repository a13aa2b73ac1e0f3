import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../benchmarks/', import.meta.url));
// The others need a bundler before they run.
const BENCHMARKS = readdirSync(FOLDER).filter((name) => name.endsWith('.bench.js'));

function bench(file: string, args: string[], variables: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(FOLDER, file), ...args], {
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

describe('the flags of benchmarks', () => {
  it.each(BENCHMARKS)('are refused by %s where it has none of that name', (file) => {
    const { status, stdout, stderr } = bench(file, ['--no-such-flag', '3']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain("'--no-such-flag'");
  });

  it('are told by --help, with their variables, and nothing is measured', () => {
    const { status, stdout } = bench('train-load.bench.js', ['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: node benchmarks\/train-load\.bench\.js \[flags\]\n/);
    expect(stdout).toMatch(/^ {2}--minutes <number> +.*\(MINUTES; default 2880\)$/m);
    expect(stdout.split('\n').length).toBeLessThan(15);
  });

  it('stand above their variables, and must be numbers where numbers are asked for', () => {
    const points = (args: string[]) =>
      bench('detect.bench.js', ['--only', 'speed', ...args], { POINTS: '20000' });
    expect(points([]).stdout).toContain('20000 points each');
    expect(points(['--points', '30000']).stdout).toContain('30000 points each');
    expect(points(['--points', 'many'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--points (POINTS) must be a number, not many'),
    });
  });

  it('come after the name of a benchmark where several can be run', () => {
    expect(bench('run.js', ['--help']).stdout).toMatch(/^Usage: npm run bench/);
    expect(bench('run.js', ['--points', '5'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Name a benchmark before --points'),
    });
  });

  it('go to the one benchmark that has the name, and not to those that contain it', () => {
    const { status, stdout } = bench('run.js', ['detect', '--help']);
    expect(stdout.match(/\w[\w-]*\.bench\.[jt]s$/gm)).toEqual(['detect.bench.js']);
    expect(status).toBe(0);
  });
});
