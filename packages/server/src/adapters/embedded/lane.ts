/** Runs asynchronous work one after the other, in the order it was handed in. */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Work handed in and not finished. */
  get waiting(): number {
    return this.#waiting;
  }

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#waiting++;
    const result = this.#tail.then(work);
    this.#tail = result.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return result;
  }
}
