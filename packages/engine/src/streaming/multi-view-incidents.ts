import type { Prediction } from './multi-view-prediction.js';
import * as quantileModule from './multi-view-quantile.js';
import * as stateModule from './multi-view-state.js';
import * as tailModule from './multi-view-tail.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { drawnExcess } = quantileModule;
const { clamp, F, noiseFloor } = stateModule;
const { logQuantile, priorLogQuantile } = tailModule;

const {
  COUNT,
  ERROR,
  FIRST_TIME,
  INCIDENT_ERROR,
  INCIDENT_PEAK,
  IN_INCIDENT,
  LASTING,
  LAST_TIME,
  PERIOD,
  RELAPSE,
  RUN_CALM,
  RUN_COUNT,
  RUN_PEAK,
  RUN_SAMPLES,
  RUN_SUM,
  STRONG_COUNT,
} = F;

/*
 * How rare a strength is, and when it is an alarm. Strengths follow each other in runs, so runs are counted, each
 * by its peak: how many there are and how far they go beyond a fixed strength gives the strength that is passed
 * as often as was asked for (peaks over threshold, Davison & Smith 1990).
 */

const WEEK_MS = 604_800_000;
const HOUR_MS = 3_600_000;
/** Strength from which runs are counted. */
export const RUN_STRENGTH = 3;
/**
 * Before the data say otherwise: runs per sample, as samples, and mean height of a run beyond the strength, as runs.
 * Clean noise gives 0.0002 to 0.006 runs a sample, 0.7 (Gaussian) to 1.7 (bursts) high.
 */
const PRIOR_RATE = 0.004;
const PRIOR_RATE_SAMPLES = 3000;
const PRIOR_HEIGHT = 1 / Math.LN10;
const PRIOR_RUNS = 10;
/**
 * What begins with a heavy tail has higher runs than its few runs can tell yet: the mean height that is expected of them grows by so
 * many times the log excess of the single error's quantile over what is expected of that, up to a limit; less so by the hour, and by the
 * sample where more than one a minute comes.
 */
const HEAVY_TIMES = 8;
const HEAVY_MAX = 0.35;
const HEAVY_MS = 48 * HOUR_MS;
const HEAVY_SAMPLES = 3000;
const HEIGHT_CLIP = 3;
/**
 * Heights have a heavier tail than an exponential one, since the tails of views are learned from few surprises: they are
 * generalised Pareto with this shape.
 */
const HEIGHT_SHAPE = 0.2;
/** Mean height from which heights go on as exponential ones do; runs from which on a lower one counts, and counts in full. */
const EXPONENTIAL_HEIGHT = 1.35;
const SHARE_RUNS_MIN = 8;
const SHARE_RUNS = 24;
const FADE = 1 - 1 / 20_000;
const MINUTES_IN_WEEK = 10_080;
/** Share of samples as strong as a run, as samples. Clean noise gives 0.001 to 0.02. */
const PRIOR_STRONG = 0.005;
const PRIOR_STRONG_SAMPLES = 300;
/** −log10 of the share of samples of which a view says anything, were no two of them to see the same. */
const LEAST_RARITY = -Math.log10(0.032);
/** What was never seen, as events; runs of one sample before the data say otherwise; samples of a run that count. */
const UNSEEN_EVENTS = 0.5;
const PRIOR_EVENTS = 2;
const EVENT_SAMPLES_MAX = 5;
/** Below this strength nothing is anomalous, however seldom the series is sampled. */
const STRENGTH_MIN = 2.6;
/** A young series is asked for no rarer strength than one in so many times the samples it has shown. */
const YOUNG_SAMPLES = 100;

