import * as excursionModule from './multi-view-excursion.js';
import * as frequencyModule from './multi-view-frequency.js';
import * as incidentsModule from './multi-view-incidents.js';
import * as jobModule from './multi-view-job.js';
import * as movesModule from './multi-view-moves.js';
import type { Prediction } from './multi-view-prediction.js';
import * as quietModule from './multi-view-quiet.js';
import * as seasonModule from './multi-view-season.js';
import * as stateModule from './multi-view-state.js';
import * as tailModule from './multi-view-tail.js';
import * as viewsModule from './multi-view-views.js';
import * as waveModule from './multi-view-wave.js';
import * as weekModule from './multi-view-week.js';
import type { TimeOfDay } from './time-of-day.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { HELD_SHARE } = excursionModule;
const { frequencyExcess } = frequencyModule;
const { grownStrength, RUN_STRENGTH, strengthThreshold } = incidentsModule;
const { predictJob } = jobModule;
const { stepMove, usualMove, usualMoveAt } = movesModule;
const { judgeQuiet, quietExcess } = quietModule;
const { learnSeason, predictSeason } = seasonModule;
const { clamp, F, noiseFloor, SINGLE, STILL_FLOORS, WARM_UP_SAMPLES, WHOLE } = stateModule;
const {
  finiteBand,
  logQuantile,
  meanExcess,
  priorLogQuantile,
  rarity,
  thresholdFor,
  timesPriorQuantile,
  timesQuantile,
} = tailModule;
const { surprise } = viewsModule;
const { predictWave } = waveModule;
const { predictWeek } = weekModule;

const {
  COUNT,
  ERROR,
  FIRST_TIME,
  HIGH,
  IN_EXCURSION,
  LAST_RESIDUAL,
  LAST_TIME,
  LEVEL,
  LOW,
  MAGNITUDE,
  PERIOD,
  SPREAD,
} = F;
const { COVARIANCE, VARIANCE } = SINGLE;
const { SEASON_KNOWN } = WHOLE;

/** Weight of one sample: in the level, in the running scales, in the autocorrelation. */
const LEVEL_GAIN = 0.005;
/** Before the time of day is known the level alone follows the day. */
const FIRST_DAY_LEVEL_GAIN = 0.05;
/** A residual moves the level by at most so many ranges of all values so far, in an excursion by so many spreads. */
const LEVEL_RANGES = 5;
const EXCURSION_CLIP = 10;
const SCALE_GAIN = 0.005;
const CORRELATION_GAIN = 0.005;
/** A residual moves level and profile by at most so many times the spread, and the scales by twice that. */
const CLIP = 4;
const SCALE_CLIP = 8;
/** What the last residual hands on is limited, so that a shifted level does not become its own expectation. */
const CORRELATION_MAX = 0.98;
const CORRELATION_PRIOR_SAMPLES = 15;
/** After a longer gap than so many periods the last residual says nothing. */
const CARRY_PERIODS_MAX = 3;
const MAGNITUDE_FADE = 0.999;
/**
 * Half the band is at most so many times the range of all values so far. Records that break it by so much are few:
 * ln(n2 / n1) / 25 of them while a series of errors with barely a variance grows from n1 to n2 samples.
 */
const RANGES_MAX = 5;
/** What is out of the band is at most so many times as strong as the threshold: out of that of a constant it would be without limit. */
const ALONE_MAX = 2;

/**
 * expected = level + time-of-day part + ρ · last residual: a first-order autoregression around a level that
 * moves with the day. For independent noise ρ is near 0, for a slowly wandering series near 1.
 */
export function predict(cells: Float64Array, at: number, timeOfDay: TimeOfDay, out: Prediction): void {
  predictSeason(at, timeOfDay, out);
  predictWeek(at, out);
  predictWave(cells, at, out);
  predictJob(cells, at, out);
  expect(cells, at, out);
  judgeAlone(cells, at, out);
  surprise(cells, at, out);
  judgeQuiet(cells, at, out);
  out.strength = out.viewStrength;
  out.threshold = Number.POSITIVE_INFINITY;
  const isOut = out.error > out.band;
  out.changed = Math.max(quietExcess(out), frequencyExcess(cells, at, out));
  out.anomalous = false;
  if (out.still || isOut || out.changed >= 0 || out.strength > 0) judgeTogether(cells, at, out, isOut);
}

