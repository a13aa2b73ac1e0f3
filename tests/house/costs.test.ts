import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { costTable, monthlyCosts } from '../../scripts/google-cloud-costs.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('what a month on Google Cloud costs', () => {
  it('stands in docs/costs.md as the formula has it', () => {
    expect(read('docs/costs.md')).toContain(costTable());
  });

  it('rests on the history that training takes', () => {
    expect(read('sql/train-series-anomalies.sql')).toContain('INTERVAL 56 DAY');
    const costs = (load: object) => monthlyCosts({ samplesPerSecond: 100, series: 100, ...load });
    expect(costs({ trainingsPerMonth: 15 })['BigQuery ML, training']).toBeLessThan(
      costs({})['BigQuery ML, training']! / 2,
    );
    expect(costs({ roundMinutes: 5 })['BigQuery, detection']).toBeLessThan(
      costs({})['BigQuery, detection']! / 4,
    );
    expect(costs({ samplesPerMessage: 1 })['Pub/Sub, in and out']).toBeGreaterThan(
      costs({})['Pub/Sub, in and out']! * 10,
    );
  });

  it('is the sum of its items', () => {
    const { total, ...items } = monthlyCosts({ samplesPerSecond: 1_000, series: 1_000 });
    expect(Object.values(items).reduce((sum, usd) => sum + usd, 0)).toBeCloseTo(total!, 6);
  });

  it('is refused in a sentence for what is no load', () => {
    const script = fileURLToPath(new URL('../../scripts/google-cloud-costs.js', import.meta.url));
    const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect(run('--series', '5', '--samples-per-second', '10')).toMatchObject({ status: 0, stderr: '' });
    expect(run('--series', '5').stderr).toBe('--samples-per-second must be a number above 0.\n');
    expect(run('--help').stdout).toMatch(/^Usage: .*\n[\s\S]*--round-minutes <number> .*\(default 1\)/);
    expect(run('--rate', '5')).toMatchObject({ status: 2, stdout: '' });
    expect(run('--rate', '5').stderr).toMatch(
      /^Unknown option '--rate'\. There are: --samples-per-second, .*\n$/,
    );
  });
});
