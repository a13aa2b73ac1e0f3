import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import type { CommittedBatch, SampleBatch } from '../../model/batch.js';
import type { Series } from '../../model/series.js';
import type { Anomaly, VerdictBatch } from '../../model/verdict.js';
import type { CommitGroup } from './duckdb-protocol.js';
import { joinVerdicts, sliceVerdicts } from './verdict-columns.js';

/** Rows of one transaction: bounds how long those that come meanwhile wait. */
const GROUP_ROWS_MAX = 65_536;
/**
 * Rows of one of DuckDB's row groups. When so many findings wait they are written at once, as whole groups: those
 * go straight into the file, which costs half of what the way through the log does. A part of a group beside
 * them would make each folding of the log rewrite its neighbours.
 */
const ROW_GROUP_ROWS = 122_880;
/** When so many rows wait, a second group goes to the worker while the first is being written. */
const AHEAD_ROWS_MIN = 4096;
/** Longest time that a reader of anomalies waits for those on their way. */
const HURRY_MS = 1000;

interface WaitingAppend {
  readonly committed: CommittedBatch;
  resolve(seq: number): void;
  reject(error: unknown): void;
}

interface WaitingFindings {
  verdicts: VerdictBatch;
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
  /** Findings with anomalies that are not stored yet. */
  readonly #anomalies = new Set<Promise<void>>();
  #queuedRows = 0;
  /** Of those, the rows that no group holds yet. */
  #waitingRows = 0;
  /** Whether a group under way holds series that were never stored before. */
  #introducing = false;
  #moreWaits: () => void = () => {};
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
      this.#waitingRows += rows;
      this.#wake();
    });
  }

  appendFindings(verdicts: VerdictBatch, anomalies: readonly Anomaly[]): Promise<void> {
    try {
      this.#refuseWhenClosed();
    } catch (error) {
      return Promise.reject(error);
    }
    const stored = new Promise<void>((resolve, reject) => {
      this.#findings.push({ verdicts, anomalies, resolve, reject });
      this.#findingsRows += verdicts.seriesIds.length;
      if (this.#findingsRows >= ROW_GROUP_ROWS) {
        this.#cancelTimer();
        this.#wake();
        return;
      }
      this.#startFindingsTimer();
    });
    if (anomalies.length > 0) {
      this.#anomalies.add(stored);
      const forget = () => this.#anomalies.delete(stored);
      stored.then(forget, forget);
    }
    return stored;
  }

  /** Commits anomalies that wait without further delay; resolves when they are stored, refused, or take long. */
  async hurryAnomalies(): Promise<void> {
    if (this.#anomalies.size === 0) return;
    this.#cancelTimer();
    this.#wake();
    await Promise.race([
      Promise.allSettled([...this.#anomalies]),
      delay(HURRY_MS, undefined, { ref: false }),
    ]);
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

  #startFindingsTimer(): void {
    this.#findingsTimer ??= setTimeout(() => {
      this.#findingsTimer = undefined;
      this.#wake();
    }, this.#options.findingsDelayMs);
  }

  #cancelTimer(): void {
    clearTimeout(this.#findingsTimer);
    this.#findingsTimer = undefined;
  }

  #wake(): void {
    this.#writing ??= this.#writeAll();
    if (this.#waitingRows >= AHEAD_ROWS_MIN || this.#findingsDue()) this.#moreWaits();
  }

  async #writeAll(): Promise<void> {
    // Calls of the same turn share the first commit already.
    await Promise.resolve();
    const underWay = new Set<Promise<void>>();
    for (;;) {
      if (this.#mayWrite(underWay.size)) {
        // Samples and findings apart: who waits for samples need not wait for the findings of earlier ones.
        const written =
          this.#appends.length > 0
            ? this.#writeGroup(this.#takeAppends(), [])
            : this.#writeGroup([], this.#takeFindings());
        underWay.add(written);
        void written.then(() => underWay.delete(written));
      } else if (underWay.size > 0) {
        const more = new Promise<void>((resolve) => {
          this.#moreWaits = resolve;
        });
        await Promise.race([...underWay, more]);
      } else break;
    }
    // In the same turn as the look at the queues: a call that comes next must find that nobody writes.
    this.#writing = undefined;
  }

  /**
   * One group at a time, so that small appends share their commit; but when much waits, the next one lies ready
   * in the worker, which then need not wait for this thread. Not behind a group with new series: should that
   * one fail, its series rows would be missing for the next.
   */
  #mayWrite(underWay: number): boolean {
    if (underWay === 0) return this.#appends.length > 0 || this.#findingsDue();
    if (underWay > 1 || this.#introducing) return false;
    return this.#waitingRows >= AHEAD_ROWS_MIN || (this.#appends.length === 0 && this.#findingsDue());
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
    const taken = this.#appends.splice(0, count);
    this.#waitingRows -= rowsOf(taken);
    return taken;
  }

  /** Whole row groups where there are any; otherwise all that waits. */
  #takeFindings(): WaitingFindings[] {
    this.#cancelTimer();
    const waiting = this.#findings;
    const groups = Math.floor(this.#findingsRows / ROW_GROUP_ROWS);
    if (groups === 0 || this.#closed) {
      this.#findings = [];
      this.#findingsRows = 0;
      return waiting;
    }
    let room = groups * ROW_GROUP_ROWS;
    const taken: WaitingFindings[] = [];
    while (room > 0) {
      const first = waiting[0]!;
      const rows = first.verdicts.seriesIds.length;
      if (rows <= room) taken.push(waiting.shift()!);
      else taken.push(splitFindings(first, room));
      room -= Math.min(rows, room);
    }
    this.#findingsRows -= groups * ROW_GROUP_ROWS;
    if (waiting.length > 0) this.#startFindingsTimer();
    return taken;
  }

  async #writeGroup(appends: readonly WaitingAppend[], findings: readonly WaitingFindings[]): Promise<void> {
    const group = this.#toGroup(appends, findings);
    if (group.newSeries.length > 0) this.#introducing = true;
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
    } finally {
      if (group.newSeries.length > 0) this.#introducing = false;
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

/** Takes the first rows off; the rest, with the anomalies, answers for all of them when it is written. */
function splitFindings(waiting: WaitingFindings, rows: number): WaitingFindings {
  const { verdicts, reject } = waiting;
  waiting.verdicts = sliceVerdicts(verdicts, rows);
  return { verdicts: sliceVerdicts(verdicts, 0, rows), anomalies: [], resolve: () => {}, reject };
}

function copyOf(batch: SampleBatch): SampleBatch {
  return {
    seriesIds: batch.seriesIds.slice(),
    timesMs: batch.timesMs.slice(),
    values: batch.values.slice(),
  };
}
