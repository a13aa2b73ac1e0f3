import { VERDICT_STATES } from '@seismo/engine/streaming';
import type { JudgedCommit } from '../ports/detection.js';
import type { SampleColumns } from '../ports/sample-store.js';

const UNKNOWN = VERDICT_STATES.indexOf('unknown');

/**
 * The columns with the verdicts that were given but are not in the store yet: those are written in larger pieces,
 * a little later than their samples. `commits` are the newest ones, oldest first; looks at each row once at most.
 */
export function withFreshVerdicts(
  columns: SampleColumns,
  seriesId: number,
  commits: readonly JudgedCommit[],
): SampleColumns {
  const missing = new Map<number, number>();
  columns.states.forEach((state, row) => {
    if (state === UNKNOWN) missing.set(columns.timesMs[row]!, row);
  });
  if (missing.size === 0) return columns;
  const filled = copied(columns);
  for (let at = commits.length - 1; at >= 0 && missing.size > 0; at--) {
    fillFrom(commits[at]!, seriesId, missing, filled);
  }
  return filled;
}

/** Takes what this commit says of the missing rows off the list. */
function fillFrom(
  { commit, verdicts }: JudgedCommit,
  seriesId: number,
  missing: Map<number, number>,
  filled: SampleColumns,
): void {
  const { seriesIds, timesMs } = commit.batch;
  for (let from = 0; from < seriesIds.length; from++) {
    if (seriesIds[from] !== seriesId || verdicts.states[from] === UNKNOWN) continue;
    const to = missing.get(timesMs[from]!);
    if (to === undefined) continue;
    missing.delete(timesMs[from]!);
    for (const name of VERDICT_COLUMNS) filled[name][to] = verdicts[name][from]!;
  }
}

const VERDICT_COLUMNS = ['states', 'expected', 'lower', 'upper', 'probability', 'alarms'] as const;

/** What the store gave may be shared. */
function copied(columns: SampleColumns): SampleColumns {
  const { states, expected, lower, upper, probability, alarms } = columns;
  return {
    ...columns,
    states: states.slice(),
    expected: expected.slice(),
    lower: lower.slice(),
    upper: upper.slice(),
    probability: probability.slice(),
    alarms: alarms.slice(),
  };
}
