import type {
  DetectorDescription,
  DetectorOptions,
  StreamingDetector,
  Verdict,
  VerdictState,
} from './detector.js';
import { createDeviationFilter, type DeviationFilter } from './deviation-filter.js';
import * as bandModule from './multi-view-band.js';
import * as componentModule from './multi-view-component.js';
import * as excursionModule from './multi-view-excursion.js';
import * as frequencyModule from './multi-view-frequency.js';
import * as incidentsModule from './multi-view-incidents.js';
import * as jobModule from './multi-view-job.js';
import * as modelModule from './multi-view-model.js';
import * as movesModule from './multi-view-moves.js';
import type { Prediction } from './multi-view-prediction.js';
import * as predictionModule from './multi-view-prediction.js';
import * as quietModule from './multi-view-quiet.js';
import * as seasonModule from './multi-view-season.js';
import * as stateModule from './multi-view-state.js';
import * as tailModule from './multi-view-tail.js';
import * as viewsModule from './multi-view-views.js';
import * as warmUpModule from './multi-view-warm-up.js';
import * as waveModule from './multi-view-wave.js';
import * as weekModule from './multi-view-week.js';
import { SlotPages } from './slot-pages.js';
import { createTimeOfDay, type TimeOfDay } from './time-of-day.js';

/** Constants of this module: what is imported is looked up anew at each use. */
const { endAtLimits, toldBand } = bandModule;
const { componentOf } = componentModule;
const { absorbShift, learnExcursion, learnRange } = excursionModule;
const { learnFrequency } = frequencyModule;
const {
  isAlarm,
  learnIncidents,
  learnRuns,
  recoverySamples,
  remembered,
  strengthRarity,
  strengthThreshold,
  unseenShare,
} = incidentsModule;
const { describeJob, learnJob } = jobModule;
const { correlation, keepResidual, learnModel, learnTime, predict } = modelModule;
const { isShorterStep, learnMoves, learnStep } = movesModule;
const { asTold, createPrediction } = predictionModule;
const { learnQuiet } = quietModule;
const { endTrial, moveSeason } = seasonModule;
const { bounded, F, STRIDE, WARM_UP_SAMPLES } = stateModule;
const { learnTail } = tailModule;
const { endEcho, learnViews, moveViews, relearnViews } = viewsModule;
const { endWarmUp } = warmUpModule;
const { describeWave, learnWave, settleWave } = waveModule;
const { describeWeek, learnWeek } = weekModule;

const {
  COUNT,
  ERROR,
  FIRST_TIME,
  IN_EXCURSION,
  IN_INCIDENT,
  LAST_TIME,
  LEVEL,
  PERIOD,
  RUN_COUNT,
  RUN_SAMPLES,
  RUN_SUM,
  SPREAD,
  WARM_UP,
} = F;

const NAME = 'multi-view';
const VERSION = 14;
/** In the score by which samples are ranked: what is so many times as far off as usual is ranked by its strength alone. */
const TIMES_MAX = 50;
/** In it, an incident that is remembered counts as so many thresholds: the time is anomalous then, and not the sample alone. */
const INCIDENT_SHARE = 2.5;

/**
 * Judges each sample by itself and by five views of the samples before it, each against the series' own learned
 * tail; views that agree weigh more than one alone. docs/detection.md has the formulas. Time and memory per sample
 * are constant: less than half a microsecond, 1,024 bytes a series.
 *
 * @throws RangeError for an unknown time zone, a sensitivity that is not above 0, or limits that are none.
 */
export function createMultiViewDetector(options: DetectorOptions = {}): StreamingDetector {
  return new MultiViewDetector(options);
}

class MultiViewDetector implements StreamingDetector {
  readonly name = NAME;
  readonly version = VERSION;
  readonly #slots: SlotPages;
  readonly #timeOfDay: TimeOfDay;
  readonly #filter: DeviationFilter | undefined;
  /** The last prediction made; of slot -1 once that slot may have changed. */
  readonly #prediction: Prediction;
  /** Of other values at the same time. */
  readonly #probe: Prediction;
  #predictedSlot = -1;

  constructor(options: DetectorOptions) {
    const { timeZone = 'UTC', falseAlarmsPerWeek = 1 } = options;
    if (!(falseAlarmsPerWeek > 0)) throw new RangeError('falseAlarmsPerWeek must be above 0');
    this.#timeOfDay = createTimeOfDay(timeZone);
    this.#prediction = createPrediction(falseAlarmsPerWeek);
    this.#probe = createPrediction(falseAlarmsPerWeek);
    this.#filter = createDeviationFilter(options);
    this.#slots = new SlotPages(STRIDE, signature(`${NAME} ${VERSION} ${timeZone} ${falseAlarmsPerWeek}`));
  }

