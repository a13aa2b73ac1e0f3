import { describe, expect, it } from 'vitest';
import { countVitest } from '../../scripts/test/count-vitest.js';

const file = (status: string, ...tests: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});
const count = (files: object[] | undefined, exitCode: number, maySkip = true) => {
  const report = files === undefined ? undefined : { testResults: files };
  const { passed, failed, skipped } = countVitest(report, exitCode, { maySkip });
  return [passed, failed, skipped];
};

describe('counting tests', () => {
  it('counts each test once', () => {
    expect(
      count([file('passed', 'passed', 'passed', 'pending'), file('failed', 'failed', 'passed')], 1),
    ).toEqual([3, 1, 1]);
  });

  it('counts a file that failed before its tests as one failure', () => {
    expect(count([file('passed', 'passed'), file('failed')], 1)).toEqual([1, 1, 0]);
  });

  it('counts an error outside the tests, a missing report and an empty run as one failure each', () => {
    expect(count([file('passed', 'passed')], 1)).toEqual([1, 1, 0]);
    expect(count(undefined, 1)).toEqual([0, 1, 0]);
    expect(count([], 0)).toEqual([0, 1, 0]);
    expect(count([file('skipped', 'skipped', 'todo')], 0)).toEqual([0, 1, 2]);
  });

  it('counts skipped tests as a failure where none may be skipped', () => {
    expect(count([file('passed', 'passed', 'skipped')], 0, false)).toEqual([1, 1, 1]);
  });
});
