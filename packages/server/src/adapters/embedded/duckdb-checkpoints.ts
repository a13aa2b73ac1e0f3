import type { DuckDBBlobValue, DuckDBConnection } from '@duckdb/node-api';
import type { Checkpoint } from '../../ports/state-store.js';
import { checkpointedDetectors, readCheckpoint } from './checkpoint-files.js';
import { inTransaction, oneNumber, rows } from './duckdb-database.js';

/**
 * Copies the checkpoints that lie beside the database into it, so that a backup is one file. The pieces take one
 * transaction each, as all together would fill the memory; a last one points to them. What a crash leaves behind
 * is pieces nobody points to; `sweepCheckpoints` removes them.
 */
export async function embedCheckpoints(connection: DuckDBConnection, folder: string): Promise<void> {
  for (const detector of checkpointedDetectors(folder)) {
    const checkpoint = readCheckpoint(folder, detector);
    if (checkpoint === undefined) continue;
    const newest = await oneNumber(
      connection,
      'SELECT coalesce(max(checkpoint), 0)::DOUBLE FROM seismo_store.checkpoint_pieces',
    );
    let piece = 0;
    for (const bytes of checkpoint.pieces) await writePiece(connection, newest + 1, piece++, bytes);
    await point(connection, checkpoint, newest + 1);
  }
}

/** Forgets the copies again: those beside the database are the ones that count. */
export async function dropCheckpoints(connection: DuckDBConnection): Promise<void> {
  await inTransaction(connection, async () => {
    await connection.run('DELETE FROM seismo_store.checkpoints');
    await connection.run('DELETE FROM seismo_store.checkpoint_pieces');
  });
}

async function writePiece(
  connection: DuckDBConnection,
  checkpoint: number,
  piece: number,
  bytes: Uint8Array,
): Promise<void> {
  const appender = await connection.createAppender('checkpoint_pieces', 'seismo_store');
  appender.appendBigInt(BigInt(checkpoint));
  appender.appendInteger(piece);
  appender.appendBlob(bytes);
  appender.endRow();
  appender.closeSync();
}

async function point(connection: DuckDBConnection, checkpoint: Checkpoint, number: number): Promise<void> {
  await inTransaction(connection, async () => {
    await connection.run('DELETE FROM seismo_store.checkpoints WHERE detector = $1', [checkpoint.detector]);
    await connection.run(
      `INSERT INTO seismo_store.checkpoints VALUES ($1, ${checkpoint.version}, ${checkpoint.seq}, ${number})`,
      [checkpoint.detector],
    );
    await connection.run(SWEEP);
  });
}

const SWEEP = `DELETE FROM seismo_store.checkpoint_pieces
  WHERE checkpoint NOT IN (SELECT checkpoint FROM seismo_store.checkpoints)`;

export type EmbeddedCheckpoint = Checkpoint & { readonly pieces: readonly Uint8Array[] };

/** Removes the pieces of a checkpoint whose saving was cut short. */
export async function sweepCheckpoints(connection: DuckDBConnection): Promise<void> {
  await connection.run(SWEEP);
}

/** The checkpoint that came with a backup. */
export async function loadCheckpoint(
  connection: DuckDBConnection,
  detector: string,
): Promise<EmbeddedCheckpoint | undefined> {
  const [found] = await rows(
    connection,
    'SELECT version::DOUBLE, seq::DOUBLE, checkpoint::DOUBLE FROM seismo_store.checkpoints WHERE detector = $1',
    [detector],
  );
  if (found === undefined) return undefined;
  const [version, seq, number] = found as [number, number, number];
  const of = `FROM seismo_store.checkpoint_pieces WHERE checkpoint = ${number}`;
  const count = await oneNumber(connection, `SELECT count(*)::DOUBLE ${of}`);
  const pieces: Uint8Array[] = [];
  // One at a time: sorted all together, the pieces of a large checkpoint are more than DuckDB's memory holds.
  for (let piece = 0; piece < count; piece++) {
    const [row] = await rows(connection, `SELECT bytes ${of} AND piece = ${piece}`);
    pieces.push(copyOf(row![0] as DuckDBBlobValue));
  }
  return { detector, version, seq, pieces };
}

function copyOf(blob: DuckDBBlobValue): Uint8Array {
  return Uint8Array.from(blob.bytes);
}