/** Where anything is out of the ordinary at all. */
function judgeTogether(cells: Float64Array, at: number, out: Prediction, isOut: boolean): void {
  out.threshold = strengthThreshold(cells, at, out.falseAlarmsPerWeek);
  if (out.still) out.strength = Math.max(0, out.rarity + out.threshold - out.bandRarity);
  else if (isOut) strengthen(out, out.rarity - out.bandRarity);
  if (out.changed >= 0) strengthen(out, out.changed);
  if (isOut || out.strength >= out.threshold) out.strength = grownStrength(cells, at, out);
  out.anomalous = isAnomalous(cells, at, out);
}

/** Outside the band, or by the views; in an excursion those still see what began it, and the sample must be out of part of it. */
function isAnomalous(cells: Float64Array, at: number, sample: Prediction): boolean {
  const { error, band, changed, viewStrength, strength, threshold } = sample;
  if (error > band || changed >= 0) return true;
  if (cells[at + IN_EXCURSION] === 0) return strength >= threshold;
  return viewStrength > RUN_STRENGTH && error > HELD_SHARE * band;
}

/** As much stronger than the threshold as it is rarer than it must be; up to a limit. */
function strengthen(out: Prediction, decades: number): void {
  out.strength = Math.max(out.strength, Math.min(out.threshold + decades, ALONE_MAX * out.threshold));
}

/** `expected`, and how far from it the value is. */
function expect(cells: Float64Array, at: number, out: Prediction): void {
  const { timeMs, value, seasonal } = out;
  const level = cells[at + LEVEL]!;
  const isCarried = timeMs - cells[at + LAST_TIME]! <= CARRY_PERIODS_MAX * cells[at + PERIOD]!;
  const carried = isCarried
    ? (correlation(cells, out.singles, at) * cells[at + LAST_RESIDUAL]!) / out.wide
    : 0;
  const expected = level + seasonal + carried;
  const floor = noiseFloor(cells, at);
  const error = Math.abs(value - expected);
  out.expected = expected;
  out.floor = floor;
  // What rounding can explain is no error.
  out.error = error <= floor ? 0 : error;
  out.residual = value - level - seasonal;
}

/** How rare the error is by itself, and the band: the error that is as rare as the threshold of one sample. */
function judgeAlone(cells: Float64Array, at: number, out: Prediction): void {
  const threshold = thresholdFor(cells[at + PERIOD]!, out.falseAlarmsPerWeek, cells[at + COUNT]!);
  out.bandRarity = threshold;
  out.meanError = Math.max(cells[at + ERROR]!, out.floor);
  out.priorLog = priorLogQuantile(out.meanError);
  out.logQuantile = logQuantile(cells, at, out.priorLog);
  out.quantile = Math.exp(out.logQuantile);
  if (out.quantile < out.floor) {
    out.quantile = out.floor;
    out.logQuantile = Math.log(out.floor);
  }
  out.excess = meanExcess(cells, at);
  const range = cells[at + HIGH]! - cells[at + LOW]!;
  const most = range > 0 ? Math.max(RANGES_MAX * range, out.floor) : Number.POSITIVE_INFINITY;
  out.usual = Math.min(Math.max(usualMoveAt(cells, at, out), stepMove(cells, at)), most);
  // Compared as errors and not as their logarithms: this is most of what a quiet sample costs.
  out.still = out.usual > 0 && out.quantile * timesPriorQuantile(threshold) < out.usual;
  const times = timesQuantile(threshold, out.excess);
  const alone = Math.min(Math.max(out.quantile * times, out.usual), most / out.wide);
  // Jobs widen it by no more than twice their size.
  const band = out.wide === 1 ? alone : Math.min(alone, (alone + 2 * out.jobSize) / out.wide);
  out.band = finiteBand(band);
  out.rarity = out.error > band / times ? rarity(out.error, band, threshold, out.excess) : 0;
}

