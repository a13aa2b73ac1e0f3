/** A detector's state as of one commit. */
export interface Checkpoint {
  readonly detector: string;
  readonly version: number;
  /** The detector had learned every commit up to and including this one. */
  readonly seq: number;
  /**
   * Which series sits in which slot, and the detector's own bytes; opaque to the store. May be gone through once
   * only: a piece is made, or read, when it is asked for, so that no second copy of a large state is held. It may be
   * overwritten when the next one is asked for.
   */
  readonly pieces: Iterable<Uint8Array>;
}

/**
 * Keeps one checkpoint. Saving is atomic and durable: after a crash loading gives the last one saved whole. Saving
 * replaces that of another detector too, since the commits after it are not kept for it any more. Other work goes on
 * between the pieces of a save; the caller sees to it that the state stays as it is until then. Loaded pieces throw
 * RangeError where they cannot be read.
 */
export interface StateStore {
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** The checkpoint, when it is that detector's, of whatever version; else undefined. */
  loadCheckpoint(detector: string): Promise<Checkpoint | undefined>;
}
