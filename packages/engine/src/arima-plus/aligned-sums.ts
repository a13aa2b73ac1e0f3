/** Sums of columns that begin at different places of one grid. Cost: 8 bytes a value and column of all they span. */
export class AlignedSums {
  #start = 0;
  #length = 0;
  readonly #columns = new Map<string, Float64Array>();

  /** Index on the grid that the first value of every column is at. */
  get start(): number {
    return this.#start;
  }

  /** Values that every column has. */
  get length(): number {
    return this.#length;
  }

  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** Zeros where nothing was added. */
  column(name: string): Float64Array {
    return this.#columns.get(name) ?? new Float64Array(this.#length);
  }

  /** @param offset index on the grid of the first of the values */
  add(name: string, offset: number, values: Float64Array): void {
    this.#span(offset, values.length);
    const sums = this.column(name);
    this.#columns.set(name, sums);
    const from = offset - this.#start;
    for (let index = 0; index < values.length; index++)
      sums[from + index] = sums[from + index]! + values[index]!;
  }

  #span(offset: number, length: number): void {
    const isFirst = this.#length === 0;
    const start = isFirst ? offset : Math.min(this.#start, offset);
    const end = isFirst ? offset + length : Math.max(this.#start + this.#length, offset + length);
    if (end - start === this.#length) return;
    for (const [name, old] of this.#columns) {
      const grown = new Float64Array(end - start);
      grown.set(old, isFirst ? 0 : this.#start - start);
      this.#columns.set(name, grown);
    }
    this.#start = start;
    this.#length = end - start;
  }
}
