import type { BigQuery } from '@google-cloud/bigquery';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Clock } from '../../ports/clock.js';
import { bigQueryError } from './bigquery-client.js';
import { BigQueryStatements } from './bigquery-statements.js';
import { readMigrations } from './sql-files.js';

export interface MigrateOptions {
  readonly client: BigQuery;
  readonly dataset: string;
  /** Where the dataset is made if there is none. */
  readonly location: string | undefined;
  /** How long samples, minutes and anomalies are kept. */
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly maxBytesBilled: number;
}

export interface MigrationReport {
  /** Names of the migrations applied now, in order. */
  readonly applied: readonly string[];
  /** What became of somebody's own metrics_table; absent when there was none. */
  readonly adopted?: Adoption;
}

/** Nothing of the table is changed or dropped; what is counted besides samples has none. */
export interface Adoption {
  readonly adoptedSamples: number;
  /** Rows that repeat another one in all columns. */
  readonly repeatedRows: number;
  /** Rows without any value; of several alike one counts here, the others as repeated. */
  readonly emptyRows: number;
  /** Values that no sample can have: no number, infinite, without a time, outside the years 1 to 9999, or more than a thousand in a second. */
  readonly valuesLeftOut: number;
}

const VIEW = 'metrics_table';
/** The name in rename-metrics-table.sql and adopt-metrics-table.sql. */
const ADOPTED = 'metrics_table_before_seismo';
/** The migration that makes the view: before it the name has to be free. */
const VIEW_MIGRATION = '0006-metrics-table';

/** Tables that expire by day, with the column they are divided by. */
const EXPIRING = { samples: 'time', samples_per_minute: 'minute', anomalies: 'time' } as const;

/**
 * Brings the dataset's tables and views up to date: applies what was not applied yet, in order, and records it.
 * Every step may be repeated, so a run that ended in the middle is made good by the next. Rejects with an AppError.
 */
export async function migrate(options: MigrateOptions): Promise<MigrationReport> {
  await ensureDataset(options);
  const statements = new BigQueryStatements(options);
  const [record, ...migrations] = await readMigrations(options.dataset);
  await statements.runText(record!.statement, `migration ${record!.name}`);
  const rows = await statements.run('read-migrations');
  const already = new Set(rows.map((row) => Number(row.number)));

  const applied: string[] = [];
  let adopted: Adoption | undefined;
  for (const { number, name, statement } of migrations) {
    if (already.has(number)) continue;
    if (name === VIEW_MIGRATION) adopted = await adopt(options, statements);
    await statements.runText(statement, `migration ${name}`);
    await statements.run('note-migration', {
      values: { number, name, applied: statements.time(options.clock.nowMs()) },
    });
    options.log.info({ event: 'migration_applied', migration: name }, `Migration ${name} was applied.`);
    applied.push(name);
  }
  await setRetention(options);
  return { applied, ...(adopted === undefined ? {} : { adopted }) };
}

async function ensureDataset({ client, dataset, location, log }: MigrateOptions): Promise<void> {
  try {
    const [there] = await client.dataset(dataset).exists();
    if (there) return;
    await client.createDataset(dataset, location === undefined ? {} : { location });
    log.info({ event: 'dataset_made', dataset }, `The dataset ${dataset} was made.`);
  } catch (error) {
    // Another run has just made it.
    if ((error as { code?: unknown }).code !== 409)
      throw bigQueryError(error, `making the dataset ${dataset}`);
  }
}

/**
 * Takes over a real table metrics_table. It is renamed first, so that nobody writes into it while its rows are
 * copied; where a run ended in between, the renamed table is there and its rows are copied now.
 */