/** An incident is over after so long without an anomalous sample, but so many samples at least and at most. */
const RECOVERY_MS = 8 * HOUR_MS;
/** Strength of a calm sample, as a share of the threshold (hysteresis). */
const CALM_SHARE = 0.7;
/** After so many calm samples something this many times as strong as the incident is another one. */
const ESCALATIONS = [
  { calmSamples: 5, times: 1.5 },
  { calmSamples: 20, times: 1.2 },
];
/** An error of so many mean errors lasts, if this many more of its side come than others. */
const LASTING_ERRORS = 2;
const LASTING_SAMPLES = 6;
/** What RELAPSE holds in an incident: large errors have not ended yet; did, so that others are news; and were told. */
const NOT_YET = 0;
const POSSIBLE = 1;
const TOLD = 2;
/** After its last sample that is not calm an incident is remembered for so many more, ever less. */
const REMEMBERED_SAMPLES = 400;
/** Mean log excess of errors in an incident. */
const GROWTH_EXCESS = 0.25;
const RECOVERY_SAMPLES_MIN = 12;
const RECOVERY_SAMPLES_MAX = 80;
/** Where that is less than so long, samples come so fast that it is longer, up to so many. */
const RECOVERY_FAST_MS = 150_000;
const RECOVERY_FAST_SAMPLES_MAX = 150;

/** Mean height of runs, in units of strength. */
function height(cells: Float64Array, at: number): number {
  return drawnExcess(cells[at + RUN_SUM]!, cells[at + RUN_COUNT]!, priorHeight(cells, at), PRIOR_RUNS);
}

/** What is expected of it before there were runs. */
function priorHeight(cells: Float64Array, at: number): number {
  const age = (cells[at + LAST_TIME]! - cells[at + FIRST_TIME]!) / HEAVY_MS;
  const left = 1 - Math.max(age, cells[at + COUNT]! / HEAVY_SAMPLES);
  if (left <= 0) return PRIOR_HEIGHT;
  const priorLog = priorLogQuantile(Math.max(cells[at + ERROR]!, noiseFloor(cells, at)));
  const heavy = clamp(Math.max(0, logQuantile(cells, at, priorLog) - priorLog), HEAVY_MAX);
  return PRIOR_HEIGHT * (1 + HEAVY_TIMES * left * heavy);
}

/**
 * How much of an exponential tail heights have beyond what minutes show: of runs that are low on the mean they are bounded
 * sooner (of normal noise the highest of a thousand is 4.6 means, not 6.9). 1 until some runs were counted.
 */
function tailShare(cells: Float64Array, at: number): number {
  const count = cells[at + RUN_COUNT]!;
  const known = Math.min(1, (count - SHARE_RUNS_MIN) / (SHARE_RUNS - SHARE_RUNS_MIN));
  if (known <= 0) return 1;
  const low = Math.min(1, cells[at + RUN_SUM]! / (count * EXPONENTIAL_HEIGHT));
  return 1 - known * (1 - low * low);
}

/** Strength that the series passes as often as was asked for when nothing is wrong. */
export function strengthThreshold(cells: Float64Array, at: number, falseAlarmsPerWeek: number): number {
  const rate =
    (PRIOR_RATE * PRIOR_RATE_SAMPLES + cells[at + RUN_COUNT]!) /
    (PRIOR_RATE_SAMPLES + cells[at + RUN_SAMPLES]!);
  const samples = Math.min(WEEK_MS / Math.max(cells[at + PERIOD]!, 1), YOUNG_SAMPLES * cells[at + COUNT]!);
  const logRuns = Math.log((rate * samples) / falseAlarmsPerWeek);
  // How many times the mean height one of so many runs has; a few are as exponential ones, and so are more than samples
  // a minute apart would give: else shifts at a second would go untold.
  const ofMinutes = (rate * Math.min(samples, MINUTES_IN_WEEK)) / Math.min(1, falseAlarmsPerWeek);
  const logMost = Math.min(logRuns, Math.log(ofMinutes));
  const pareto = ((1 - HEIGHT_SHAPE) / HEIGHT_SHAPE) * Math.expm1(HEIGHT_SHAPE * logMost);
  const times = Math.max(logMost, pareto) + (logRuns - logMost) * tailShare(cells, at);
  return Math.max(STRENGTH_MIN, RUN_STRENGTH + height(cells, at) * times);
}

