import { AppError } from '../../errors.js';
import type { CommittedBatch, SampleBatch } from '../../model/batch.js';
import type { Series } from '../../model/series.js';
import type { Anomaly, VerdictBatch } from '../../model/verdict.js';
import type { CommitGroup } from './duckdb-protocol.js';

/** Rows of one transaction: bounds how long those that come meanwhile wait. */
const GROUP_ROWS_MAX = 65_536;
/**
 * Findings are written at once when so many wait: a whole row group goes straight into the file, which costs
 * half of what the way through the log does.
 */
const FINDINGS_ROWS_DUE = 122_880;

interface WaitingAppend {
  readonly committed: CommittedBatch;
  resolve(seq: number): void;
  reject(error: unknown): void;
}

interface WaitingFindings {
  readonly verdicts: VerdictBatch;
  readonly anomalies: readonly Anomaly[];
  resolve(): void;
  reject(error: unknown): void;
}

export interface CommitQueueOptions {
  readonly committedSeq: number;
  readonly queueRowsMax: number;
  /** Longest time that findings wait for samples to be committed with. */
  readonly findingsDelayMs: number;
  readonly lookup: (id: number) => Series | undefined;
  readonly write: (group: CommitGroup) => Promise<unknown>;
  /** Throws when nothing may be written now. */
  readonly checkSpace: () => void;
  readonly onCommitSeconds: (seconds: number) => void;
}

