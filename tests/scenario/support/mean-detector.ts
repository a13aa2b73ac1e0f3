import type { DetectorDescription, StreamingDetector, Verdict } from '@seismo/engine';

const NEED = 5;

interface MeanState {
  firstTimeMs: number;
  lastTimeMs: number;
  have: number;
  mean: number;
  anomalous: boolean;
}

/** The least that is a detector: a running mean, anomalous at a distance of more than 10. Whole state in JSON. */
export class MeanDetector implements StreamingDetector {
  readonly name = 'mean';
  #slots: (MeanState | null)[] = [];

  constructor(readonly version = 1) {}

  get openCount(): number {
    return this.#slots.filter((slot) => slot !== null).length;
  }

  get stateBytes(): number {
    return this.openCount * 32;
  }

  open(): number {
    const free = this.#slots.indexOf(null);
    const slot = free < 0 ? this.#slots.length : free;
    this.#slots[slot] = {
      firstTimeMs: Number.POSITIVE_INFINITY,
      lastTimeMs: Number.NEGATIVE_INFINITY,
      have: 0,
      mean: 0,
      anomalous: false,
    };
    return slot;
  }

  close(slot: number): void {
    this.#at(slot);
    this.#slots[slot] = null;
  }

  score(slot: number, _timeMs: number, value: number, out: Verdict): Verdict {
    const { have, mean, anomalous } = this.#at(slot);
    const ready = have >= NEED;
    const far = Math.abs(value - mean) > 10;
    out.state = ready ? (far ? 'anomalous' : 'ok') : 'warming_up';
    out.expected = ready ? mean : Number.NaN;
    out.lower = out.expected - 10;
    out.upper = out.expected + 10;
    out.probability = ready ? (far ? 0.999 : 0.5) : Number.NaN;
    out.score = ready ? Math.abs(value - mean) : Number.NaN;
    out.alarm = ready && far && !anomalous;
    out.have = Math.min(have, NEED);
    out.need = NEED;
    return out;
  }

  learn(slot: number, timeMs: number, value: number): void {
    const state = this.#at(slot);
    if (!(timeMs > state.lastTimeMs)) throw new Error('time must ascend');
    state.anomalous = state.have >= NEED && Math.abs(value - state.mean) > 10;
    if (state.have === 0) state.firstTimeMs = timeMs;
    state.have++;
    state.lastTimeMs = timeMs;
    state.mean += (value - state.mean) / state.have;
  }

  lastTimeMs(slot: number): number {
    return this.#at(slot).lastTimeMs;
  }

  firstTimeMs(slot: number): number {
    return this.#at(slot).firstTimeMs;
  }

  periodMs(slot: number): number {
    this.#at(slot);
    return Number.NaN;
  }

  describe(slot: number): DetectorDescription {
    const { have, mean } = this.#at(slot);
    return { state: 'ok', have, need: NEED, periodMs: this.periodMs(slot), components: { mean } };
  }

  save(): Uint8Array[] {
    const slots = this.#slots.map(
      (slot) =>
        slot && { ...slot, firstTimeMs: String(slot.firstTimeMs), lastTimeMs: String(slot.lastTimeMs) },
    );
    return [new TextEncoder().encode(JSON.stringify({ version: this.version, slots }))];
  }

  load([piece]: Iterable<Uint8Array>): void {
    const { version, slots } = JSON.parse(new TextDecoder().decode(piece));
    if (version !== this.version) throw new RangeError(`state of version ${version}`);
    this.#slots = slots.map(
      (slot: MeanState | null) =>
        slot && { ...slot, firstTimeMs: Number(slot.firstTimeMs), lastTimeMs: Number(slot.lastTimeMs) },
    );
  }

  #at(slot: number): MeanState {
    const state = this.#slots[slot];
    if (state === null || state === undefined) throw new RangeError(`slot ${slot} is not open`);
    return state;
  }
}