  get openCount(): number {
    return this.#slots.openCount;
  }

  get stateBytes(): number {
    return this.#slots.byteLength;
  }

  open(): number {
    return this.#slots.open();
  }

  close(slot: number): void {
    this.#slots.close(slot);
    this.#predictedSlot = -1;
  }

  score(slot: number, timeMs: number, value: number, out: Verdict): Verdict {
    this.#slots.assertOpen(slot);
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    const count = cells[at + COUNT]!;
    out.need = WARM_UP_SAMPLES;
    out.have = count < WARM_UP_SAMPLES ? count : WARM_UP_SAMPLES;
    if (!Number.isFinite(value) || (count > 0 && !(timeMs > cells[at + LAST_TIME]!))) {
      return withoutJudgement(out, 'unknown');
    }
    if (count < WARM_UP_SAMPLES) return withoutJudgement(out, 'warming_up');

    this.#predict(slot, timeMs, value);
    const sample = this.#prediction;
    const { strength, anomalous } = sample;
    const expected = sample.wide === 1 ? sample.expected + sample.known : asTold(sample, sample.expected);
    const band =
      sample.wide * (anomalous ? toldBand(cells, at, this.#timeOfDay, sample, this.#probe) : sample.band);
    out.state = anomalous ? 'anomalous' : 'ok';
    out.expected = expected;
    out.lower = expected - band;
    out.upper = expected + band;
    rankSample(cells, at, sample, out);
    // A series at rest has no noise by which views could be measured.
    const rarity = sample.still ? sample.rarity : strength > 0 ? strengthRarity(cells, at, strength) : 0;
    out.probability = rarity > 0 ? -Math.expm1(-rarity * Math.LN10) * (1 - unseenShare(cells, at)) : 0;
    out.alarm = anomalous && isAlarm(cells, at, sample);
    out.component = anomalous ? componentOf(cells, at, sample) : null;
    this.#filter?.narrow(cells, at, sample.raw, out);
    endAtLimits(cells, at, sample, out);
    return out;
  }

  learn(slot: number, timeMs: number, value: number): void {
    const sample = this.#prediction;
    // After `score` of the same sample all of this is known.
    const isPredicted = slot === this.#predictedSlot && timeMs === sample.timeMs && value === sample.raw;
    if (!isPredicted && !this.#prepare(slot, timeMs, value)) return;
    this.#predictedSlot = -1;
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    const { anomalous } = sample;
    const before = cells[at + IN_EXCURSION] !== 0;
    const isOut = before || sample.error > sample.band;
    const learned = !isOut || learnExcursion(cells, at, sample);
    if (isShorterStep(cells, at, sample)) learnStep(cells, at, sample.step);
    learnViews(cells, at, sample);
    learnQuiet(cells, at, sample);
    learnRuns(cells, at, sample);
    learnFrequency(cells, at, sample);
    learnJob(cells, at, sample);
    learnIncidents(cells, at, sample, anomalous);
    if (this.#filter !== undefined) {
      const recovery = recoverySamples(cells[at + PERIOD]!);
      const phase = cells[at + IN_INCIDENT]!;
      this.#filter.learn(cells, at, sample.raw, asTold(sample, sample.expected), anomalous, phase, recovery);
    }
    learnMoves(cells, at, sample, before);
    const isSettled = !learnWave(cells, at, sample);
    learnWeek(cells, at, this.#timeOfDay, sample);
    learnTime(cells, at, sample);
    learnRange(cells, at, sample);
    if (learned) {
      learnTail(cells, at, sample);
      learnModel(cells, at, sample);
    }
    if (cells[at + IN_EXCURSION] !== 0) this.#absorb(cells, at);
    else if (before) endEcho(cells, at);
    keepResidual(cells, at, sample);
    if (!isSettled) settleWave(cells, at, sample);
    if (endTrial(cells, at, sample)) relearnViews(cells, at, sample);
  }

  /** Predicts a sample that was not scored just now. False when there is no more to learn of it. */
  #prepare(slot: number, timeMs: number, value: number): boolean {
    this.#slots.assertOpen(slot);
    if (!Number.isFinite(value)) return false;
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    const count = cells[at + COUNT]!;
    if (!Number.isFinite(timeMs) || (count > 0 && !(timeMs > cells[at + LAST_TIME]!))) {
      throw new RangeError(`time ${timeMs} of slot ${slot} is not after ${cells[at + LAST_TIME]}`);
    }
    if (count < WARM_UP_SAMPLES) this.#warmUp(slot, timeMs, value);
    else this.#predict(slot, timeMs, value);
    return count >= WARM_UP_SAMPLES;
  }

  #warmUp(slot: number, timeMs: number, value: number): void {
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    const sample = this.#prediction;
    const count = cells[at + COUNT]!;
    this.#predictedSlot = -1;
    sample.timeMs = timeMs;
    sample.value = bounded(value);
    cells[at + WARM_UP + count] = sample.value;
    learnTime(cells, at, sample);
    if (count + 1 === WARM_UP_SAMPLES) endWarmUp(cells, this.#slots.singles(slot), at);
  }

  /** What follows an excursion that has become the new normal. */
  #absorb(cells: Float64Array, at: number): void {
    const sample = this.#prediction;
    const level = cells[at + LEVEL]!;
    const error = Math.max(cells[at + ERROR]!, sample.floor);
    if (!absorbShift(cells, at, sample)) return;
    moveViews(cells, at, cells[at + LEVEL]! + sample.seasonal, Math.max(1, cells[at + ERROR]! / error));
    moveSeason(at, sample, cells[at + LEVEL]! - level);
  }

  #predict(slot: number, timeMs: number, value: number): void {
    const sample = this.#prediction;
    sample.timeMs = timeMs;
    sample.raw = bounded(value);
    sample.singles = this.#slots.singles(slot);
    sample.wholes = this.#slots.wholes(slot);
    predict(this.#slots.page(slot), this.#slots.offset(slot), this.#timeOfDay, sample);
    this.#predictedSlot = slot;
  }

  lastTimeMs(slot: number): number {
    this.#slots.assertOpen(slot);
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    return cells[at + COUNT] === 0 ? Number.NEGATIVE_INFINITY : cells[at + LAST_TIME]!;
  }

  firstTimeMs(slot: number): number {
    this.#slots.assertOpen(slot);
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    return cells[at + COUNT] === 0 ? Number.POSITIVE_INFINITY : cells[at + FIRST_TIME]!;
  }

  periodMs(slot: number): number {
    this.#slots.assertOpen(slot);
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    return cells[at + COUNT]! < 2 ? Number.NaN : cells[at + PERIOD]!;
  }

  describe(slot: number): DetectorDescription {
    this.#slots.assertOpen(slot);
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    const have = Math.min(cells[at + COUNT]!, WARM_UP_SAMPLES);
    const description = {
      have,
      need: WARM_UP_SAMPLES,
      periodMs: this.periodMs(slot),
    };
    if (have < WARM_UP_SAMPLES) return { ...description, state: 'warming_up', components: {} };
    return {
      ...description,
      state: cells[at + IN_EXCURSION] !== 0 ? 'anomalous' : 'ok',
      components: {
        level: cells[at + LEVEL]!,
        spread: cells[at + SPREAD]!,
        error: cells[at + ERROR]!,
        autocorrelation: correlation(cells, this.#slots.singles(slot), at),
        threshold: strengthThreshold(cells, at, this.#prediction.falseAlarmsPerWeek),
        ...describeWave(at, this.#slots.wholes(slot)),
        ...describeJob(at, this.#slots.wholes(slot)),
        ...describeWeek(at, this.#slots.singles(slot), this.#slots.wholes(slot)),
        runs: cells[at + RUN_COUNT]!,
        runHeights: cells[at + RUN_SUM]!,
        runSamples: cells[at + RUN_SAMPLES]!,
      },
    };
  }

  save(reused = false): Iterable<Uint8Array> {
    return this.#slots.save(reused);
  }

  load(pieces: Iterable<Uint8Array>): void {
    this.#slots.load(pieces);
    this.#predictedSlot = -1;
  }
}

/** `score`: by how much the sample and those before it are off, how rare that is in this series, and the incident it belongs to. */
function rankSample(cells: Float64Array, at: number, sample: Prediction, out: Verdict): void {
  const alone = sample.error / sample.meanError;
  // A series at rest has no usual size.
  const times = sample.still ? 0 : Math.min(Math.sqrt(sample.rank + alone * alone), TIMES_MAX);
  out.score = times + sample.strength;
  const share = sample.anomalous ? 1 : remembered(cells, at);
  if (share > 0)
    out.score += INCIDENT_SHARE * share * strengthThreshold(cells, at, sample.falseAlarmsPerWeek);
}

function withoutJudgement(out: Verdict, state: VerdictState): Verdict {
  out.state = state;
  out.expected = Number.NaN;
  out.lower = Number.NaN;
  out.upper = Number.NaN;
  out.probability = Number.NaN;
  out.score = Number.NaN;
  out.alarm = false;
  out.component = null;
  return out;
}

/** FNV-1a (Fowler, Noll, Vo 1991): a state is only loaded by a detector with the same name and settings. */
function signature(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
