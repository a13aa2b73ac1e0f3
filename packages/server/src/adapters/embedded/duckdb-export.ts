import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../../errors.js';
import { diskFull, isNoSpace } from '../../model/free-space.js';
import { DATABASE_FILE, rows } from './duckdb-database.js';
import { duckdb } from './duckdb-library.js';
import { checkBackup, existingFolder, foldLog, withFolder } from './duckdb-offline.js';

export const EXPORT_FORMATS = ['ndjson', 'csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  /** Data folder of a stopped server, or a file that `seismo backup` wrote. */
  readonly from: { readonly dataFolder: string } | { readonly backup: string };
  /** Folder for the files, which must not exist. */
  readonly to: string;
  readonly format: ExportFormat;
  /** Inclusive, ms since 1970. */
  readonly fromMs: number;
  /** Exclusive, ms since 1970. */
  readonly untilMs: number;
  /** When the export was begun: what is written later counts as newer. */
  readonly nowMs: number;
}

export interface Exported {
  readonly samples: number;
  /** Paths, in order of time. */
  readonly files: readonly string[];
  readonly bytes: number;
}

const MEMORY_MEGABYTES = 512;
/** BigQuery loads compressed files of up to 4 GB; smaller ones are loaded side by side. */
const FILE_SIZE = '512MB';

const COPY_OPTIONS: Readonly<Record<ExportFormat, string>> = {
  ndjson: "FORMAT json, COMPRESSION gzip, FILE_EXTENSION 'ndjson.gz'",
  csv: "FORMAT csv, HEADER, COMPRESSION gzip, FILE_EXTENSION 'csv.gz'",
  parquet: "FORMAT parquet, COMPRESSION zstd, FILE_EXTENSION 'parquet'",
};

/**
 * Writes every sample, repeats removed and sorted by time, in the columns of BigQuery's table `samples`. The folder
 * appears under its name only when it is whole. Rejects with an AppError.
 */
export async function exportSamples(options: ExportOptions): Promise<Exported> {
  const target = resolve(options.to);
  if (existsSync(target)) {
    throw new AppError('bad_request', `${options.to} exists already.`, {
      hint: 'Name a new folder with --to.',
    });
  }
  if ('backup' in options.from) {
    const file = resolve(options.from.backup);
    await checkBackup(file);
    return copyOut(file, target, options);
  }
  const folder = existingFolder(options.from.dataFolder);
  return withFolder(folder, async () => {
    // A file that is opened for reading only takes no log in.
    await foldLog(folder);
    return copyOut(join(folder, DATABASE_FILE), target, options);
  });
}

async function copyOut(database: string, target: string, options: ExportOptions): Promise<Exported> {
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  try {
    await mkdir(dirname(target), { recursive: true });
    const samples = await copy(database, partial, options);
    await rename(partial, target);
    const names = (await readdir(target)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const files = names.map((name) => join(target, name));
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    return { samples, files, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error instanceof AppError ? error : exportError(options.to, error);
  }
}

async function copy(database: string, target: string, options: ExportOptions): Promise<number> {
  const instance = await duckdb.DuckDBInstance.create(database, {
    access_mode: 'READ_ONLY',
    memory_limit: `${MEMORY_MEGABYTES}MB`,
    temp_directory: join(tmpdir(), `seismo-export-${process.pid}`),
    // More threads would write several files at once, each with a part of the same time.
    threads: '1',
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const [found] = await rows(
      connection,
      `COPY (${selection(options)}) TO '${target.replaceAll("'", "''")}'
        (${COPY_OPTIONS[options.format]}, FILE_SIZE_BYTES '${FILE_SIZE}', FILENAME_PATTERN 'samples-{i}')`,
    );
    return Number(found?.[0] ?? 0);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Names, order and types of BigQuery's table; every number in the shortest form that reads as the same number. */
function selection({ format, fromMs, untilMs, nowMs }: ExportOptions): string {
  const time = (ms: string) =>
    format === 'parquet'
      ? `make_timestamp_ms(${ms}) AT TIME ZONE 'UTC'`
      : `strftime(make_timestamp_ms(${ms}), '%Y-%m-%dT%H:%M:%S.%gZ')`;
  const labels = format === 'ndjson' ? 's.labels::JSON' : 's.labels';
  return `SELECT ${time('m.time_ms')} AS time, s.key AS series, s.name, ${labels} AS labels, m.value,
      ${time(`${Math.trunc(nowMs)}::BIGINT`)} AS ingest_time, 'export' AS message_id
    FROM metrics_dataset.samples m JOIN seismo_store.series s ON s.id = m.series_id
    WHERE m.time_ms >= ${Math.trunc(fromMs)}::BIGINT AND m.time_ms < ${Math.trunc(untilMs)}::BIGINT
    ORDER BY m.time_ms, s.id`;
}

function exportError(to: string, error: unknown): AppError {
  if (isNoSpace(error)) return diskFull(to, error);
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return new AppError('bad_request', `The export into ${to} failed: ${reason}`, {
    hint: 'Check that the folder can be written.',
    cause: error,
  });
}