/** −log10 of the share of the series' samples that are at least so strong, 0 of those that no view sees. */
export function strengthRarity(cells: Float64Array, at: number, strength: number): number {
  if (strength <= 0) return 0;
  const share =
    (PRIOR_STRONG * PRIOR_STRONG_SAMPLES + cells[at + STRONG_COUNT]!) /
    (PRIOR_STRONG_SAMPLES + cells[at + RUN_SAMPLES]!);
  const beyond = strength - RUN_STRENGTH;
  // Below, views seldom agree, and the strength of one alone is a rarity already.
  if (beyond <= 0) return Math.max(LEAST_RARITY, beyond - Math.log10(share));
  const mean = height(cells, at);
  const pareto = Math.log1p((HEIGHT_SHAPE * beyond) / ((1 - HEIGHT_SHAPE) * mean)) / HEIGHT_SHAPE;
  return -Math.log10(share) + Math.min(beyond / mean, pareto) / Math.LN10;
}

/**
 * Share of samples that are to be like nothing seen so far: half an event (Jeffreys 1946) in as many as the samples make,
 * where strong ones come in runs.
 */
export function unseenShare(cells: Float64Array, at: number): number {
  const runs = PRIOR_EVENTS + cells[at + RUN_COUNT]! + (cells[at + RUN_PEAK]! > 0 ? 1 : 0);
  const length = Math.min(Math.max(1, (PRIOR_EVENTS + cells[at + STRONG_COUNT]!) / runs), EVENT_SAMPLES_MAX);
  return (UNSEEN_EVENTS * length) / (cells[at + COUNT]! + length);
}

/** Whether an anomalous sample is told: the first of an incident, and after some calm one stronger than all before. */
export function isAlarm(cells: Float64Array, at: number, sample: Prediction): boolean {
  const calm = cells[at + IN_INCIDENT]!;
  if (calm === 0 || isRelapse(cells, at, sample)) return true;
  const { strength } = sample;
  const peak = cells[at + INCIDENT_PEAK]!;
  return ESCALATIONS.some(({ calmSamples, times }) => calm > calmSamples && strength > times * peak);
}

/** Whether errors last again after what began the incident was over: another one, however strong the first was. */
function isRelapse(cells: Float64Array, at: number, sample: Prediction): boolean {
  return cells[at + RELAPSE] === POSSIBLE && Math.abs(lasting(cells, at, sample)) >= LASTING_SAMPLES;
}

/** How many more large errors there were of one side than others; positive for values above what was expected. */
function lasting(cells: Float64Array, at: number, sample: Prediction): number {
  const { value, expected } = sample;
  const before = cells[at + LASTING]!;
  const step = isLarge(sample) ? Math.sign(value - expected) : -Math.sign(before);
  return clamp(before + step, LASTING_SAMPLES);
}

function isLarge({ error, meanError, still }: Prediction): boolean {
  return !still && error > LASTING_ERRORS * meanError;
}

/** How much of the last incident is remembered: 1 while samples are not calm, then in a straight line down to 0. */
export function remembered(cells: Float64Array, at: number): number {
  const calm = cells[at + IN_INCIDENT]!;
  const left = calm === 0 ? cells[at + RELAPSE]! : REMEMBERED_SAMPLES + 1 - calm;
  return left / REMEMBERED_SAMPLES;
}

/**
 * Strength of an anomalous sample that is farther out than all of its incident: as much above the incident's as its error
 * is rarer. The views have learned the incident in the meantime, and would call it ever weaker while it grows.
 */
export function grownStrength(cells: Float64Array, at: number, { error, strength }: Prediction): number {
  const largest = cells[at + INCIDENT_ERROR]!;
  if (cells[at + IN_INCIDENT] === 0 || !(error > largest) || largest === 0) return strength;
  return Math.max(
    strength,
    cells[at + INCIDENT_PEAK]! + (Math.log(error) - Math.log(largest)) / (GROWTH_EXCESS * Math.LN10),
  );
}

