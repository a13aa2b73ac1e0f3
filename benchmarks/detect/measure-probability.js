import { CLEAN_KINDS } from '@seismo/engine/evaluation';
import { cleanSeries, judgeSeries, named, PERIODS } from './measure-clean.js';

const PROBABILITIES = [0.99, 0.999];
/** Of the series of the false alarms so many are enough here: every sample counts, and not the alarms alone. */
const SERIES_SHARE = 0.4;

/**
 * A row a kind, a column a spacing: how many times as many samples of clean series have a probability above 0.99, and
 * above 0.999, as should have; 1 where the probability means what it says.
 */
export function measureProbability(detector, { periods, kinds, scale }) {
  const chosen = kinds === '' ? CLEAN_KINDS : named(kinds, CLEAN_KINDS, '--kinds');
  const spacings = named(periods, Object.keys(PERIODS), '--periods');
  return chosen.map((kind) => {
    const row = { kind };
    for (const spacing of spacings) row[spacing] = timesTooMany(detector, kind, spacing, scale).join(', ');
    return row;
  });
}

function timesTooMany(detector, kind, spacing, scale) {
  const above = PROBABILITIES.map(() => 0);
  let judged = 0;
  for (const { values, times } of cleanSeries(kind, spacing, SERIES_SHARE * scale)) {
    judgeSeries(detector.create(), values, times, ({ probability }) => {
      if (Number.isNaN(probability)) return;
      judged++;
      for (let at = 0; at < PROBABILITIES.length; at++) {
        if (probability > PROBABILITIES[at]) above[at]++;
      }
    });
  }
  return PROBABILITIES.map((probability, at) => (above[at] / judged / (1 - probability)).toFixed(1));
}
