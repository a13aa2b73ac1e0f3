import { existsSync } from 'node:fs';
import { rm, truncate } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../errors.js';
import { diskFull, isNoSpace } from '../../model/free-space.js';
import { removeCheckpoints } from './checkpoint-files.js';
import { embedCheckpoints } from './duckdb-checkpoints.js';
import {
  DATABASE_FILE,
  fileBytes,
  openDatabase,
  openingError,
  readSchemaVersion,
  rows,
} from './duckdb-database.js';
import { duckdb } from './duckdb-library.js';
import { SCHEMA_VERSION, SCHEMA_VERSIONS } from './duckdb-schema.js';
import { copyDurably, moveDurably } from './durable-files.js';
import { claimFolder, releaseFolder } from './folder-claims.js';
import { makeFolder } from './make-folder.js';
import { appendModels, MODEL_FOLDERS, takeModels } from './model-archive.js';

/** What is done with a data folder while no server uses it. All reject with an AppError. */

const MEMORY_BYTES = 256_000_000;

/** Writes the database anew, without the space that deleted rows left, and swaps it in. */
export async function compactFile(dataFolder: string): Promise<{ bytesBefore: number; bytesAfter: number }> {
  const folder = existingFolder(dataFolder);
  return withFolder(folder, async () => {
    const file = join(folder, DATABASE_FILE);
    const bytesBefore = fileBytes(file) + fileBytes(`${file}.wal`);
    await foldLog(folder);
    const fresh = `${file}.compacting`;
    const removeFresh = () => Promise.all([fresh, `${fresh}.wal`].map((path) => rm(path, { force: true })));
    await removeFresh();
    try {
      await rewrite(file, fresh, folder);
      await moveDurably(fresh, file);
    } finally {
      await removeFresh();
    }
    return { bytesBefore, bytesAfter: fileBytes(file) };
  });
}

/** Copies the database of a stopped server to a new file. A running one does that itself. */
export async function backupFolder(dataFolder: string, path: string): Promise<void> {
  const folder = existingFolder(dataFolder);
  const target = resolve(path);
  refuseExisting(target);
  await withFolder(folder, async () => {
    await foldLog(folder, (connection) => embedCheckpoints(connection, folder));
    const finish = (copy: string) => appendModels(copy, folder);
    await copyDurably(join(folder, DATABASE_FILE), target, finish).catch((error: unknown) => {
      throw isNoSpace(error) ? diskFull(target, error) : error;
    });
  });
}

/**
 * Makes a data folder of a backup. A folder that has a database already is refused unless `replace` is given;
 * a file that is no backup, or one of a newer version, always.
 */
export async function restore(
  backupFile: string,
  dataFolder: string,
  options: { replace?: boolean } = {},
): Promise<void> {
  const source = resolve(backupFile);
  const folder = resolve(dataFolder);
  await checkBackup(source);
  await withFolder(folder, async () => {
    const file = join(folder, DATABASE_FILE);
    if (existsSync(file)) {
      if (options.replace !== true) {
        throw new AppError('bad_request', `The data folder ${folder} holds a database already.`, {
          hint: 'Name an empty folder, or allow replacing what is there.',
        });
      }
      // Opening it shows that nobody else uses it, and leaves no log that would be applied to the new file.
      await foldLog(folder);
    }
    makeFolder(folder);
    // They belong to the database that goes; the backup brings its own.
    await removeCheckpoints(folder);
    for (const models of MODEL_FOLDERS) await rm(join(folder, models), { recursive: true, force: true });
    await putBack(source, folder).catch((error: unknown) => {
      throw isNoSpace(error) ? diskFull(folder, error) : error;
    });
  });
}

/** The models first: what has its database is a data folder, whatever happens after. */
async function putBack(backup: string, folder: string): Promise<void> {
  const databaseBytes = await takeModels(backup, folder);
  const withoutModels = async (copy: string) => {
    if (databaseBytes !== undefined) await truncate(copy, databaseBytes);
  };
  await copyDurably(backup, join(folder, DATABASE_FILE), withoutModels);
}

export async function withFolder<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  claimFolder(folder);
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? error : openingError(folder, error);
  } finally {
    releaseFolder(folder);
  }
}

export function existingFolder(dataFolder: string): string {
  const folder = resolve(dataFolder);
  if (existsSync(join(folder, DATABASE_FILE))) return folder;
  throw new AppError('data_folder_unusable', `There is no database in the folder ${folder}.`, {
    hint: 'Name the data folder of a server with --data.',
  });
}

