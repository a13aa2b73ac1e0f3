import type { DuckDBBlobValue, DuckDBConnection } from '@duckdb/node-api';
import type { Checkpoint } from '../../ports/state-store.js';
import { inTransaction, oneNumber, rows } from './duckdb-database.js';

/** Runs one transaction on the writing connection when no commit is under way. */
type BetweenCommits = <Result>(work: (connection: DuckDBConnection) => Promise<Result>) => Promise<Result>;

/**
 * Stores the pieces one transaction each, so that a large checkpoint never holds up the commits for long, and
 * then points to them in a last one. A crash in between leaves pieces nobody points to; `sweepCheckpoints`
 * removes them.
 */
export async function saveCheckpoint(checkpoint: Checkpoint, between: BetweenCommits): Promise<void> {
  const number = await between(async (connection) => {
    const newest = await oneNumber(
      connection,
      'SELECT coalesce(max(checkpoint), 0)::DOUBLE FROM seismo_store.checkpoint_pieces',
    );
    return newest + 1;
  });
  for (let piece = 0; piece < checkpoint.pieces.length; piece++) {
    await between((connection) => writePiece(connection, number, piece, checkpoint.pieces[piece]!));
  }
  await between((connection) => point(connection, checkpoint, number));
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

/** Removes the pieces of a checkpoint whose saving was cut short. */
export async function sweepCheckpoints(connection: DuckDBConnection): Promise<void> {
  await connection.run(SWEEP);
}

export async function loadCheckpoint(
  connection: DuckDBConnection,
  detector: string,
): Promise<Checkpoint | undefined> {
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
