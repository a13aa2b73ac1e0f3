import type { DuckDBConnection } from '@duckdb/node-api';
import { VERDICT_STATES } from '@seismo/engine/streaming';
import type { Series } from '../../model/series.js';
import { type Anomaly, MINUTE_DETECTOR } from '../../model/verdict.js';
import type { AnomalyQuery, SampleColumns } from '../../ports/sample-store.js';
import type { Checkpoint } from '../../ports/state-store.js';
import { queryAnomalies } from './duckdb-anomaly-reader.js';
import { loadCheckpoint } from './duckdb-checkpoints.js';
import { readColumns } from './duckdb-columns.js';
import { inTransaction, rows, toInt64, toWhole } from './duckdb-database.js';
import type { AllPiece, CommittedColumns, FlatColumns } from './duckdb-protocol.js';
import type { SeriesRange } from './hot-rows.js';

const UNKNOWN = VERDICT_STATES.indexOf('unknown');
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');

/**
 * One series' samples in a range, hot over cold, the last write of each time. `:name` stands for a number that
 * is written into the text: only constants let DuckDB skip the row groups that cannot hold the range.
 */
const SAMPLES_OF_SERIES = `
  hot AS MATERIALIZED (
    SELECT time_ms, arg_max(value, rowid) AS value FROM seismo_store.samples_hot
    WHERE series_id = :series AND time_ms BETWEEN :from AND :to GROUP BY time_ms),
  samples AS MATERIALIZED (
    SELECT time_ms, value FROM seismo_store.samples_cold
    WHERE series_id = :series AND time_ms BETWEEN :from AND :to AND time_ms NOT IN (SELECT time_ms FROM hot)
    UNION ALL FROM hot)`;

/** The verdicts of the same range; where they are past their retention, the anomalies still stand for them. */
const VERDICTS_OF_SERIES = `
  verdict_hot AS MATERIALIZED (
    SELECT time_ms, state, expected, lower, upper, probability, alarm FROM seismo_store.verdicts_hot
    WHERE series_id = :series AND time_ms BETWEEN :from AND :to
    QUALIFY row_number() OVER (PARTITION BY time_ms ORDER BY rowid DESC) = 1),
  verdict_stored AS MATERIALIZED (
    SELECT time_ms, state, expected, lower, upper, probability, alarm FROM seismo_store.verdicts_cold
    WHERE series_id = :series AND time_ms BETWEEN :from AND :to AND time_ms NOT IN (SELECT time_ms FROM verdict_hot)
    UNION ALL FROM verdict_hot),
  verdicts AS MATERIALIZED (
    FROM verdict_stored UNION ALL
    SELECT time_ms, ${ANOMALOUS}, expected, lower, upper, probability, alarm FROM seismo_store.anomalies
    WHERE series_id = :series AND time_ms BETWEEN :from AND :to AND detector <> '${MINUTE_DETECTOR}'
      AND time_ms NOT IN (SELECT time_ms FROM verdict_stored)
    QUALIFY row_number() OVER (PARTITION BY time_ms ORDER BY probability DESC) = 1)`;

const JUDGED_COLUMNS = `s.time_ms::DOUBLE, s.value, coalesce(v.state, ${UNKNOWN})::UTINYINT,
  coalesce(v.expected, 'NaN'::DOUBLE), coalesce(v.lower, 'NaN'::DOUBLE), coalesce(v.upper, 'NaN'::DOUBLE),
  coalesce(v.probability, 'NaN'::DOUBLE), coalesce(v.alarm, 0)::UTINYINT`;

/** `first`: the first time there is; `span`: the length of a span in milliseconds. */
const THINNED_SQL = `WITH ${SAMPLES_OF_SERIES}, ${VERDICTS_OF_SERIES},
  spans AS (
    SELECT arg_min(time_ms, value) AS low, arg_max(time_ms, value) AS high FROM samples
    GROUP BY floor((time_ms - :first) / :span)),
  kept AS (
    SELECT low AS time_ms FROM spans UNION SELECT high FROM spans
    UNION SELECT time_ms FROM verdicts WHERE state = ${ANOMALOUS})
  SELECT ${JUDGED_COLUMNS} FROM samples s SEMI JOIN kept USING (time_ms) LEFT JOIN verdicts v USING (time_ms)
  ORDER BY s.time_ms`;

