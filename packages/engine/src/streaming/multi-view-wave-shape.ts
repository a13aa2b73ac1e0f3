import type { Prediction } from './multi-view-prediction.js';
import * as stateModule from './multi-view-state.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { F, SINGLE, WAVE_BINS, WHOLE } = stateModule;

const { PERIOD, WAVE_LEVEL } = F;
const { WAVE, WAVE_LAST } = SINGLE;
const { WAVE_KIND } = WHOLE;

/*
 * The bins of a wave: which periods there are, where a sample is among them, and what they give there.
 */

const SECOND_MS = 1000;
/** Those that divide the hour, or the day by hours; of longer ones the time of day takes most. */
export const PERIODS_MS = Float64Array.of(
  20,
  30,
  60,
  120,
  180,
  240,
  300,
  360,
  600,
  720,
  900,
  1200,
  1800,
  3600,
  7200,
  10_800,
  14_400,
  21_600,
  43_200,
).map((seconds) => seconds * SECOND_MS);
const BINS_MIN = 12;
/** What WAVE_KIND holds: the index of the period, and the number of bins in the lowest bits. */
export const KIND_BITS = 5;
const BINS_MASK = (1 << KIND_BITS) - 1;
/** Bins lie on two lines where those bend by less than this share of what they differ by. */
const STRAIGHT_SHARE = 0.25;
/** Of a wave of a part of the period, bins that are so far apart differ by less than this share of their squares. */
const ALIKE_SHARE = 0.2;

/** Of the period that the series has, or is tried. */
export function waveMs(at: number, wholes: Int16Array): number {
  return PERIODS_MS[wholes[4 * at + WAVE_KIND]! >> KIND_BITS]!;
}

export function waveBins(at: number, wholes: Int16Array): number {
  return wholes[4 * at + WAVE_KIND]! & BINS_MASK;
}

/** `wavePlace`: where in the round of bins the sample is. Bins begin half a sample early, so that none lies on an edge. */
export function placeIn(cells: Float64Array, at: number, out: Prediction): void {
  const everyMs = waveMs(at, out.wholes);
  const sinceMs = out.timeMs + cells[at + PERIOD]! / 2;
  const round = sinceMs / everyMs;
  out.wavePlace = (round - Math.floor(round)) * waveBins(at, out.wholes);
}

/**
 * What the bins give there: between the middles of two, curved as both neighbours say (the lesser bend of the two, none
 * where they disagree); or, where the bins lie on two lines, one on each side, the nearer of them, up to where they cross.
 */
export function wavePart(at: number, { singles, wholes, wavePlace }: Prediction): number {
  const bins = waveBins(at, wholes);
  const from = 2 * at + WAVE;
  const place = wavePlace + bins - 0.5;
  const whole = Math.floor(place);
  const share = place - whole;
  const before = whole >= bins ? whole - bins : whole;
  const low = singles[from + before]!;
  const high = singles[from + turned(before + 1, bins)]!;
  const prior = singles[from + turned(before + bins - 1, bins)]!;
  const next = singles[from + turned(before + 2, bins)]!;
  const step = high - low;
  const rise = low - prior;
  const fall = next - high;
  const bend =
    Math.abs(rise - prior + singles[from + turned(before + bins - 2, bins)]!) +
    Math.abs(singles[from + turned(before + 3, bins)]! - next - fall);
  if (bend < STRAIGHT_SHARE * (Math.abs(step - rise) + Math.abs(step - fall))) {
    const crossing = (step - fall) / (rise - fall);
    const edge = crossing >= 0 && crossing <= 1 ? crossing : 0.5;
    return share < edge ? low + share * rise : high - (1 - share) * fall;
  }
  const [bendBefore, bendAfter] = [step - rise, fall - step];
  const curve =
    bendBefore * bendAfter <= 0
      ? 0
      : Math.sign(bendAfter) * Math.min(Math.abs(bendBefore), Math.abs(bendAfter));
  return low + share * step - 0.5 * share * (1 - share) * curve;
}

/** A bin's number that may be beyond the last. */
function turned(bin: number, bins: number): number {
  return bin >= bins ? bin - bins : bin;
}

/** The most bins that have the same number of samples each. */
export function binsFor(samples: number): number {
  for (let bins = WAVE_BINS; bins >= BINS_MIN; bins--) if (samples % bins === 0) return bins;
  return samples > 2 * WAVE_BINS ? WAVE_BINS : BINS_MIN;
}

/** What all bins have in common after the first round is the level's. */
export function centre(cells: Float64Array, at: number, { singles, wholes }: Prediction): void {
  const from = 2 * at;
  const bins = waveBins(at, wholes);
  let mean = 0;
  for (let one = 0; one < bins; one++) mean += singles[from + WAVE + one]! / bins;
  for (let one = 0; one < bins; one++) singles[from + WAVE + one]! -= mean;
  cells[at + WAVE_LEVEL]! += mean;
  singles[from + WAVE_LAST]! -= mean;
}

/** Whether bins that are so many apart are alike. */
export function isAlike(at: number, { singles, wholes }: Prediction, apart: number): boolean {
  const from = 2 * at + WAVE;
  const bins = waveBins(at, wholes);
  let squares = 0;
  let differences = 0;
  for (let one = 0; one < bins; one++) {
    const bin = singles[from + one]!;
    const difference = bin - singles[from + ((one + apart) % bins)]!;
    squares += bin * bin;
    differences += difference * difference;
  }
  return differences < ALIKE_SHARE * squares;
}
