import type { DuckDBConnection } from '@duckdb/node-api';
import { type CompactionStep, compactOnce } from './duckdb-compaction.js';
import { inTransaction, oneNumber, rows } from './duckdb-database.js';
import { interruptRepeatedly } from './duckdb-interruption.js';
import type { Lane } from './lane.js';

/** Rows that one statement of the retention deletes: bounds the log it writes at once. */
const DELETE_ROWS_MAX = 1_000_000;

/** Work behind the scenes with one connection of its own; not for concurrent calls. */
export class DuckDbMaintenance {
  readonly #connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  close(): void {
    this.#connection.closeSync();
  }

  /** Ends what runs in the lane of this connection, its transaction undone. */
  interrupt(lane: Lane): Promise<undefined> {
    const interruptions = interruptRepeatedly(this.#connection);
    return lane.run(async () => {
      clearInterval(interruptions);
      // That of the transaction itself may have been interrupted too; mostly there is none left to roll back.
      await this.#connection.run('ROLLBACK').catch(() => {});
      return undefined;
    });
  }

  /** One step of compaction; undefined when there was nothing to do. */
  compactOnce(step: CompactionStep): Promise<number | undefined> {
    return compactOnce(this.#connection, step);
  }

  /** Deletes older samples and verdicts; gives the series that then have no sample. */
  async deleteOlder(before: { samplesMs: number; verdictsMs: number }): Promise<number[]> {
    for (const temperature of ['hot', 'cold']) {
      await this.#deleteBefore(`seismo_store.samples_${temperature}`, before.samplesMs);
      await this.#deleteBefore(`seismo_store.verdicts_${temperature}`, before.verdictsMs);
    }
    await this.#deleteBefore('seismo_store.minutes', before.verdictsMs);
    return this.seriesWithoutSamples();
  }

  async #deleteBefore(table: string, timeMs: number): Promise<void> {
    const limit = Math.round(timeMs);
    if (!Number.isFinite(limit)) return;
    for (;;) {
      const result = await this.#connection.run(
        `DELETE FROM ${table} WHERE rowid IN (
           SELECT rowid FROM ${table} WHERE time_ms < ${limit} LIMIT ${DELETE_ROWS_MAX})`,
      );
      if (result.rowsChanged < DELETE_ROWS_MAX) return;
    }
  }

  async seriesWithoutSamples(): Promise<number[]> {
    const found = await rows(
      this.#connection,
      `SELECT id FROM seismo_store.series WHERE id NOT IN (SELECT series_id FROM seismo_store.samples_cold)
         AND id NOT IN (SELECT series_id FROM seismo_store.samples_hot) ORDER BY id`,
    );
    return found.map((row) => row[0] as number);
  }
}

/** Forgets those of the series that have no sample. Runs on the writing connection, between commits. */
export async function removeSeries(connection: DuckDBConnection, ids: readonly number[]): Promise<number[]> {
  const list = ids.map((id) => Number(id) >>> 0).join(',');
  const found = await rows(
    connection,
    `SELECT id FROM seismo_store.series WHERE id IN (${list})
       AND id NOT IN (SELECT series_id FROM seismo_store.samples_cold WHERE series_id IN (${list}))
       AND id NOT IN (SELECT series_id FROM seismo_store.samples_hot WHERE series_id IN (${list}))`,
  );
  const gone = found.map((row) => row[0] as number);
  if (gone.length === 0) return gone;
  await inTransaction(connection, async () => {
    // Written before the rows go: an id is never given twice.
    await connection.run(
      `UPDATE seismo_store.meta SET value = greatest(value, (SELECT max(id) + 1 FROM seismo_store.series))
       WHERE name = 'next_series_id'`,
    );
    for (const [table, column] of OWNED_BY_SERIES) {
      await connection.run(`DELETE FROM seismo_store.${table} WHERE ${column} IN (${gone.join(',')})`);
    }
  });
  return gone;
}

const OWNED_BY_SERIES = [
  ['series', 'id'],
  ['anomalies', 'series_id'],
  ['verdicts_hot', 'series_id'],
  ['verdicts_cold', 'series_id'],
  ['models', 'series_id'],
  ['forecasts', 'series_id'],
  ['minutes', 'series_id'],
  ['explanations', 'series_id'],
] as const;

/** The lowest id that no series ever had. */
export async function readNextSeriesId(connection: DuckDBConnection): Promise<number> {
  return oneNumber(
    connection,
    `SELECT greatest((SELECT coalesce(max(id) + 1, 0) FROM seismo_store.series),
       (SELECT value FROM seismo_store.meta WHERE name = 'next_series_id'))::DOUBLE`,
  );
}