/** Gathers what arrives while a commit is under way and commits it together. */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  readonly #listeners: ((commits: readonly CommittedBatch[]) => void)[] = [];
  /** Ids whose series rows are stored, or will be with a commit under way. */
  readonly #stored = new Set<number>();
  #appends: WaitingAppend[] = [];
  #findings: WaitingFindings[] = [];
  #findingsRows = 0;
  #queuedRows = 0;
  #nextSeq: number;
  #committedSeq: number;
  #writing: Promise<void> | undefined;
  #findingsTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    this.#committedSeq = options.committedSeq;
    this.#nextSeq = options.committedSeq + 1;
  }

  get committedSeq(): number {
    return this.#committedSeq;
  }

  get queuedRows(): number {
    return this.#queuedRows;
  }

  get storedSeries(): number {
    return this.#stored.size;
  }

  onCommitted(listener: (commits: readonly CommittedBatch[]) => void): void {
    this.#listeners.push(listener);
  }

  markStored(ids: Iterable<number>): void {
    for (const id of ids) this.#stored.add(id);
  }

  /** Their rows are gone; should samples still come, the rows are written again. */
  markRemoved(ids: Iterable<number>): void {
    for (const id of ids) this.#stored.delete(id);
  }

  /** Of the ids, those that samples wait for. */
  awaited(ids: readonly number[]): Set<number> {
    const asked = new Set(ids);
    const found = new Set<number>();
    for (const { committed } of this.#appends) {
      for (const id of committed.batch.seriesIds) if (asked.has(id)) found.add(id);
    }
    return found;
  }

  append(batch: SampleBatch): Promise<number> {
    const rows = batch.seriesIds.length;
    try {
      this.#refuseWhenClosed();
      this.#options.checkSpace();
    } catch (error) {
      return Promise.reject(error);
    }
    // One batch larger than the queue is taken when nothing else waits: it could never get in otherwise.
    if (this.#queuedRows > 0 && this.#queuedRows + rows > this.#options.queueRowsMax) {
      return Promise.reject(
        new AppError('queue_full', `${this.#queuedRows} samples wait to be stored already.`, {
          hint: 'Send again a little later.',
        }),
      );
    }
    const committed = { seq: this.#nextSeq++, batch: copyOf(batch) };
    this.#queuedRows += rows;
    return new Promise((resolve, reject) => {
      this.#appends.push({ committed, resolve, reject });
      this.#wake();
    });
  }

  appendFindings(verdicts: VerdictBatch, anomalies: readonly Anomaly[]): Promise<void> {
    try {
      this.#refuseWhenClosed();
    } catch (error) {
      return Promise.reject(error);
    }
    const copy = { verdicts: copyOfVerdicts(verdicts), anomalies: anomalies.map((one) => ({ ...one })) };
    return new Promise((resolve, reject) => {
      this.#findings.push({ ...copy, resolve, reject });
      this.#findingsRows += verdicts.seriesIds.length;
      if (this.#findingsRows >= FINDINGS_ROWS_DUE) {
        this.#cancelTimer();
        this.#wake();
        return;
      }
      this.#findingsTimer ??= setTimeout(() => {
        this.#findingsTimer = undefined;
        this.#wake();
      }, this.#options.findingsDelayMs);
    });
  }

  /** Commits what waits; later calls are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    this.#wake();
    await this.#writing;
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new AppError('not_ready', 'The store is closing.');
  }

  #cancelTimer(): void {
    clearTimeout(this.#findingsTimer);
    this.#findingsTimer = undefined;
  }

  #wake(): void {
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    // Calls of the same turn share the first commit already.
    await Promise.resolve();
    for (;;) {
      // Samples and findings apart: who waits for the samples need not wait for the findings of earlier ones.
      if (this.#appends.length > 0) await this.#writeGroup(this.#takeAppends(), []);
      if (this.#findingsDue()) await this.#writeGroup([], this.#takeFindings());
      else if (this.#appends.length === 0) break;
    }
    // In the same turn as the look at the queues: a call that comes next must find that nobody writes.
    this.#writing = undefined;
  }

  #findingsDue(): boolean {
    return this.#findings.length > 0 && this.#findingsTimer === undefined;
  }

  #takeAppends(): WaitingAppend[] {
    let rows = 0;
    let count = 0;
    while (count < this.#appends.length) {
      rows += this.#appends[count]!.committed.batch.seriesIds.length;
      if (count > 0 && rows > GROUP_ROWS_MAX) break;
      count++;
    }
    return this.#appends.splice(0, count);
  }

  #takeFindings(): WaitingFindings[] {
    this.#cancelTimer();
    const taken = this.#findings;
    this.#findings = [];
    this.#findingsRows = 0;
    return taken;
  }

  async #writeGroup(appends: readonly WaitingAppend[], findings: readonly WaitingFindings[]): Promise<void> {
    const group = this.#toGroup(appends, findings);
    const startMs = performance.now();
    try {
      this.#options.checkSpace();
      await this.#options.write(group);
    } catch (error) {
      this.markRemoved(group.newSeries.map((series) => series.id));
      this.#queuedRows -= rowsOf(appends);
      for (const { reject } of appends) reject(error);
      for (const { reject } of findings) reject(error);
      return;
    }
    this.#options.onCommitSeconds((performance.now() - startMs) / 1000);
    this.#queuedRows -= rowsOf(appends);
    for (const { committed, resolve } of appends) {
      this.#committedSeq = committed.seq;
      resolve(committed.seq);
    }
    for (const { resolve } of findings) resolve();
    if (appends.length === 0) return;
    const commits = appends.map((append) => append.committed);
    for (const listener of this.#listeners) listener(commits);
  }

  #toGroup(appends: readonly WaitingAppend[], findings: readonly WaitingFindings[]): CommitGroup {
    const rows = rowsOf(appends);
    const group = {
      seqs: new Float64Array(appends.length),
      counts: new Uint32Array(appends.length),
      seriesIds: new Uint32Array(rows),
      timesMs: new Float64Array(rows),
      values: new Float64Array(rows),
    };
    const newSeries: Series[] = [];
    let at = 0;
    for (let i = 0; i < appends.length; i++) {
      const { seq, batch } = appends[i]!.committed;
      group.seqs[i] = seq;
      group.counts[i] = batch.seriesIds.length;
      group.seriesIds.set(batch.seriesIds, at);
      group.timesMs.set(batch.timesMs, at);
      group.values.set(batch.values, at);
      at += batch.seriesIds.length;
      this.#collectNewSeries(batch.seriesIds, newSeries);
    }
    return {
      ...group,
      newSeries,
      verdicts: joinVerdicts(findings.map((one) => one.verdicts)),
      anomalies: findings.flatMap((one) => one.anomalies),
    };
  }

  #collectNewSeries(ids: Uint32Array, newSeries: Series[]): void {
    for (const id of ids) {
      if (this.#stored.has(id)) continue;
      const series = this.#options.lookup(id);
      if (series === undefined) continue;
      this.#stored.add(id);
      newSeries.push(series);
    }
  }
}

function rowsOf(appends: readonly WaitingAppend[]): number {
  let rows = 0;
  for (const { committed } of appends) rows += committed.batch.seriesIds.length;
  return rows;
}

function copyOf(batch: SampleBatch): SampleBatch {
  return {
    seriesIds: batch.seriesIds.slice(),
    timesMs: batch.timesMs.slice(),
    values: batch.values.slice(),
  };
}

function copyOfVerdicts(verdicts: VerdictBatch): VerdictBatch {
  return {
    seriesIds: verdicts.seriesIds.slice(),
    timesMs: verdicts.timesMs.slice(),
    states: verdicts.states.slice(),
    expected: verdicts.expected.slice(),
    lower: verdicts.lower.slice(),
    upper: verdicts.upper.slice(),
    probability: verdicts.probability.slice(),
    score: verdicts.score.slice(),
    alarms: verdicts.alarms.slice(),
  };
}

/** One batch of all: many small ones would each cost a chunk of the database. */
function joinVerdicts(batches: readonly VerdictBatch[]): VerdictBatch {
  let rows = 0;
  for (const { seriesIds } of batches) rows += seriesIds.length;
  const joined = {
    seriesIds: new Uint32Array(rows),
    timesMs: new Float64Array(rows),
    states: new Uint8Array(rows),
    expected: new Float64Array(rows),
    lower: new Float64Array(rows),
    upper: new Float64Array(rows),
    probability: new Float64Array(rows),
    score: new Float64Array(rows),
    alarms: new Uint8Array(rows),
  };
  const columns = Object.keys(joined) as (keyof VerdictBatch)[];
  let at = 0;
  for (const batch of batches) {
    for (const column of columns) joined[column].set(batch[column], at);
    at += batch.seriesIds.length;
  }
  return joined;
}
