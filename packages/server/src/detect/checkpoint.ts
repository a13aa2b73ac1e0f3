import type { StreamingDetector } from '@seismo/engine/streaming';
import type { ActiveSeries } from '../model/active-series.js';
import type { Checkpoint, StateStore } from '../ports/state-store.js';
import { Judge } from './judge.js';
import { SlotTable } from './slot-table.js';

/** The first piece: what the state was made with, beside the detector's name and version. */
interface CheckpointHeader {
  readonly format: 2;
  readonly timeZone: string;
  /** Rows of the slot table, whose pieces come next; the rest is the detector's own. */
  readonly slotRows: number;
  /** Id, time and value of samples that are newer than what is learned of their series; absent in older ones. */
  readonly leftBehind?: readonly (readonly [number, number, number])[];
}

/** The state as of commit `seq`: header, slot table, detector. Nothing may be judged until the last piece is made. */
export function saveCheckpoint(
  judge: Judge,
  active: ActiveSeries,
  seq: number,
  timeZone: string,
): Checkpoint {
  const { detector, slots } = judge;
  const leftBehind = Array.from(judge.leftBehind, ([id, { timeMs, value }]) => [id, timeMs, value] as const);
  const header: CheckpointHeader = { format: 2, timeZone, slotRows: slots.rows, leftBehind };
  function* pieces(): Generator<Uint8Array, void> {
    yield new TextEncoder().encode(JSON.stringify(header));
    yield* slots.save((id) => active.seenS(id));
    yield* detector.save(true);
  }
  return { detector: detector.name, version: detector.version, seq, pieces: pieces() };
}

/** The state of the last checkpoint and its commit; or, for people, why it is not to be had. */
export async function restoreCheckpoint(
  state: StateStore,
  detector: StreamingDetector,
  active: ActiveSeries,
  expected: { timeZone: string; committedSeq: number },
): Promise<{ judge: Judge; seq: number } | string> {
  try {
    const checkpoint = await state.loadCheckpoint(detector.name);
    if (checkpoint === undefined) return `the samples were not seen by the detector ${detector.name} yet`;
    const judge = loadCheckpoint(checkpoint, detector, active, expected);
    return typeof judge === 'string' ? judge : { judge, seq: checkpoint.seq };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    return `the state cannot be read: ${error.message}`;
  }
}

function loadCheckpoint(
  checkpoint: Checkpoint,
  detector: StreamingDetector,
  active: ActiveSeries,
  expected: { timeZone: string; committedSeq: number },
): Judge | string {
  if (checkpoint.version !== detector.version) {
    return `the state was made by version ${checkpoint.version} of the detector ${detector.name}, this is version ${detector.version}`;
  }
  if (checkpoint.seq > expected.committedSeq) {
    return `the state is of commit ${checkpoint.seq}, the samples end at ${expected.committedSeq}`;
  }
  const pieces = checkpoint.pieces[Symbol.iterator]();
  try {
    return loadPieces(pieces, detector, active, expected.timeZone);
  } finally {
    pieces.return?.();
  }
}

function loadPieces(
  pieces: Iterator<Uint8Array>,
  detector: StreamingDetector,
  active: ActiveSeries,
  timeZone: string,
): Judge | string {
  const first = pieces.next();
  if (first.done === true) return 'the state is not complete';
  const header = JSON.parse(new TextDecoder().decode(first.value)) as CheckpointHeader;
  if (header.format !== 2) return `the state is of format ${header.format}, this program reads 2`;
  if (header.timeZone !== timeZone)
    return `the state was made for the time zone ${header.timeZone}, now it is ${timeZone}`;
  const seen: [number, number][] = [];
  const slots = SlotTable.load(header.slotRows, pieces, (id, seenS) => seen.push([id, seenS]));
  detector.load({ [Symbol.iterator]: () => pieces });
  for (const [id, seenS] of seen) active.activate(id, seenS);
  const leftBehind = (header.leftBehind ?? []).map(([id, timeMs, value]) => [id, { timeMs, value }] as const);
  return new Judge(detector, active, slots, new Map(leftBehind));
}