async function adopt(options: MigrateOptions, statements: BigQueryStatements): Promise<Adoption | undefined> {
  const { client, dataset, log } = options;
  const own = await tableOf(client, dataset, VIEW);
  const renamed = await tableOf(client, dataset, ADOPTED);
  if (own?.type === 'TABLE') {
    checkColumns(own, dataset);
    if (renamed !== undefined) {
      throw new AppError('usage', `There is a table ${dataset}.${VIEW}, and ${dataset}.${ADOPTED} too.`, {
        hint: `Only one table can be taken over: rename ${ADOPTED}, then migrate again.`,
      });
    }
    await rename(own, statements, dataset);
    log.info({ event: 'table_renamed', to: ADOPTED }, `The table ${VIEW} is now named ${ADOPTED}.`);
  } else if (renamed === undefined) {
    return undefined;
  }
  await statements.run('adopt-metrics-table');
  const [row] = await statements.run('count-adopted-rows');
  const adoption: Adoption = {
    adoptedSamples: Number(row?.adopted_samples),
    repeatedRows: Number(row?.repeated_rows),
    emptyRows: Number(row?.empty_rows),
    valuesLeftOut: Number(row?.values_left_out),
  };
  logAdoption(adoption, log);
  return adoption;
}

/** Rows that were streamed in are in a buffer for a while, and BigQuery renames no table that has some. */
async function rename(own: Table, statements: BigQueryStatements, dataset: string): Promise<void> {
  try {
    await statements.run('rename-metrics-table');
  } catch (error) {
    if (!own.isStreamedTo) throw error;
    throw new AppError(
      'not_ready',
      `${dataset}.${VIEW} cannot be taken over yet: rows were just streamed into it.`,
      {
        hint: 'Stop whatever inserts into it, and migrate again an hour and a half later.',
        cause: error,
      },
    );
  }
}

function logAdoption(adoption: Adoption, log: Logger): void {
  const { adoptedSamples, repeatedRows, emptyRows, valuesLeftOut } = adoption;
  log.info({ event: 'table_adopted', ...adoption }, `${adoptedSamples} samples were copied from ${ADOPTED}.`);
  if (repeatedRows + emptyRows + valuesLeftOut === 0) return;
  log.warn(
    { event: 'rows_not_adopted', ...adoption },
    `Of ${ADOPTED} these are no samples: rows that repeat another one in all columns (${repeatedRows}), ` +
      `rows without any value (${emptyRows}), values that no sample can have (${valuesLeftOut}).`,
  );
}

interface Table {
  readonly type: string;
  readonly columns: ReadonlyMap<string, string>;
  /** It has rows in its streaming buffer. */
  readonly isStreamedTo: boolean;
}

async function tableOf(client: BigQuery, dataset: string, name: string): Promise<Table | undefined> {
  try {
    const [{ type, schema, streamingBuffer }] = await client.dataset(dataset).table(name).getMetadata();
    const fields = (schema?.fields ?? []) as readonly { name: string; type: string }[];
    const columns = new Map(fields.map((field) => [field.name.toLowerCase(), field.type]));
    return { type, columns, isStreamedTo: streamingBuffer !== undefined };
  } catch (error) {
    if ((error as { code?: unknown }).code === 404) return undefined;
    throw bigQueryError(error, `looking at ${dataset}.${name}`);
  }
}

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  timestamp: ['INTEGER', 'INT64'],
  latency: ['FLOAT', 'FLOAT64', 'INTEGER', 'INT64'],
  cpu: ['INTEGER', 'INT64', 'FLOAT', 'FLOAT64'],
};

function checkColumns({ columns }: Table, dataset: string): void {
  for (const [name, types] of Object.entries(COLUMNS)) {
    const type = columns.get(name);
    if (type !== undefined && types.includes(type)) continue;
    const found = type === undefined ? 'is missing' : `is ${type}`;
    throw new AppError('usage', `${dataset}.${VIEW} cannot be taken over: its column ${name} ${found}.`, {
      hint: `It needs timestamp INT64 (seconds since 1970), latency FLOAT64 and cpu INT64; rename it otherwise.`,
    });
  }
}

/** Days begin at midnight UTC, and a partition goes as a whole. */
async function setRetention({ client, dataset, retentionMs }: MigrateOptions): Promise<void> {
  for (const [name, field] of Object.entries(EXPIRING)) {
    try {
      await client
        .dataset(dataset)
        .table(name)
        .setMetadata({ timePartitioning: { type: 'DAY', field, expirationMs: String(retentionMs) } });
    } catch (error) {
      throw bigQueryError(error, `setting how long ${dataset}.${name} is kept`);
    }
  }
}
