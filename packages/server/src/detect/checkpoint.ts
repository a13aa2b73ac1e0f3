import type { StreamingDetector } from '@seismo/engine';
import type { ActiveSeries } from '../model/active-series.js';
import type { Checkpoint } from '../ports/state-store.js';
import { Judge } from './judge.js';
import { SlotTable } from './slot-table.js';

/** The first piece: what the state was made with, beside the detector's name and version. */
interface CheckpointHeader {
  readonly format: 1;
  readonly timeZone: string;
  /** How many of the pieces after this one are the slot table's; the rest is the detector's own. */
  readonly slotPieces: number;
}

const PIECE_BYTES = 1 << 20;

/** The state as of commit `seq`: header, slot table, then the detector's own pieces. */
export function saveCheckpoint(
  judge: Judge,
  active: ActiveSeries,
  seq: number,
  timeZone: string,
): Checkpoint {
  const slots = split(judge.slots.save((id) => active.seenS(id)));
  const header: CheckpointHeader = { format: 1, timeZone, slotPieces: slots.length };
  return {
    detector: judge.detector.name,
    version: judge.detector.version,
    seq,
    pieces: [new TextEncoder().encode(JSON.stringify(header)), ...slots, ...judge.detector.save()],
  };
}

/** In pieces that a store can write without holding up anybody for long. */
function split(bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += PIECE_BYTES)
    pieces.push(bytes.slice(from, from + PIECE_BYTES));
  return pieces;
}

/** Why a checkpoint does not fit, for people; or the state it holds. */
export function loadCheckpoint(
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
  const [headerBytes, ...pieces] = checkpoint.pieces;
  if (headerBytes === undefined) return 'the state is not complete';
  try {
    const header = JSON.parse(new TextDecoder().decode(headerBytes)) as CheckpointHeader;
    if (header.format !== 1) return `the state is of format ${header.format}, this program reads 1`;
    if (header.timeZone !== expected.timeZone) {
      return `the state was made for the time zone ${header.timeZone}, now it is ${expected.timeZone}`;
    }
    detector.load(pieces.slice(header.slotPieces));
    const seen: [number, number][] = [];
    const slotBytes = new Uint8Array(Buffer.concat(pieces.slice(0, header.slotPieces)));
    const slots = SlotTable.load(slotBytes, (id, seenS) => seen.push([id, seenS]));
    for (const [id, seenS] of seen) active.activate(id, seenS);
    return new Judge(detector, active, slots);
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError)
      return `the state cannot be read: ${error.message}`;
    throw error;
  }
}
