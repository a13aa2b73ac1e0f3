/** A detector's state as of one commit. */
export interface Checkpoint {
  readonly detector: string;
  readonly version: number;
  /** The detector had learned every commit up to and including this one. */
  readonly seq: number;
  /** Which series sits in which slot, and the detector's own bytes; opaque to the store. */
  readonly pieces: readonly Uint8Array[];
}

/**
 * Keeps checkpoints. `save` is atomic and durable: after a crash `loadLatest` gives the last one saved whole.
 * One is kept per detector name; saving replaces it.
 */
export interface StateStore {
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** The newest checkpoint of that detector, of whatever version; undefined when there is none. */
  loadCheckpoint(detector: string): Promise<Checkpoint | undefined>;
}
