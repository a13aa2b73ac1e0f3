import type { CommittedBatch } from '../model/batch.js';
import type { CommitLog } from '../ports/sample-store.js';

/** Samples that may wait in memory; beyond that they are read back from the store. */
const WAITING_SAMPLES_MAX = 250_000;
const PULL_SAMPLES_MAX = 100_000;

/**
 * Commits in order, each once: pushed by the store while the reader keeps up, pulled from the store in bounded
 * pieces while it does not. So a slow reader costs time, never memory.
 */
export class CommitFeed {
  readonly #store: Pick<CommitLog, 'readCommittedAfter'>;
  #waiting: CommittedBatch[] = [];
  #waitingSamples = 0;
  /** True while every commit after `#readSeq` is in `#waiting`. */
  #following = false;
  #readSeq = 0;
  /** Newest commit heard of. */
  #newestSeq: number;
  #wake: (() => void) | undefined;

  constructor(store: Pick<CommitLog, 'onCommitted' | 'readCommittedAfter'>, committedSeq: number) {
    this.#store = store;
    this.#newestSeq = committedSeq;
    store.onCommitted((commits) => this.#push(commits));
  }

  get caughtUp(): boolean {
    return this.#following;
  }

  /** Starts after that commit. */
  seek(seq: number): void {
    this.#readSeq = seq;
    this.#follow(false);
  }

  /** The next commits; none when nothing is there and the feed was woken. */
  async next(): Promise<readonly CommittedBatch[]> {
    if (!this.#following) {
      if (this.#readSeq < this.#newestSeq) return this.#pull();
      this.#follow(true);
    }
    if (this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const commits = this.#waiting;
    this.#waiting = [];
    this.#waitingSamples = 0;
    this.#readSeq = commits.at(-1)?.seq ?? this.#readSeq;
    return commits;
  }

  /** What waits already, without waiting. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  async #pull(): Promise<readonly CommittedBatch[]> {
    const announcedSeq = this.#newestSeq;
    const commits = await this.#store.readCommittedAfter(this.#readSeq, PULL_SAMPLES_MAX);
    // Where nothing is read back, the commits announced before the call held no samples.
    this.#readSeq = commits.at(-1)?.seq ?? announcedSeq;
    return commits;
  }

  #push(commits: readonly CommittedBatch[]): void {
    for (const commit of commits) {
      this.#newestSeq = Math.max(this.#newestSeq, commit.seq);
      if (!this.#following || commit.seq <= this.#readSeq) continue;
      this.#waiting.push(commit);
      this.#waitingSamples += commit.batch.values.length;
    }
    if (this.#waitingSamples > WAITING_SAMPLES_MAX) this.#follow(false);
    this.wake();
  }

  #follow(following: boolean): void {
    this.#following = following;
    this.#waiting = [];
    this.#waitingSamples = 0;
  }
}
