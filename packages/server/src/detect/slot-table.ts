import { VERDICT_STATES, type Verdict } from '@seismo/engine/streaming';
import { componentCode, componentOf } from '../model/verdict.js';

const NO_SLOT = -1;
const FREE = 0xffff_ffff;
/** So that a store can write one without holding up anybody for long. */
const PIECE_BYTES = 1 << 20;
const UNKNOWN = VERDICT_STATES.indexOf('unknown');
const ALARM = 1;
const WARMING_UP = VERDICT_STATES.indexOf('warming_up');

/**
 * Which series sits in which slot of the detector, and the newest sample of each with its verdict. Columns, as
 * there are as many rows as series: about 70 bytes each.
 */
export class SlotTable {
  /** By series id. */
  #slots = new Int32Array(1024).fill(NO_SLOT);
  #columns: SlotColumns;

  constructor(columns: SlotColumns = createColumns(1024)) {
    this.#columns = columns;
    for (let slot = 0; slot < columns.seriesIds.length; slot++) {
      const id = columns.seriesIds[slot]!;
      if (id !== FREE) this.#setSlot(id, slot);
    }
  }

  /** -1 for a series without a slot. */
  slotOf(seriesId: number): number {
    return seriesId < this.#slots.length ? this.#slots[seriesId]! : NO_SLOT;
  }

  set(seriesId: number, slot: number): void {
    if (slot >= this.#columns.seriesIds.length) this.#columns = resized(this.#columns, (slot + 1) * 2);
    this.#columns.seriesIds[slot] = seriesId;
    this.#columns.values[slot] = Number.NaN;
    this.#columns.states[slot] = UNKNOWN;
    this.#setSlot(seriesId, slot);
  }

  clear(seriesId: number): void {
    const slot = this.slotOf(seriesId);
    if (slot === NO_SLOT) return;
    this.#columns.seriesIds[slot] = FREE;
    this.#slots[seriesId] = NO_SLOT;
  }

  /** Keeps the newest sample of a slot. */
  note(slot: number, value: number, verdict: Verdict, stateCode: number): void {
    const columns = this.#columns;
    columns.values[slot] = value;
    columns.expected[slot] = verdict.expected;
    columns.lower[slot] = verdict.lower;
    columns.upper[slot] = verdict.upper;
    columns.probability[slot] = verdict.probability;
    columns.score[slot] = verdict.score;
    columns.states[slot] = stateCode;
    columns.flags[slot] = (verdict.alarm ? ALARM : 0) + ALARM * 2 * componentCode(verdict.component);
    columns.have[slot] = verdict.have;
    columns.need[slot] = verdict.need;
  }

  /** Another value for the newest sample of a slot; its verdict remains. */
  correct(slot: number, value: number): void {
    this.#columns.values[slot] = value;
  }

  /** Whether the newest verdict, and so every one before, was `warming_up`. */
  isWarmingUp(slot: number): boolean {
    return this.#columns.states[slot] === WARMING_UP;
  }

  /** Samples learned when the newest was, that one included. */
  haveOf(slot: number): number {
    return this.#columns.have[slot]!;
  }

  newest(slot: number): { value: number; verdict: Verdict } {
    const columns = this.#columns;
    return {
      value: columns.values[slot]!,
      verdict: {
        state: VERDICT_STATES[columns.states[slot]!]!,
        expected: columns.expected[slot]!,
        lower: columns.lower[slot]!,
        upper: columns.upper[slot]!,
        probability: columns.probability[slot]!,
        score: columns.score[slot]!,
        alarm: (columns.flags[slot]! & ALARM) !== 0,
        component: componentOf(columns.flags[slot]! >> 1),
        have: columns.have[slot]!,
        need: columns.need[slot]!,
      },
    };
  }

  seriesIds(): number[] {
    return Array.from(this.#columns.seriesIds.filter((id) => id !== FREE));
  }

  /** Rows of the columns: what `load` is to be told. */
  get rows(): number {
    return this.#columns.seriesIds.length;
  }

  /** One column after the other, in pieces; `seenS` says when a sample of a series last arrived. */
  *save(seenS: (seriesId: number) => number): Generator<Uint8Array, void> {
    const columns = this.#columns;
    for (let slot = 0; slot < columns.seriesIds.length; slot++) {
      const id = columns.seriesIds[slot]!;
      columns.seenS[slot] = id === FREE ? 0 : seenS(id);
    }
    for (const name of COLUMN_NAMES) {
      const bytes = bytesOf(columns[name]);
      for (let from = 0; from < bytes.length; from += PIECE_BYTES)
        yield bytes.slice(from, from + PIECE_BYTES);
    }
  }

  /** Takes as many pieces as belong to it. Throws RangeError on bytes that `save` did not make. */
  static load(
    rows: number,
    pieces: Iterator<Uint8Array>,
    onSeries: (seriesId: number, seenS: number) => void,
  ): SlotTable {
    const columns = createColumns(rows);
    for (const name of COLUMN_NAMES) {
      const bytes = bytesOf(columns[name]);
      for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
        const { value, done } = pieces.next();
        if (done === true || value.length !== Math.min(PIECE_BYTES, bytes.length - from)) {
          throw new RangeError('the slot table is not complete');
        }
        bytes.set(value, from);
      }
    }
    for (let slot = 0; slot < rows; slot++) {
      const id = columns.seriesIds[slot]!;
      if (id !== FREE) onSeries(id, columns.seenS[slot]!);
    }
    return new SlotTable(columns);
  }

  #setSlot(seriesId: number, slot: number): void {
    if (seriesId >= this.#slots.length) {
      const larger = new Int32Array(Math.max(seriesId + 1, this.#slots.length * 2)).fill(NO_SLOT);
      larger.set(this.#slots);
      this.#slots = larger;
    }
    this.#slots[seriesId] = slot;
  }
}

function createColumns(rows: number) {
  return {
    seriesIds: new Uint32Array(rows).fill(FREE),
    seenS: new Uint32Array(rows),
    have: new Uint32Array(rows),
    need: new Uint32Array(rows),
    values: new Float64Array(rows),
    expected: new Float64Array(rows),
    lower: new Float64Array(rows),
    upper: new Float64Array(rows),
    probability: new Float64Array(rows),
    score: new Float64Array(rows),
    states: new Uint8Array(rows),
    /** Bit 0: the alarm; the others: the code of the component. */
    flags: new Uint8Array(rows),
  };
}
type SlotColumns = ReturnType<typeof createColumns>;
const COLUMN_NAMES = Object.keys(createColumns(0)) as (keyof SlotColumns)[];

function resized(columns: SlotColumns, rows: number): SlotColumns {
  const larger = createColumns(rows);
  for (const name of COLUMN_NAMES) larger[name].set(columns[name]);
  return larger;
}

function bytesOf(column: Uint8Array | Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
