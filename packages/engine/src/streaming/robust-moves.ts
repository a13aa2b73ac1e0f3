import { F, noiseFloor } from './robust-state.js';

/*
 * Most errors of a series that is mostly still are none, and a quantile says nothing of those that are. Its moves
 * from rest are therefore counted apart, each excursion as one: the first few are news, the like of them later is
 * not. A noisy series is never at rest, and has none.
 */

/** Samples over which moves are forgotten. */
const FADE = 1 - 1 / 100_000;
/** A usual move is up to so many times the typical size, drawn to 0 with the weight of so many moves. */
const MARGIN = 2;
const PRIOR_MOVES = 4;
/** Typical size: the mean of ln(size), and so many mean distances from it. */
const SCATTERS = 1.5;
/** Of sizes that are hundreds of decades apart: e to this power is still finite. */
const LOG_SIZE_MAX = 700;

/** The largest move that is nothing new, 0 before the first one: below the size of the moves until there were four. */
export function usualMove(cells: Float64Array, at: number): number {
  const count = cells[at + F.MOVE_COUNT]!;
  if (count === 0) return 0;
  const weight = count + PRIOR_MOVES;
  const logSize = cells[at + F.MOVE_LOG]! + (SCATTERS * cells[at + F.MOVE_SCATTER]!) / weight;
  return (MARGIN * Math.exp(Math.min(logSize, LOG_SIZE_MAX)) * count) / weight;
}

/** Follows moves by one more error. `before` and IN_EXCURSION: whether an excursion was on before it, and is now. */
export function learnMoves(cells: Float64Array, at: number, error: number, before: boolean): void {
  cells[at + F.MOVE_COUNT]! *= FADE;
  cells[at + F.MOVE_SCATTER]! *= FADE;
  const now = cells[at + F.IN_EXCURSION] !== 0;
  const fromRest = Math.abs(cells[at + F.LAST_RESIDUAL]!) <= noiseFloor(cells, at);
  if (now && !before) cells[at + F.EXCURSION_MOVE] = fromRest ? error : 0;
  else if (before && cells[at + F.EXCURSION_MOVE]! > 0) {
    cells[at + F.EXCURSION_MOVE] = Math.max(cells[at + F.EXCURSION_MOVE]!, error);
    // Only what is over has a size, and only then may it be usual: an outage must not hide its own end.
    if (!now) countMove(cells, at, cells[at + F.EXCURSION_MOVE]!);
  } else if (!before && fromRest && error > 0) countMove(cells, at, error);
}

function countMove(cells: Float64Array, at: number, size: number): void {
  const count = cells[at + F.MOVE_COUNT]! + 1;
  const distance = count > 1 ? Math.log(size) - cells[at + F.MOVE_LOG]! : 0;
  if (count === 1) cells[at + F.MOVE_LOG] = Math.log(size);
  else cells[at + F.MOVE_LOG]! += distance / count;
  cells[at + F.MOVE_COUNT] = count;
  cells[at + F.MOVE_SCATTER]! += Math.abs(distance);
}
