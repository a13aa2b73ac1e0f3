import type { DetectorDescription, StreamingDetector, Verdict, VerdictState } from './detector.js';
import { absorbShift, learnExcursion } from './robust-excursion.js';
import {
  correlation,
  createPrediction,
  endWarmUp,
  keepResidual,
  learnModel,
  learnTime,
  type Prediction,
  predict,
} from './robust-model.js';
import { learnMoves } from './robust-moves.js';
import { bounded, F, STRIDE, WARM_UP_SAMPLES } from './robust-state.js';
import { learnTail, rarity, thresholdFor } from './robust-tail.js';
import { SlotPages } from './slot-pages.js';
import { createTimeOfDay, type TimeOfDay } from './time-of-day.js';

export interface RobustDetectorOptions {
  /** IANA name of the zone whose time of day the profile follows. Default UTC. */
  readonly timeZone?: string;
  /** Sensitivity: false alarms to be expected of one series in one week, above 0. Default 1. */
  readonly falseAlarmsPerWeek?: number;
}

const NAME = 'robust';
const VERSION = 3;

/**
 * Judges each sample by level, time-of-day profile and lag-one autocorrelation, against the series' own learned
 * tail of errors; docs/detection.md has the formulas. Time and memory per sample are constant: about half a
 * microsecond, 592 bytes a series.
 *
 * @throws RangeError for an unknown time zone or a sensitivity that is not above 0.
 */
export function createRobustDetector(options: RobustDetectorOptions = {}): StreamingDetector {
  return new RobustDetector(options.timeZone ?? 'UTC', options.falseAlarmsPerWeek ?? 1);
}

class RobustDetector implements StreamingDetector {
  readonly name = NAME;
  readonly version = VERSION;
  readonly #slots: SlotPages;
  readonly #timeOfDay: TimeOfDay;
  readonly #falseAlarmsPerWeek: number;
  /** The last prediction made, of the sample below; slot -1 once that slot may have changed. */
  readonly #prediction: Prediction = createPrediction();
  #predictedSlot = -1;
  #predictedMs = 0;
  #predictedValue = 0;

  constructor(timeZone: string, falseAlarmsPerWeek: number) {
    if (!(falseAlarmsPerWeek > 0)) throw new RangeError('falseAlarmsPerWeek must be above 0');
    this.#timeOfDay = createTimeOfDay(timeZone);
    this.#falseAlarmsPerWeek = falseAlarmsPerWeek;
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
    const count = cells[at + F.COUNT]!;
    out.have = Math.min(count, WARM_UP_SAMPLES);
    out.need = WARM_UP_SAMPLES;
    if (!Number.isFinite(value) || (count > 0 && !(timeMs > cells[at + F.LAST_TIME]!))) {
      return withoutJudgement(out, 'unknown');
    }
    if (count < WARM_UP_SAMPLES) return withoutJudgement(out, 'warming_up');

    this.#predict(slot, timeMs, value);
    const { expected, error, band, logQ, excess } = this.#prediction;
    const anomalous = error > band;
    out.state = anomalous ? 'anomalous' : 'ok';
    out.expected = expected;
    out.lower = expected - band;
    out.upper = expected + band;
    out.score = rarity(error, logQ, excess);
    out.probability = -Math.expm1(-out.score * Math.LN10);
    out.alarm = anomalous && cells[at + F.IN_EXCURSION] === 0;
    return out;
  }

  learn(slot: number, timeMs: number, value: number): void {
    this.#slots.assertOpen(slot);
    if (!Number.isFinite(value)) return;
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    const count = cells[at + F.COUNT]!;
    if (!Number.isFinite(timeMs) || (count > 0 && !(timeMs > cells[at + F.LAST_TIME]!))) {
      throw new RangeError(`time ${timeMs} of slot ${slot} is not after ${cells[at + F.LAST_TIME]}`);
    }
    const sample = bounded(value);
    if (count < WARM_UP_SAMPLES) {
      cells[at + F.WARM_UP + count] = sample;
      learnTime(cells, at, timeMs, sample);
      if (count + 1 === WARM_UP_SAMPLES) endWarmUp(cells, at);
      return;
    }
    this.#predict(slot, timeMs, value);
    this.#predictedSlot = -1;
    const { error, band, seasonal, learnedLogQ, excess } = this.#prediction;
    const before = cells[at + F.IN_EXCURSION] !== 0;
    const learned = learnExcursion(cells, at, timeMs, sample, error, band);
    learnMoves(cells, at, error, before);
    learnTime(cells, at, timeMs, sample);
    if (learned) {
      learnTail(cells, at, error, learnedLogQ, excess);
      learnModel(cells, at, timeMs, sample, this.#timeOfDay, this.#prediction);
    }
    absorbShift(cells, at, timeMs, seasonal);
    keepResidual(cells, at, sample, seasonal);
  }

  /** Fills the prediction; `learn` after `score` of the same sample finds it there. */
  #predict(slot: number, timeMs: number, value: number): void {
    if (slot === this.#predictedSlot && timeMs === this.#predictedMs && value === this.#predictedValue)
      return;
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    predict(cells, at, timeMs, value, this.#timeOfDay, this.#falseAlarmsPerWeek, this.#prediction);
    this.#predictedSlot = slot;
    this.#predictedMs = timeMs;
    this.#predictedValue = value;
  }

  lastTimeMs(slot: number): number {
    this.#slots.assertOpen(slot);
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    return cells[at + F.COUNT] === 0 ? Number.NEGATIVE_INFINITY : cells[at + F.LAST_TIME]!;
  }

  firstTimeMs(slot: number): number {
    this.#slots.assertOpen(slot);
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    return cells[at + F.COUNT] === 0 ? Number.POSITIVE_INFINITY : cells[at + F.FIRST_TIME]!;
  }

  describe(slot: number): DetectorDescription {
    this.#slots.assertOpen(slot);
    const cells = this.#slots.page(slot);
    const at = this.#slots.offset(slot);
    const have = Math.min(cells[at + F.COUNT]!, WARM_UP_SAMPLES);
    const description = {
      have,
      need: WARM_UP_SAMPLES,
      periodMs: cells[at + F.COUNT]! < 2 ? Number.NaN : cells[at + F.PERIOD]!,
    };
    if (have < WARM_UP_SAMPLES) return { ...description, state: 'warming_up', components: {} };
    const { COUNT, PERIOD, LEVEL, SPREAD, ERROR, IN_EXCURSION } = F;
    return {
      ...description,
      state: cells[at + IN_EXCURSION] !== 0 ? 'anomalous' : 'ok',
      components: {
        level: cells[at + LEVEL]!,
        spread: cells[at + SPREAD]!,
        error: cells[at + ERROR]!,
        autocorrelation: correlation(cells, at),
        threshold: thresholdFor(cells[at + PERIOD]!, this.#falseAlarmsPerWeek, cells[at + COUNT]!),
      },
    };
  }

  save(): Iterable<Uint8Array> {
    return this.#slots.save();
  }

  load(pieces: Iterable<Uint8Array>): void {
    this.#slots.load(pieces);
    this.#predictedSlot = -1;
  }
}

function withoutJudgement(out: Verdict, state: VerdictState): Verdict {
  out.state = state;
  out.expected = Number.NaN;
  out.lower = Number.NaN;
  out.upper = Number.NaN;
  out.probability = Number.NaN;
  out.score = Number.NaN;
  out.alarm = false;
  return out;
}

/** FNV-1a (Fowler, Noll, Vo 1991): a state is only loaded by a detector with the same name and settings. */
function signature(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
