import { seededGaussian, seededRandom } from '@seismo/engine/evaluation';
import { judgeSeries } from './measure-clean.js';

const START_MS = Date.UTC(2025, 2, 31);
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const SERIES = 6;
const ROUNDS = 40;
/** Half the height of a wave on noise of deviation 1; a bump is a third of it, for a twelfth of a round. */
const HEIGHT = 30;
const BUMP_ROUNDS = 1 / 12;
/** Where bumps begin, as shares of the whole, up and down by turns. */
const BUMPS = [0.75, 0.81, 0.87, 0.93];
/** After a bump alarms are the bump's for so many samples. */
const WAKE_ROWS = 60;

const sine = (place) => Math.sin(2 * Math.PI * place);
const saw = (place) => (place < 0.8 ? 2.5 * place - 1 : 9 - 10 * place);
const edge = (place) => 2 * place - 1;

const KINDS = [
  ['1 s', SECOND_MS, 10 * MINUTE_MS],
  ['1 min', MINUTE_MS, HOUR_MS],
  ['1 min', MINUTE_MS, 6 * HOUR_MS],
  ['5 min', 5 * MINUTE_MS, 2 * HOUR_MS],
  ['5 min', 5 * MINUTE_MS, 12 * HOUR_MS],
];
const SHAPES = { none: () => 0, sine, saw, edge };

/** A row a kind of wave, and the same noise without one: bumps found in its last quarter, other alarms, half the band before them. */
export function measureWaves(detector, { scale }) {
  const count = Math.max(1, Math.round(SERIES * scale));
  return KINDS.flatMap(([spacing, periodMs, everyMs]) =>
    Object.keys(SHAPES).map((shape) => {
      const sums = { found: 0, others: 0, halfBand: 0 };
      for (let seed = 1; seed <= count; seed++) {
        addSeries(detector, SHAPES[shape], { periodMs, everyMs, seed }, sums);
      }
      return {
        shape,
        spacing,
        'period, min': everyMs / MINUTE_MS,
        bumps: count * BUMPS.length,
        found: sums.found,
        'other alarms a series': Number((sums.others / count).toFixed(2)),
        'half band': Number((sums.halfBand / count).toFixed(1)),
      };
    }),
  );
}

function addSeries(detector, shape, { periodMs, everyMs, seed }, sums) {
  const random = seededRandom(seed);
  const gaussian = seededGaussian(random);
  const perRound = everyMs / periodMs;
  const rows = ROUNDS * perRound;
  const bumpRows = Math.ceil(BUMP_ROUNDS * perRound);
  const bumps = BUMPS.map((share) => Math.round(share * rows + random() * perRound));
  const values = Float64Array.from({ length: rows }, (_, row) => {
    const bump = bumps.findIndex((from) => row >= from && row < from + bumpRows);
    const added = bump < 0 ? 0 : ((bump % 2 === 0 ? 1 : -1) * HEIGHT) / 3;
    return 100 + HEIGHT * shape((row % perRound) / perRound) + added + gaussian();
  });
  const found = new Set();
  judgeSeries(detector.create(), values, { startMs: START_MS, periodMs }, (verdict, row) => {
    const bump = bumps.findIndex((from) => row >= from && row < from + bumpRows + WAKE_ROWS);
    if (bump < 0 && verdict.alarm) sums.others++;
    if (bump >= 0 && row < bumps[bump] + bumpRows && verdict.state === 'anomalous') found.add(bump);
    if (row === bumps[0] - 1) sums.halfBand += (verdict.upper - verdict.lower) / 2;
  });
  sums.found += found.size;
}
