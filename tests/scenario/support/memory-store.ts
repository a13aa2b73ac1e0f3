import type { DetectionStore } from '@seismo/server/detect/detection-runner';
import type { CommittedBatch, SampleBatch } from '@seismo/server/model/batch';
import type { Anomaly, VerdictBatch } from '@seismo/server/model/verdict';
import type { Checkpoint, StateStore } from '@seismo/server/ports/state-store';

/** What detection sees of a store, in memory, with faults to order: for what a real one does too rarely. */
export class MemoryStore implements DetectionStore, StateStore {
  readonly commits: CommittedBatch[] = [];
  /** `series@time` → state, expected, probability, alarm. */
  readonly verdicts = new Map<string, readonly number[]>();
  readonly anomalies: Anomaly[] = [];
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly pulls: number[] = [];
  keptAfterSeq = 0;
  /** Fails the next calls of `appendFindings`. */
  findingsFailures = 0;
  #listeners: ((commits: readonly CommittedBatch[]) => void)[] = [];

  async append(batch: SampleBatch): Promise<number> {
    const commit = { seq: this.commits.length + 1, batch };
    this.commits.push(commit);
    for (const listener of this.#listeners) listener([commit]);
    return commit.seq;
  }

  onCommitted(listener: (commits: readonly CommittedBatch[]) => void): void {
    this.#listeners.push(listener);
  }

  /** As a process that ends: nobody listens any more. */
  disconnect(): void {
    this.#listeners = [];
  }

  async readCommittedAfter(seq: number, maxSamples: number): Promise<CommittedBatch[]> {
    this.pulls.push(seq);
    const found: CommittedBatch[] = [];
    let samples = 0;
    for (const commit of this.commits) {
      if (commit.seq <= seq) continue;
      if (found.length > 0 && samples + commit.batch.values.length > maxSamples) break;
      found.push(commit);
      samples += commit.batch.values.length;
    }
    return found;
  }

  async *readAll(throughSeq: number): AsyncIterable<SampleBatch> {
    const newest = new Map<string, [number, number, number]>();
    for (const { seq, batch } of this.commits) {
      if (seq > throughSeq) continue;
      for (const [row, id] of batch.seriesIds.entries()) {
        newest.set(`${id}@${batch.timesMs[row]}`, [id, batch.timesMs[row]!, batch.values[row]!]);
      }
    }
    const rows = [...newest.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    yield {
      seriesIds: Uint32Array.from(rows, (row) => row[0]),
      timesMs: Float64Array.from(rows, (row) => row[1]),
      values: Float64Array.from(rows, (row) => row[2]),
    };
  }

  keepCommitsAfter(seq: number): void {
    this.keptAfterSeq = seq;
  }

  async appendFindings(verdicts: VerdictBatch, anomalies: readonly Anomaly[]): Promise<void> {
    if (this.findingsFailures > 0) {
      this.findingsFailures--;
      throw new Error('no space left');
    }
    for (const [row, id] of verdicts.seriesIds.entries()) {
      this.verdicts.set(`${id}@${verdicts.timesMs[row]}`, [
        verdicts.states[row]!,
        verdicts.expected[row]!,
        verdicts.probability[row]!,
        verdicts.alarms[row]!,
      ]);
    }
    this.anomalies.push(...anomalies);
  }

  async readLatest() {
    const latest = new Map<number, { seriesId: number; timeMs: number; value: number }>();
    for (const { batch } of this.commits) {
      for (const [row, seriesId] of batch.seriesIds.entries()) {
        const timeMs = batch.timesMs[row]!;
        if (timeMs >= (latest.get(seriesId)?.timeMs ?? 0)) {
          latest.set(seriesId, { seriesId, timeMs, value: batch.values[row]! });
        }
      }
    }
    return [...latest.values()];
  }

  async statistics() {
    return {
      committedSeq: this.commits.length,
      samples: 0,
      series: 0,
      anomalies: this.anomalies.length,
      uncompactedSamples: 0,
      bytesOnDisk: 0,
      bytesFree: 0,
      queuedSamples: 0,
      full: false,
    };
  }

  async saveCheckpoint(checkpoint: Checkpoint): Promise<void> {
    this.checkpoints.set(checkpoint.detector, {
      ...checkpoint,
      pieces: Array.from(checkpoint.pieces, (piece) => piece.slice()),
    });
  }

  async loadCheckpoint(detector: string): Promise<Checkpoint | undefined> {
    return this.checkpoints.get(detector);
  }
}