/** Follows runs by one more strength. */
export function learnRuns(cells: Float64Array, at: number, sample: Prediction): void {
  const strength = sample.viewStrength;
  cells[at + RUN_SAMPLES] = cells[at + RUN_SAMPLES]! * FADE + 1;
  cells[at + RUN_COUNT]! *= FADE;
  cells[at + RUN_SUM]! *= FADE;
  cells[at + STRONG_COUNT]! *= FADE;
  if (strength > RUN_STRENGTH || cells[at + RUN_PEAK]! > 0) followRun(cells, at, sample);
}

/** Of a strong sample, and of those after one until the run is over. */
function followRun(cells: Float64Array, at: number, { viewStrength: strength }: Prediction): void {
  const peak = cells[at + RUN_PEAK]!;
  if (strength > RUN_STRENGTH) {
    cells[at + STRONG_COUNT]! += 1;
    cells[at + RUN_PEAK] = Math.max(peak, strength);
    cells[at + RUN_CALM] = 0;
  } else if (++cells[at + RUN_CALM]! >= recoverySamples(cells[at + PERIOD]!)) {
    // Only now: a run that is not over says nothing of its height yet.
    const most = HEIGHT_CLIP * height(cells, at);
    cells[at + RUN_COUNT]! += 1;
    cells[at + RUN_SUM]! += Math.min(peak - RUN_STRENGTH, most);
    cells[at + RUN_PEAK] = 0;
  }
}

/** Follows incidents by one more sample. */
export function learnIncidents(
  cells: Float64Array,
  at: number,
  sample: Prediction,
  anomalous: boolean,
): void {
  if (anomalous || cells[at + IN_INCIDENT]! > 0) {
    followIncident(cells, at, sample, anomalous);
    return;
  }
  if (cells[at + LASTING] !== 0 || isLarge(sample)) cells[at + LASTING] = lasting(cells, at, sample);
  if (cells[at + RELAPSE]! > 0) cells[at + RELAPSE]! -= 1;
}

/** Of its first sample, and of those after it until it is over. */
function followIncident(cells: Float64Array, at: number, sample: Prediction, anomalous: boolean): void {
  const { strength, threshold } = sample;
  const calm = cells[at + IN_INCIDENT]!;
  const isTold = calm > 0 && anomalous && isRelapse(cells, at, sample);
  cells[at + LASTING] = lasting(cells, at, sample);
  if (calm === 0) cells[at + RELAPSE] = NOT_YET;
  else if (isTold) cells[at + RELAPSE] = TOLD;
  else if (cells[at + RELAPSE] === NOT_YET && cells[at + LASTING] === 0 && !isLarge(sample)) {
    cells[at + RELAPSE] = POSSIBLE;
  }
  if (anomalous) {
    cells[at + INCIDENT_ERROR] = Math.max(calm === 0 ? 0 : cells[at + INCIDENT_ERROR]!, sample.error);
    cells[at + INCIDENT_PEAK] = Math.max(calm === 0 ? 0 : cells[at + INCIDENT_PEAK]!, strength);
    cells[at + IN_INCIDENT] = 1;
  } else if (strength >= CALM_SHARE * threshold) cells[at + IN_INCIDENT] = 1;
  else if (calm <= recoverySamples(cells[at + PERIOD]!)) cells[at + IN_INCIDENT] = calm + 1;
  else {
    cells[at + IN_INCIDENT] = 0;
    cells[at + RELAPSE] = REMEMBERED_SAMPLES - calm;
  }
}

/** Calm samples that end an incident. */
export function recoverySamples(periodMs: number): number {
  const fast = Math.min(RECOVERY_FAST_MS / periodMs, RECOVERY_FAST_SAMPLES_MAX);
  const samples = Math.ceil(RECOVERY_MS / Math.max(periodMs, 1));
  return Math.min(Math.max(samples, RECOVERY_SAMPLES_MIN), Math.max(RECOVERY_SAMPLES_MAX, fast));
}
