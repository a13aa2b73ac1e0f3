import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logger.js';
import { type Anomaly, type VerdictBatch, zeroVerdicts } from '../model/verdict.js';
import type { FindingsStore } from '../ports/sample-store.js';
import type { JudgedRows } from './judge.js';

/** Rows handed to the store and not durable yet, above which judging waits. */
const OUTSTANDING_ROWS_MAX = 150_000;
const FLUSH_ROWS = 50_000;
const RETRY_MS = 1000;

/**
 * Gathers the findings of many small commits, so that they reach the store in few pieces, and keeps trying
 * where the store refuses (a full disk): a checkpoint may only name commits whose findings are durable.
 */
export class FindingsWriter {
  readonly #store: FindingsStore;
  readonly #log: Logger;
  #waiting: JudgedRows[] = [];
  #waitingRows = 0;
  #outstandingRows = 0;
  readonly #outstanding = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #failing = false;

  constructor(store: FindingsStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  add(judged: JudgedRows): void {
    this.#waiting.push(judged);
    this.#waitingRows += judged.scored.length;
    if (this.#waitingRows >= FLUSH_ROWS) this.flush();
  }

  /** Hands on what was gathered. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const rows = this.#waitingRows;
    const { verdicts, anomalies } = joinFindings(this.#waiting);
    this.#waiting = [];
    this.#waitingRows = 0;
    if (verdicts.seriesIds.length === 0) return;
    this.#outstandingRows += rows;
    const written = this.#write(verdicts, anomalies).finally(() => {
      this.#outstandingRows -= rows;
      this.#outstanding.delete(written);
    });
    this.#outstanding.add(written);
  }

  /** Resolves when little enough is under way. */
  async room(): Promise<void> {
    while (this.#outstandingRows > OUTSTANDING_ROWS_MAX) await Promise.race(this.#outstanding);
  }

  /** Resolves when everything added is durable; false when that was given up by `stop`. */
  async settle(): Promise<boolean> {
    this.flush();
    await Promise.all(this.#outstanding);
    return !this.#failing;
  }

  /** Gives up what the store goes on refusing: it is judged again from the last checkpoint. */
  stop(): void {
    this.#stopped.abort();
  }

  async #write(verdicts: VerdictBatch, anomalies: readonly Anomaly[]): Promise<void> {
    for (;;) {
      try {
        await this.#store.appendFindings(verdicts, anomalies);
        if (this.#failing) this.#log.info({}, 'verdicts are being stored again');
        this.#failing = false;
        return;
      } catch (error) {
        if (!this.#failing)
          this.#log.warn({ error: String(error) }, 'verdicts cannot be stored; trying again');
        this.#failing = true;
        if (this.#stopped.signal.aborted) return;
        await delay(RETRY_MS, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      }
    }
  }
}

/** One piece of the rows that hold a verdict; the only commit's own columns where nothing is left out. */
function joinFindings(parts: readonly JudgedRows[]): { verdicts: VerdictBatch; anomalies: Anomaly[] } {
  const only = parts[0]!;
  if (parts.length === 1 && !only.scored.includes(0)) return only;
  let rows = 0;
  for (const { scored } of parts) for (const one of scored) rows += one;
  const joined = zeroVerdicts(rows);
  let at = 0;
  for (const part of parts) at = copyFindings(part, joined, at);
  return { verdicts: joined, anomalies: parts.flatMap((part) => part.anomalies) };
}

function copyFindings({ verdicts, scored }: JudgedRows, to: VerdictBatch, at: number): number {
  const names = Object.keys(to) as (keyof VerdictBatch)[];
  if (!scored.includes(0)) {
    for (const name of names) to[name].set(verdicts[name], at);
    return at + scored.length;
  }
  let next = at;
  for (let row = 0; row < scored.length; row++) {
    if (scored[row] === 0) continue;
    for (const name of names) to[name][next] = verdicts[name][row]!;
    next++;
  }
  return next;
}