/** Level, scales, autocorrelation and season from one more sample. */
export function learnModel(cells: Float64Array, at: number, sample: Prediction): void {
  const count = cells[at + COUNT]!;
  const floor = noiseFloor(cells, at);
  const spread = Math.max(cells[at + SPREAD]!, floor);
  const error = Math.max(cells[at + ERROR]!, floor);
  const { residual } = sample;
  const atRest = Math.abs(residual) <= floor;
  // A constant is expected to the last digit, and what moves it for a moment leaves no trace in level or profile.
  const passing = spread < STILL_FLOORS * floor && Math.abs(residual) > CLIP * spread;
  const range = cells[at + HIGH]! - cells[at + LOW]!;
  // In an excursion the level stays, until it is absorbed.
  const most = cells[at + IN_EXCURSION] === 0 ? LEVEL_RANGES * range : EXCURSION_CLIP * spread;
  const clipped = atRest || passing ? 0 : clamp(residual, most);
  sample.clipped = clipped;
  const scaleGain = Math.max(SCALE_GAIN, 1 / count);

  const last = cells[at + LAST_RESIDUAL]! / spread;
  const product = (clamp(clipped, CLIP * spread) / spread) * last;
  const { singles } = sample;
  const from = 2 * at;
  singles[from + COVARIANCE]! += CORRELATION_GAIN * (product - singles[from + COVARIANCE]!);
  singles[from + VARIANCE]! += CORRELATION_GAIN * (last * last - singles[from + VARIANCE]!);

  cells[at + SPREAD] = spread + scaleGain * (Math.min(Math.abs(residual), SCALE_CLIP * spread) - spread);
  // From rounding noise alone a scale would take many moves to grow; those that are nothing new count in full.
  const errorMax = Math.max(SCALE_CLIP * error, sample.usual);
  cells[at + ERROR] = error + scaleGain * (Math.min(sample.error, errorMax) - error);
  if (atRest) cells[at + LEVEL] = sample.value - sample.seasonal;
  else {
    const gain = sample.wholes[4 * at + SEASON_KNOWN] === 0 ? FIRST_DAY_LEVEL_GAIN : LEVEL_GAIN;
    cells[at + LEVEL]! += Math.max(gain, 1 / count) * clipped;
  }
  learnSeason(cells, at, sample);
}

/** Remembers how far this sample was from level and season, for the next expectation. */
export function keepResidual(cells: Float64Array, at: number, { value, seasonal }: Prediction): void {
  const residual = value - cells[at + LEVEL]! - seasonal;
  cells[at + LAST_RESIDUAL] = clamp(residual, CLIP * cells[at + SPREAD]!);
}

/** Count, time, period and magnitude; for every sample, in warm-up and in an excursion too. */
export function learnTime(cells: Float64Array, at: number, { timeMs, value }: Prediction): void {
  const count = cells[at + COUNT]!;
  if (count === 0) cells[at + FIRST_TIME] = timeMs;
  else {
    const distance = timeMs - cells[at + LAST_TIME]!;
    const period = cells[at + PERIOD]!;
    // A median needs only the sign of the difference; steps are relative, since periods span six decades.
    const step = period * Math.max(0.01, 1 / count);
    cells[at + PERIOD] = count === 1 ? distance : period + clamp(distance - period, step);
  }
  cells[at + COUNT] = count + 1;
  cells[at + LAST_TIME] = timeMs;
  // While warming up samples lie in the moves' place.
  const usual = count < WARM_UP_SAMPLES ? 0 : usualMove(cells, at);
  const faded = Math.max(cells[at + MAGNITUDE]! * MAGNITUDE_FADE, usual);
  cells[at + MAGNITUDE] = Math.max(Math.abs(value), faded);
}

/** ρ of the expectation, in [0, 0.98]: 0 until the data show that neighbours are alike. */
export function correlation(cells: Float64Array, singles: Float32Array, at: number): number {
  const variance = singles[2 * at + VARIANCE]!;
  if (!(variance > 0)) return 0;
  const seen = cells[at + COUNT]!;
  const rho = (singles[2 * at + COVARIANCE]! / variance) * (seen / (seen + CORRELATION_PRIOR_SAMPLES));
  return Math.min(Math.max(rho, 0), CORRELATION_MAX);
}
