import { existsSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type {
  DuckDBConnection,
  DuckDBInstance,
  DuckDBPreparedStatement,
  DuckDBValue,
} from '@duckdb/node-api';
import { AppError } from '../../errors.js';
import { diskFull, isNoSpace } from '../../model/free-space.js';
import { duckdb } from './duckdb-library.js';
import { SCHEMA_VERSION, SCHEMA_VERSIONS } from './duckdb-schema.js';
import { nameDurably } from './durable-files.js';
import { folderInUse } from './folder-claims.js';
import { makeFolder } from './make-folder.js';

export const DATABASE_FILE = 'seismo.duckdb';
const SPILL_BYTES_MAX = 16_000_000_000;

export interface DatabaseSettings {
  readonly memoryBytes: number;
}

/** Opens (and makes, and brings up to date) the database file, with every way out of it shut. */
export async function openDatabase(dataFolder: string, settings: DatabaseSettings): Promise<DuckDBInstance> {
  const file = join(dataFolder, DATABASE_FILE);
  try {
    makeFolder(dataFolder);
    if (!existsSync(file)) await makeDatabase(file, dataFolder, settings);
    return await openMigrated(file, dataFolder, settings);
  } catch (error) {
    throw error instanceof AppError ? error : openingError(dataFolder, error);
  }
}

/**
 * Makes the file under another name and puts it in place whole: half of one, after a kill or on a full disk, could
 * not be opened by any later start. Where two processes do so at once, the first keeps the name.
 */
async function makeDatabase(file: string, dataFolder: string, settings: DatabaseSettings): Promise<void> {
  const fresh = `${file}.new`;
  const removeFresh = () => {
    for (const path of [fresh, `${fresh}.wal`]) rmSync(path, { force: true });
  };
  removeFresh();
  try {
    const instance = await openMigrated(fresh, dataFolder, settings);
    try {
      const connection = await instance.connect();
      await connection.run('CHECKPOINT');
      connection.closeSync();
    } finally {
      instance.closeSync();
    }
    await nameDurably(fresh, file);
  } finally {
    removeFresh();
  }
}

async function openMigrated(
  file: string,
  dataFolder: string,
  settings: DatabaseSettings,
): Promise<DuckDBInstance> {
  const instance = await openInstance(file, dataFolder, settings);
  try {
    const connection = await instance.connect();
    await migrate(connection, dataFolder);
    connection.closeSync();
    return instance;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** The order matters: the temporary folder must be named before external access goes. */
async function openInstance(
  file: string,
  dataFolder: string,
  settings: DatabaseSettings,
): Promise<DuckDBInstance> {
  const instance = await duckdb.DuckDBInstance.create(file, {
    temp_directory: join(dataFolder, 'tmp'),
    max_temp_directory_size: `${Math.round(spillBytesMax(dataFolder) / 1_000_000)}MB`,
    memory_limit: `${Math.round(settings.memoryBytes / 1_000_000)}MB`,
    threads: '2',
    // What DuckDB frees goes back to the system at once: kept for later, it came to 100 MB beyond the limit.
    allocator_background_threads: 'true',
    allocator_flush_threshold: '8MB',
    allocator_bulk_deallocation_flush_threshold: '8MB',
    preserve_insertion_order: 'true',
    // Folding the log in is our own decision: see DuckDbWriter and backup.
    checkpoint_threshold: '1000GB',
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
    enable_external_access: 'false',
  });
  try {
    const connection = await instance.connect();
    // A setting of an extension, which cannot be given with the others.
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    await connection.run('SET lock_configuration = true');
    connection.closeSync();
    return instance;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** What does not fit into memory lies on the disk: never so much that none is left for samples. */
function spillBytesMax(dataFolder: string): number {
  const { bavail, bsize } = statfsSync(dataFolder);
  return Math.min(SPILL_BYTES_MAX, (bavail * bsize) / 2);
}

/** The sentence for a database file that could not be opened. */
export function openingError(dataFolder: string, error: unknown): AppError {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('Conflicting lock') || message.includes('Could not set lock')) {
    const pid = /PID (\d+)/.exec(message)?.[1];
    return folderInUse(dataFolder, pid === undefined ? 'another process' : `the process ${pid}`);
  }
  if (message.includes('newer version of DuckDB') || message.includes('higher than the current version')) {
    return folderNewer(dataFolder, error);
  }
  return isNoSpace(error) ? diskFull(dataFolder, error) : unusable(dataFolder, error);
}

function folderNewer(dataFolder: string, cause?: unknown): AppError {
  return new AppError('data_folder_newer', `The data folder ${dataFolder} was written by a newer Seismo.`, {
    hint: 'Use that version, or name another folder with --data.',
    cause,
  });
}

function unusable(dataFolder: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new AppError('data_folder_unusable', `The data folder ${dataFolder} cannot be used: ${reason}`, {
    hint: 'Check that the folder exists, is on a local disk and may be written by this user.',
    cause,
  });
}

/** Brings the file to this program's schema version, each step in a transaction of its own. */
async function migrate(connection: DuckDBConnection, dataFolder: string): Promise<void> {
  const found = await readSchemaVersion(connection);
  if (found > SCHEMA_VERSION) throw folderNewer(dataFolder);
  for (const { version, statements } of SCHEMA_VERSIONS) {
    if (version <= found) continue;
    await inTransaction(connection, async () => {
      for (const statement of statements) await connection.run(statement);
      await connection.run(`UPDATE seismo_store.meta SET value = ${version} WHERE name = 'schema_version'`);
    });
  }
}

/** 0 when the file has none of our tables. */
export async function readSchemaVersion(connection: DuckDBConnection): Promise<number> {
  const tables = await rows(
    connection,
    "SELECT count(*)::DOUBLE FROM duckdb_tables() WHERE schema_name = 'seismo_store' AND table_name = 'meta'",
  );
  if (tables[0]![0] === 0) return 0;
  const found = await rows(
    connection,
    "SELECT value::DOUBLE FROM seismo_store.meta WHERE name = 'schema_version'",
  );
  return Number(found[0]?.[0] ?? 0);
}

interface Transaction {
  readonly begin: DuckDBPreparedStatement;
  readonly commit: DuckDBPreparedStatement;
  readonly rollback: DuckDBPreparedStatement;
}

/** Prepared once for each connection: parsing them anew doubles what they cost. */
const transactions = new WeakMap<DuckDBConnection, Transaction>();

/** Runs the work in one transaction of the connection; a failure rolls it back. */
export async function inTransaction<Result>(
  connection: DuckDBConnection,
  work: () => Promise<Result>,
): Promise<Result> {
  const { begin, commit, rollback } = await transactionOf(connection);
  await begin.run();
  try {
    const result = await work();
    await commit.run();
    return result;
  } catch (error) {
    // Where the transaction or the whole instance is gone already, this fails too and says nothing new.
    await rollback.run().catch(() => {});
    throw error;
  }
}

async function transactionOf(connection: DuckDBConnection): Promise<Transaction> {
  const known = transactions.get(connection);
  if (known !== undefined) return known;
  const made = {
    begin: await connection.prepare('BEGIN'),
    commit: await connection.prepare('COMMIT'),
    rollback: await connection.prepare('ROLLBACK'),
  };
  transactions.set(connection, made);
  return made;
}

/** All rows of a small result. */
export async function rows(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<DuckDBValue[][]> {
  return (await connection.runAndReadAll(sql, values)).getRows();
}

/** One number; 0 when the result is empty or NULL. */
export async function oneNumber(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<number> {
  return Number((await rows(connection, sql, values))[0]?.[0] ?? 0);
}

export function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Infinite bounds become times that no sample has. */
export function toWhole(time: number): number {
  return Math.round(Math.min(9e15, Math.max(-9e15, time)));
}

export function toInt64(time: number): bigint {
  return BigInt(toWhole(time));
}