const RANGE_SQL = `WITH ${SAMPLES_OF_SERIES}
  SELECT count(*)::DOUBLE, coalesce(min(time_ms), 0)::DOUBLE, coalesce(max(time_ms), 0)::DOUBLE FROM samples`;

/** Reads with one connection; not for concurrent calls. */
export class DuckDbReader {
  readonly connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  close(): void {
    this.connection.closeSync();
  }

  /** One series' samples in a range, of each of points/2 spans of time the smallest and the largest. */
  thinned(range: SeriesRange, points: number): Promise<SampleColumns> {
    return this.#inSnapshot(() => this.#thinned(range, points));
  }

  async #thinned(range: SeriesRange, points: number): Promise<SampleColumns> {
    const numbers = { ...range };
    const found = await readColumns(
      this.connection,
      withNumbers(RANGE_SQL, numbers),
      [],
      ['float64', 'float64', 'float64'],
    );
    const [total, firstMs, lastMs] = found.map((column) => column[0]!) as [number, number, number];
    const spanMs = (lastMs - firstMs + 1) / Math.max(1, Math.floor(points / 2));
    const columns = await readColumns(
      this.connection,
      withNumbers(THINNED_SQL, { ...numbers, first: firstMs, span: spanMs }),
      [],
      ['float64', 'float64', 'uint8', 'float64', 'float64', 'float64', 'float64', 'uint8'],
    );
    const [timesMs, values, states, expected, lower, upper, probability, alarms] = columns as [
      Float64Array,
      Float64Array,
      Uint8Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Uint8Array,
    ];
    const downsampled = timesMs.length < total;
    return { timesMs, values, states, expected, lower, upper, probability, alarms, total, downsampled };
  }

  async queryAnomalies(query: AnomalyQuery): Promise<Anomaly[]> {
    return queryAnomalies(this.connection, query);
  }

  async readLatest(): Promise<FlatColumns> {
    const columns = await readColumns(
      this.connection,
      `WITH newest AS (
         SELECT series_id, max(time_ms) AS time_ms, arg_max(value, time_ms) AS value, 0 AS hot
         FROM seismo_store.samples_cold GROUP BY series_id
         UNION ALL
         SELECT series_id, max(time_ms), arg_max(value, {'t': time_ms, 'r': rowid}), 1
         FROM seismo_store.samples_hot GROUP BY series_id)
       SELECT series_id, max(time_ms)::DOUBLE, arg_max(value, {'t': time_ms, 'h': hot}) FROM newest
       GROUP BY series_id ORDER BY series_id`,
      [],
      ['uint32', 'float64', 'float64'],
    );
    return toFlat(columns);
  }

  async readCommittedAfter(seq: number, samplesMax: number): Promise<CommittedColumns> {
    return this.#inSnapshot(async () => {
      // The table is in commit order, so the inner statement stops early; a wrong order would only read more.
      const [bounds] = await readColumns(
        this.connection,
        `SELECT coalesce(max(seq), 0)::DOUBLE FROM (
           SELECT seq FROM seismo_store.samples_hot WHERE seq > ${toWhole(seq)} LIMIT ${Math.max(1, Math.floor(samplesMax))})`,
        [],
        ['float64'],
      );
      const columns = await readColumns(
        this.connection,
        `SELECT series_id, time_ms::DOUBLE, value, seq::DOUBLE FROM seismo_store.samples_hot
         WHERE seq > ${toWhole(seq)} AND seq <= ${bounds![0]!} ORDER BY seq, rowid`,
        [],
        ['uint32', 'float64', 'float64', 'float64'],
      );
      return { ...toFlat(columns), ...runLengths(columns[3] as Float64Array) };
    });
  }

  /** How many rows each series has at most, by id. */
  async countBySeries(throughSeq: number): Promise<{ ids: Uint32Array; counts: Float64Array }> {
    const [ids, counts] = await readColumns(
      this.connection,
      `SELECT series_id, count(*)::DOUBLE FROM (
         SELECT series_id FROM seismo_store.samples_cold
         UNION ALL SELECT series_id FROM seismo_store.samples_hot WHERE seq <= $1)
       GROUP BY series_id ORDER BY series_id`,
      [toInt64(throughSeq)],
      ['uint32', 'float64'],
    );
    return { ids: ids as Uint32Array, counts: counts as Float64Array };
  }

  async readPiece(piece: AllPiece): Promise<FlatColumns> {
    const { firstId, lastId, afterMs, throughSeq } = piece;
    const inPiece = `series_id BETWEEN ${firstId} AND ${lastId} AND time_ms > ${toWhole(afterMs)}`;
    const columns = await readColumns(
      this.connection,
      `WITH hot AS MATERIALIZED (
         SELECT series_id, time_ms, arg_max(value, rowid) AS value FROM seismo_store.samples_hot
         WHERE ${inPiece} AND seq <= ${toWhole(throughSeq)} GROUP BY series_id, time_ms)
       SELECT series_id, time_ms::DOUBLE, value FROM (
         SELECT series_id, time_ms, value FROM (FROM seismo_store.samples_cold WHERE ${inPiece})
           ANTI JOIN hot USING (series_id, time_ms)
         UNION ALL FROM hot)
       ORDER BY series_id, time_ms ${piece.paged ? `LIMIT ${Math.floor(piece.rowsMax)}` : ''}`,
      [],
      ['uint32', 'float64', 'float64'],
    );
    return toFlat(columns);
  }

  async counts(): Promise<{ samples: number; anomalies: number; uncompacted: number }> {
    const [found] = await rows(
      this.connection,
      `SELECT (SELECT count(*) FROM seismo_store.samples_cold)::DOUBLE,
         (SELECT count(*) FROM seismo_store.samples_hot)::DOUBLE, (SELECT count(*) FROM seismo_store.anomalies)::DOUBLE`,
    );
    const [cold, hot, anomalies] = found as [number, number, number];
    return { samples: cold + hot, anomalies, uncompacted: hot };
  }

  async loadCheckpoint(detector: string): Promise<Checkpoint | undefined> {
    return this.#inSnapshot(() => loadCheckpoint(this.connection, detector));
  }

  async readSeriesIds(): Promise<Uint32Array> {
    const [ids] = await readColumns(this.connection, 'SELECT id FROM seismo_store.series', [], ['uint32']);
    return ids as Uint32Array;
  }

  /** The next so many series by id. */
  async readSeries(afterId: number, most: number): Promise<Series[]> {
    const found = await rows(
      this.connection,
      `SELECT id, key, name, labels FROM seismo_store.series WHERE id > ${afterId} ORDER BY id LIMIT ${most}`,
    );
    return found.map(([id, key, name, labels]) => ({
      id: id as number,
      key: key as string,
      name: name as string,
      labels: JSON.parse(labels as string) as Record<string, string>,
    }));
  }

  #inSnapshot<Result>(read: () => Promise<Result>): Promise<Result> {
    return inTransaction(this.connection, read);
  }
}

/** Writes numbers into a statement in place of their `:name`. */
function withNumbers(sql: string, numbers: Record<string, number>): string {
  return sql.replace(/(?<!:):([a-z]+)/g, (_, name: string) => {
    const number = numbers[name];
    if (number === undefined || !Number.isFinite(number)) throw new RangeError(`no number for ${name}`);
    return String(number);
  });
}

function toFlat(columns: readonly unknown[]): FlatColumns {
  return {
    seriesIds: columns[0] as Uint32Array,
    timesMs: columns[1] as Float64Array,
    values: columns[2] as Float64Array,
  };
}

/** 7 7 8 → numbers 7 8, counts 2 1. */
function runLengths(seqOfRow: Float64Array): { seqs: Float64Array; counts: Uint32Array } {
  const seqs: number[] = [];
  const counts: number[] = [];
  for (const seq of seqOfRow) {
    if (seqs.at(-1) === seq) counts[counts.length - 1]!++;
    else {
      seqs.push(seq);
      counts.push(1);
    }
  }
  return { seqs: Float64Array.from(seqs), counts: Uint32Array.from(counts) };
}
