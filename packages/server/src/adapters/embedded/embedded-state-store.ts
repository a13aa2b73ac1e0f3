import { AppError } from '../../errors.js';
import { isNoSpace, SHORTAGE_HINT } from '../../model/free-space.js';
import type { Checkpoint, StateStore } from '../../ports/state-store.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint-files.js';
import type { DuckDbWorkerClient } from './duckdb-worker-client.js';

/** Checkpoints as files in the data folder; a restored backup brings its own inside the database. */
export class EmbeddedStateStore implements StateStore {
  readonly #worker: DuckDbWorkerClient;
  readonly #folder: string;
  /** Whether the database may still hold checkpoints that a backup brought. */
  #mayBeEmbedded = true;

  constructor(worker: DuckDbWorkerClient, folder: string) {
    this.#worker = worker;
    this.#folder = folder;
  }

  async saveCheckpoint(checkpoint: Checkpoint): Promise<void> {
    try {
      await writeCheckpoint(this.#folder, checkpoint);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      throw new AppError('storage_full', 'The disk is full: the state of the detector cannot be saved.', {
        hint: SHORTAGE_HINT,
        cause: error,
      });
    }
    if (!this.#mayBeEmbedded) return;
    await this.#worker.call('dropCheckpoints', undefined);
    this.#mayBeEmbedded = false;
  }

  async loadCheckpoint(detector: string): Promise<Checkpoint | undefined> {
    return readCheckpoint(this.#folder, detector) ?? this.#worker.call('loadCheckpoint', { detector });
  }
}
