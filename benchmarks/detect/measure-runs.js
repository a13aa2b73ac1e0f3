import { CLEAN_KINDS } from '@seismo/engine/evaluation';
import { cleanSeries, judgeSeries, named, PERIODS } from './measure-clean.js';

/** Of the series of the false alarms so many are enough here. */
const SERIES_SHARE = 0.2;

/**
 * What clean series themselves say of the numbers that a young series' threshold starts with: a row a kind, then one for
 * all, a column a spacing: runs of strong samples per sample, and their mean height. Strengths are those of the
 * detector as it is; how often and how high they run does not depend on the threshold.
 */
export function measureRuns(detector, { periods, kinds, scale }) {
  const chosen = kinds === '' ? CLEAN_KINDS : named(kinds, CLEAN_KINDS, '--kinds');
  const spacings = named(periods, Object.keys(PERIODS), '--periods');
  const rows = chosen.map((kind) => ({
    kind,
    counts: spacings.map((spacing) => countRuns(detector, kind, spacing, scale)),
  }));
  const all = spacings.map((_, at) => added(rows.map(({ counts }) => counts[at])));
  return [...rows, { kind: 'all', counts: all }].map(({ kind, counts }) => {
    const row = { kind };
    for (const [at, spacing] of spacings.entries()) row[spacing] = told(counts[at]);
    row.every = told(added(counts));
    return row;
  });
}

function countRuns(detector, kind, spacing, scale) {
  const counts = [];
  for (const { values, times } of cleanSeries(kind, spacing, SERIES_SHARE * scale)) {
    const one = detector.create();
    const slot = judgeSeries(one, values, times, () => {});
    const { runs, runHeights, runSamples } = one.describe(slot).components;
    counts.push({ runs, runHeights, runSamples });
  }
  return added(counts);
}

function added(counts) {
  const sum = (field) => counts.reduce((total, one) => total + one[field], 0);
  return { runs: sum('runs'), runHeights: sum('runHeights'), runSamples: sum('runSamples') };
}

function told({ runs, runHeights, runSamples }) {
  const height = runs === 0 ? '–' : (runHeights / runs).toFixed(2);
  return `${(runs / runSamples).toPrecision(2)}, ${height}`;
}
