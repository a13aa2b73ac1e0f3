import type { JudgedCommit } from '../../ports/detection.js';

/** What a commit costs beside its rows, in rows: columns of one row are mostly their own headers. */
const COMMIT_COST = 20;

/** The newest judged commits, bounded, so that a reader who was away for a moment can go on where it was. */
export class RecentCommits {
  #commits: JudgedCommit[] = [];
  #first = 0;
  #cost = 0;
  #droppedThroughSeq: number;
  #newestSeq: number;
  readonly #costMax: number;

  /** Nothing through `seq` is known. */
  constructor(seq: number, costMax: number) {
    this.#droppedThroughSeq = seq;
    this.#newestSeq = seq;
    this.#costMax = costMax;
  }

  /** Commits up to this one are not kept (any more). */
  get droppedThroughSeq(): number {
    return this.#droppedThroughSeq;
  }

  get newestSeq(): number {
    return this.#newestSeq;
  }

  push(judged: JudgedCommit): void {
    this.#commits.push(judged);
    this.#newestSeq = judged.commit.seq;
    this.#cost += costOf(judged);
    while (this.#cost > this.#costMax && this.#first < this.#commits.length) {
      const oldest = this.#commits[this.#first]!;
      this.#cost -= costOf(oldest);
      this.#droppedThroughSeq = oldest.commit.seq;
      this.#first++;
    }
    // Moving everything up now and then keeps the price of dropping constant on average.
    if (this.#first > 64 && this.#first * 2 > this.#commits.length) {
      this.#commits = this.#commits.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Commits after `seq`, oldest first. */
  after(seq: number): JudgedCommit[] {
    let low = this.#first;
    let high = this.#commits.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#commits[middle]!.commit.seq > seq) high = middle;
      else low = middle + 1;
    }
    return this.#commits.slice(low);
  }
}

function costOf(judged: JudgedCommit): number {
  return judged.commit.batch.timesMs.length + COMMIT_COST;
}
