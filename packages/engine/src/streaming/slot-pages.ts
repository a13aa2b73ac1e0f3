/** Slots of one page; a page is about half a MiB, so that a few series cost little and growth copies nothing. */
const PAGE_SLOTS = 1024;
const PAGE_SHIFT = 10;
const PAGE_MASK = PAGE_SLOTS - 1;

/** First cells of every slot: the pages' own. */
const OPEN = 0;
const NEXT_FREE = 1;
/** The second is only a closed slot's: 0 when a slot is opened, and its owner's until it is closed. */
export const OWN_FIELD = NEXT_FREE;
/** First cell that the owner of the pages may use otherwise. */
export const FIRST_FIELD = 2;

const HEADER_CELLS = 6;

/**
 * Fixed-size records of doubles, one for each slot, in pages that never move. Closed slots form a list inside
 * their own cells, so that nothing beside the pages grows.
 */
export class SlotPages {
  readonly #stride: number;
  /** Marks saved bytes as this layout's; a whole number. */
  readonly #signature: number;
  #pages: Float64Array[] = [];
  /** The same bytes as smaller numbers. */
  #singles: Float32Array[] = [];
  #wholes: Int16Array[] = [];
  #slotCount = 0;
  #openCount = 0;
  /** Slot + 1 of the first closed slot, 0 when there is none. */
  #firstFree = 0;

  constructor(stride: number, signature: number) {
    this.#stride = stride;
    this.#signature = signature;
  }

  get openCount(): number {
    return this.#openCount;
  }

  get byteLength(): number {
    return this.#pages.length * PAGE_SLOTS * this.#stride * Float64Array.BYTES_PER_ELEMENT;
  }

  /** A slot whose cells are all zero. The slot closed last is used first. */
  open(): number {
    let slot = this.#slotCount;
    if (this.#firstFree > 0) {
      slot = this.#firstFree - 1;
      this.#firstFree = this.page(slot)[this.offset(slot) + NEXT_FREE]!;
    } else {
      if (slot === this.#pages.length * PAGE_SLOTS) {
        this.#addPage(new Float64Array(PAGE_SLOTS * this.#stride));
      }
      this.#slotCount++;
    }
    const cells = this.page(slot);
    const at = this.offset(slot);
    cells[at + NEXT_FREE] = 0;
    cells[at + OPEN] = 1;
    this.#openCount++;
    return slot;
  }

  close(slot: number): void {
    this.assertOpen(slot);
    const cells = this.page(slot);
    const at = this.offset(slot);
    cells.fill(0, at, at + this.#stride);
    cells[at + NEXT_FREE] = this.#firstFree;
    this.#firstFree = slot + 1;
    this.#openCount--;
  }

  assertOpen(slot: number): void {
    const cells = this.#pages[slot >> PAGE_SHIFT];
    if (cells === undefined || !(slot >= 0) || cells[this.offset(slot) + OPEN] !== 1) {
      throw new RangeError(`slot ${slot} is not open`);
    }
  }

  /** The page that holds the slot's cells, which begin at `offset(slot)`. */
  page(slot: number): Float64Array {
    return this.#pages[slot >> PAGE_SHIFT]!;
  }

  /** The same page as numbers of single precision; the slot's begin at twice its offset. */
  singles(slot: number): Float32Array {
    return this.#singles[slot >> PAGE_SHIFT]!;
  }

  /** The same page as whole numbers of 16 bits; the slot's begin at four times its offset. */
  wholes(slot: number): Int16Array {
    return this.#wholes[slot >> PAGE_SHIFT]!;
  }

  offset(slot: number): number {
    return (slot & PAGE_MASK) * this.#stride;
  }

  /** A header, then one piece for each page, each a copy made when it is asked for; all in one buffer when `reused`. */
  *save(reused: boolean): Generator<Uint8Array, void> {
    const header = new Float64Array(HEADER_CELLS);
    header.set([
      this.#signature,
      this.#stride,
      this.#pages.length,
      this.#slotCount,
      this.#openCount,
      this.#firstFree,
    ]);
    yield new Uint8Array(header.buffer);
    const shared = reused ? new Float64Array(PAGE_SLOTS * this.#stride) : undefined;
    for (const cells of this.#pages) {
      const copy = shared ?? new Float64Array(cells.length);
      copy.set(cells);
      yield new Uint8Array(copy.buffer);
    }
  }

  /** Replaces everything; throws RangeError, with nothing changed, on bytes that `save` did not write. */
  load(pieces: Iterable<Uint8Array>): void {
    const cellCount = PAGE_SLOTS * this.#stride;
    const pages: Float64Array[] = [];
    let header: readonly number[] | undefined;
    for (const piece of pieces) {
      const cells = toCells(piece);
      if (header === undefined) header = this.#checkHeader(cells);
      else if (cells.length === cellCount) pages.push(cells);
      else throw new RangeError('the state is not complete');
    }
    if (header === undefined) throw new RangeError('not a detector state');
    const [, , pageCount, slotCount, openCount, firstFree] = header;
    if (pages.length !== pageCount) throw new RangeError('the state is not complete');
    this.#pages = [];
    this.#singles = [];
    this.#wholes = [];
    for (const cells of pages) this.#addPage(cells);
    this.#slotCount = slotCount!;
    this.#openCount = openCount!;
    this.#firstFree = firstFree!;
  }

  #addPage(cells: Float64Array): void {
    this.#pages.push(cells);
    this.#singles.push(new Float32Array(cells.buffer));
    this.#wholes.push(new Int16Array(cells.buffer));
  }

  #checkHeader(cells: Float64Array): readonly number[] {
    if (cells.length !== HEADER_CELLS) throw new RangeError('not a detector state');
    if (cells[0] !== this.#signature || cells[1] !== this.#stride) {
      throw new RangeError('the state was saved by another detector, version or time zone');
    }
    return Array.from(cells);
  }
}

/** A copy, since the bytes belong to the caller and may begin at an address that no double may have. */
function toCells(piece: Uint8Array): Float64Array {
  if (piece.byteLength % Float64Array.BYTES_PER_ELEMENT !== 0) {
    throw new RangeError('the state is not complete');
  }
  return new Float64Array(new Uint8Array(piece).buffer);
}