function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new AppError('bad_request', `The file ${path} exists already.`, {
    hint: 'Name a new file for the backup.',
  });
}

/** Brings the file up to date, so that it stands for everything by itself. */
export async function foldLog(
  folder: string,
  before: (connection: DuckDBConnection) => Promise<void> = async () => {},
): Promise<void> {
  const instance = await openDatabase(folder, { memoryBytes: MEMORY_BYTES });
  const connection = await instance.connect();
  try {
    await before(connection);
    await connection.run('CHECKPOINT');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function rewrite(from: string, to: string, folder: string): Promise<void> {
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    temp_directory: join(folder, 'tmp'),
    memory_limit: `${MEMORY_BYTES / 1_000_000}MB`,
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run(`ATTACH '${quoted(from)}' AS before (READ_ONLY)`);
    await connection.run(`ATTACH '${quoted(to)}' AS after`);
    await connection.run('USE after');
    for (const { statements } of SCHEMA_VERSIONS) {
      for (const statement of statements) await connection.run(statement);
    }
    await copyTables(connection);
    await copyDatasets(connection);
    await connection.run('CHECKPOINT after');
    await connection.run('USE memory');
    await connection.run('DETACH after');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function copyTables(connection: DuckDBConnection): Promise<void> {
  const tables = await rows(
    connection,
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'after' AND schema_name = 'seismo_store'",
  );
  for (const [name] of tables) {
    const table = `seismo_store."${String(name)}"`;
    await connection.run(`DELETE FROM after.${table}`);
    await connection.run(`INSERT INTO after.${table} FROM before.${table}`);
  }
}

/** Schemas that users made, with their tables. Functions of SQL are made anew when they are next needed. */
async function copyDatasets(connection: DuckDBConnection): Promise<void> {
  const schemas = await rows(
    connection,
    `SELECT schema_name FROM duckdb_schemas() WHERE database_name = 'before' AND NOT internal
      AND schema_name NOT IN ('main', 'seismo_store', 'metrics_dataset')`,
  );
  for (const [name] of schemas) await connection.run(`CREATE SCHEMA after.${named(name)}`);
  const tables = await rows(
    connection,
    `SELECT schema_name, table_name, sql FROM duckdb_tables()
      WHERE database_name = 'before' AND NOT internal AND schema_name <> 'seismo_store'`,
  );
  for (const [schema, table, sql] of tables) {
    const name = `${named(schema)}.${named(table)}`;
    await connection.run(String(sql));
    await connection.run(`INSERT INTO after.${name} FROM before.${name}`);
  }
  await connection.run("DELETE FROM after.seismo_store.meta WHERE name = 'sql_macros'");
}

function named(name: unknown): string {
  return `"${String(name).replaceAll('"', '""')}"`;
}

function quoted(path: string): string {
  return path.replaceAll("'", "''");
}

export async function checkBackup(path: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): AppError =>
    new AppError('bad_request', `${path} is not a Seismo backup: ${why}`, {
      hint: 'Name a file that `seismo backup` wrote.',
      cause,
    });
  if (!existsSync(path)) throw refuse('there is no such file.');
  let version: number;
  try {
    const instance = await duckdb.DuckDBInstance.create(path, {
      access_mode: 'READ_ONLY',
      enable_external_access: 'false',
    });
    const connection = await instance.connect();
    version = await readSchemaVersion(connection);
    connection.closeSync();
    instance.closeSync();
  } catch (error) {
    throw refuse('it cannot be read as a database.', error);
  }
  if (version === 0) throw refuse('it holds none of the tables.');
  if (version > SCHEMA_VERSION) {
    throw new AppError('data_folder_newer', `The backup ${path} was written by a newer Seismo.`, {
      hint: 'Restore it with that version.',
    });
  }
}

/** Whether the folder's database can be opened, without changing it; undefined where there is none yet. */
export async function inspectFolder(
  dataFolder: string,
): Promise<{ bytes: number; version: number } | undefined> {
  const folder = resolve(dataFolder);
  const file = join(folder, DATABASE_FILE);
  if (!existsSync(file)) return undefined;
  return withFolder(folder, async () => {
    const instance = await duckdb.DuckDBInstance.create(file, {
      access_mode: 'READ_ONLY',
      enable_external_access: 'false',
    });
    const connection = await instance.connect();
    try {
      const version = await readSchemaVersion(connection);
      if (version > SCHEMA_VERSION) {
        throw new AppError('data_folder_newer', `The data folder ${folder} was written by a newer Seismo.`, {
          hint: 'Use that version, or name another folder with --data.',
        });
      }
      return { bytes: fileBytes(file), version };
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}
