import type { Prediction } from './multi-view-prediction.js';
import * as stateModule from './multi-view-state.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { F, noiseFloor } = stateModule;

const {
  EXCURSION_MOVE,
  FIRST_TIME,
  HIGH,
  IN_EXCURSION,
  LAST_RESIDUAL,
  LEVEL,
  LOW,
  MOVE_COUNT,
  MOVE_LOG,
  MOVE_SCATTER,
  STEP,
} = F;

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
/** That moves differ at all in the first minutes says that they differ by far: so many more distances, fewer as the first hour passes. */
const YOUNG_SCATTERS = 8;
const YOUNG_MS = 3_600_000;
/** Of sizes that are hundreds of decades apart: e to this power is still finite. */
const LOG_SIZE_MAX = 700;

/** The largest move that is nothing new, 0 before the first one: below the size of the moves until there were four. */
export function usualMove(cells: Float64Array, at: number): number {
  return cells[at + MOVE_COUNT] === 0 ? 0 : usualOfMoves(cells, at, SCATTERS);
}

/** The same at the time of a sample. */
export function usualMoveAt(cells: Float64Array, at: number, { timeMs }: Prediction): number {
  if (cells[at + MOVE_COUNT] === 0) return 0;
  const youth = 1 - (timeMs - cells[at + FIRST_TIME]!) / YOUNG_MS;
  return usualOfMoves(cells, at, youth > 0 ? SCATTERS + YOUNG_SCATTERS * youth : SCATTERS);
}

function usualOfMoves(cells: Float64Array, at: number, scatters: number): number {
  const count = cells[at + MOVE_COUNT]!;
  const weight = count + PRIOR_MOVES;
  const logSize = cells[at + MOVE_LOG]! + (scatters * cells[at + MOVE_SCATTER]!) / weight;
  return (MARGIN * Math.exp(Math.min(logSize, LOG_SIZE_MAX)) * count) / weight;
}

/** A series that has shown so many of its steps may always move by one of them. */
const STEPS_SHOWN = 4;
const STEPS_FREE = 1.5;

/** Values that are whole numbers, or rounded: what a move of one step needs, with room; 0 while few steps are known. */
export function stepMove(cells: Float64Array, at: number): number {
  const step = cells[at + STEP]!;
  return cells[at + HIGH]! - cells[at + LOW]! >= STEPS_SHOWN * step ? STEPS_FREE * step : 0;
}

/** Follows the step by one more distance of two values. */
export function learnStep(cells: Float64Array, at: number, distance: number): void {
  const step = cells[at + STEP]!;
  if ((distance < step || step === 0) && distance > noiseFloor(cells, at)) cells[at + STEP] = distance;
}

/** Whether that would change anything: seldom, so that a sample need not be handed over as a boxed number. */
export function isShorterStep(cells: Float64Array, at: number, { step, known }: Prediction): boolean {
  return known === 0 && (step < cells[at + STEP]! || cells[at + STEP] === 0);
}

/** Follows moves by one more error. `before` and IN_EXCURSION: whether an excursion was on before it, and is now. */
export function learnMoves(cells: Float64Array, at: number, sample: Prediction, before: boolean): void {
  cells[at + MOVE_COUNT]! *= FADE;
  cells[at + MOVE_SCATTER]! *= FADE;
  const fromRest = Math.abs(cells[at + LAST_RESIDUAL]!) <= sample.floor;
  if (fromRest || before || cells[at + IN_EXCURSION] !== 0) followMove(cells, at, sample, before, fromRest);
}

/** Of a sample after one at rest, and of an excursion's. */
function followMove(
  cells: Float64Array,
  at: number,
  { error }: Prediction,
  before: boolean,
  fromRest: boolean,
): void {
  const now = cells[at + IN_EXCURSION] !== 0;
  if (now && !before) cells[at + EXCURSION_MOVE] = fromRest ? error : 0;
  else if (before && cells[at + EXCURSION_MOVE]! > 0) {
    cells[at + EXCURSION_MOVE] = Math.max(cells[at + EXCURSION_MOVE]!, error);
    // Only what is over has a size, and only then may it be usual: an outage must not hide its own end.
    if (!now) countMove(cells, at, cells[at + EXCURSION_MOVE]!);
  } else if (!before && error > 0) countMove(cells, at, error);
}

/** The excursion is the new normal: that the series moved there from rest has a size too, like the way back. */
export function endMove(cells: Float64Array, at: number): void {
  const size = cells[at + EXCURSION_MOVE]!;
  if (size > 0) countMove(cells, at, size);
  cells[at + EXCURSION_MOVE] = 0;
}

/** Counts the moves of a still series in its warm-up, at the end of which LEVEL is known. */
export function startMoves(cells: Float64Array, at: number, samples: Float64Array): void {
  const floor = noiseFloor(cells, at);
  let largest = 0;
  for (const sample of samples) {
    const error = Math.abs(sample - cells[at + LEVEL]!);
    if (error > floor) largest = Math.max(largest, error);
    else {
      if (largest > 0) countMove(cells, at, largest);
      largest = 0;
    }
  }
}

function countMove(cells: Float64Array, at: number, size: number): void {
  const count = cells[at + MOVE_COUNT]! + 1;
  const distance = count > 1 ? Math.log(size) - cells[at + MOVE_LOG]! : 0;
  if (count === 1) cells[at + MOVE_LOG] = Math.log(size);
  else cells[at + MOVE_LOG]! += distance / count;
  cells[at + MOVE_COUNT] = count;
  cells[at + MOVE_SCATTER]! += Math.abs(distance);
}
