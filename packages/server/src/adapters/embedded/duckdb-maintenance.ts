import type { DuckDBConnection } from '@duckdb/node-api';
import { inTransaction, oneNumber, rows } from './duckdb-database.js';

/** Rows that one statement of the retention deletes: bounds the log it writes at once. */
const DELETE_ROWS_MAX = 1_000_000;
/** Rows sorted at once by compaction. */
const SLICE_ROWS = 125_000;
const KEY = 'series_id, time_ms';

/** Work behind the scenes with one connection of its own; not for concurrent calls. */
export class DuckDbMaintenance {
  readonly #connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  close(): void {
    this.#connection.closeSync();
  }

  /**
   * Moves the oldest `rowsWanted` hot rows, none committed after `throughSeq`, to the cold tables: sorted, the
   * last write of each time, in place of what was there. One transaction, so readers see it whole or not at
   * all. False when there are fewer.
   */
  async compactOnce(throughSeq: number, rowsWanted: number): Promise<boolean> {
    const [found] = await rows(
      this.#connection,
      `SELECT count(*)::DOUBLE, max(seq)::DOUBLE FROM (
         SELECT seq FROM seismo_store.samples_hot WHERE seq <= ${throughSeq} LIMIT ${rowsWanted})`,
    );
    const [count, lastSeq] = found as [number, number];
    if (count < rowsWanted) return false;
    await inTransaction(this.#connection, async () => {
      await this.#move('samples', 'series_id, time_ms, value', lastSeq);
      await this.#move(
        'verdicts',
        'series_id, time_ms, state, expected, lower, upper, probability, score, alarm',
        lastSeq,
      );
      await this.#connection.run(
        `UPDATE seismo_store.meta SET value = greatest(value, ${lastSeq}) WHERE name = 'compacted_seq'`,
      );
    });
    return true;
  }

  async #move(table: 'samples' | 'verdicts', columns: string, lastSeq: number): Promise<void> {
    const hot = `seismo_store.${table}_hot`;
    const cold = `seismo_store.${table}_cold`;
    const [bounds] = await rows(
      this.#connection,
      `SELECT count(*)::DOUBLE, min(time_ms)::DOUBLE FROM ${hot} WHERE seq <= ${lastSeq}`,
    );
    const [count, firstMs] = bounds as [number, number];
    if (count === 0) return;
    // The bound on time lets whole row groups be skipped: normally nothing cold is that young.
    await this.#connection.run(
      `DELETE FROM ${cold} AS c WHERE c.time_ms >= ${firstMs} AND EXISTS (
         FROM ${hot} AS h WHERE h.seq <= ${lastSeq} AND h.series_id = c.series_id AND h.time_ms = c.time_ms)`,
    );
    for (const slice of await this.#seriesSlices(hot, lastSeq, count)) {
      const chosen = `seq <= ${lastSeq} AND ${slice}`;
      await this.#connection.run(
        `INSERT INTO ${cold} SELECT ${columns} FROM ${hot}
         WHERE ${chosen} AND rowid IN (SELECT max(rowid) FROM ${hot} WHERE ${chosen} GROUP BY ${KEY})
         ORDER BY ${KEY}`,
      );
    }
    await this.#connection.run(`DELETE FROM ${hot} WHERE seq <= ${lastSeq}`);
  }

  /** Conditions that cut the rows by series into slices of about SLICE_ROWS, in ascending order: sorting all at
   * once would need the memory of all at once. */
  async #seriesSlices(hot: string, lastSeq: number, count: number): Promise<string[]> {
    const slices = Math.ceil(count / SLICE_ROWS);
    const shares = Array.from({ length: slices - 1 }, (_, at) => (at + 1) / slices);
    if (shares.length === 0) return ['true'];
    const [found] = await rows(
      this.#connection,
      `SELECT quantile_disc(series_id, [${shares.join(', ')}])::VARCHAR FROM ${hot} WHERE seq <= ${lastSeq}`,
    );
    const cuts = [...new Set(JSON.parse(String(found![0])) as number[])];
    return [...cuts, undefined].map((cut, at) => {
      const above = at === 0 ? 'true' : `series_id > ${cuts[at - 1]}`;
      return cut === undefined ? above : `${above} AND series_id <= ${cut}`;
    });
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
] as const;

/** The lowest id that no series ever had. */
export async function readNextSeriesId(connection: DuckDBConnection): Promise<number> {
  return oneNumber(
    connection,
    `SELECT greatest((SELECT coalesce(max(id) + 1, 0) FROM seismo_store.series),
       (SELECT value FROM seismo_store.meta WHERE name = 'next_series_id'))::DOUBLE`,
  );
}
