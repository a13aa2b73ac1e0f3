import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import type { Series } from '../../model/series.js';
import { type Anomaly, componentCode, type VerdictBatch } from '../../model/verdict.js';
import { type ColumnKind, TableAppender } from './duckdb-columns.js';
import { inTransaction, oneNumber } from './duckdb-database.js';
import type { Stretch, Watermark } from './duckdb-minutes.js';
import { DuckDbModelWriter, type TrainedModel } from './duckdb-model-writer.js';
import type { CommitGroup } from './duckdb-protocol.js';
import type { MinuteFindings } from './judge-minutes.js';

const SAMPLE_KINDS: readonly ColumnKind[] = ['uint32', 'int64', 'float64', 'int64'];
const VERDICT_KINDS: readonly ColumnKind[] = [
  'uint32',
  'int64',
  'uint8',
  'float64',
  'float64',
  'float64',
  'float64',
  'float64',
  'uint8',
  'int64',
];
/** Keys in one DELETE: more makes the statement slow to parse. */
const ANOMALY_KEYS_MAX = 1000;

/** Writes commit groups, one transaction with one fsync each. Not for concurrent calls. */
export class DuckDbWriter {
  readonly connection: DuckDBConnection;
  readonly #samples: TableAppender;
  readonly #verdicts: TableAppender;
  readonly #series: DuckDBAppender;
  readonly #anomalies: DuckDBAppender;
  /** Made when first needed: most starts are over before there is a model. */
  #models: DuckDbModelWriter | undefined;
  #newestAnomalyMs: number;
  #committedSeq: number;

  private constructor(
    connection: DuckDBConnection,
    appenders: {
      samples: TableAppender;
      verdicts: TableAppender;
      series: DuckDBAppender;
      anomalies: DuckDBAppender;
    },
    state: { newestAnomalyMs: number; committedSeq: number },
  ) {
    this.connection = connection;
    this.#samples = appenders.samples;
    this.#verdicts = appenders.verdicts;
    this.#series = appenders.series;
    this.#anomalies = appenders.anomalies;
    this.#newestAnomalyMs = state.newestAnomalyMs;
    this.#committedSeq = state.committedSeq;
  }

  static async create(connection: DuckDBConnection): Promise<DuckDbWriter> {
    return new DuckDbWriter(
      connection,
      {
        samples: await TableAppender.create(connection, 'samples_hot', SAMPLE_KINDS),
        verdicts: await TableAppender.create(connection, 'verdicts_hot', VERDICT_KINDS),
        series: await connection.createAppender('series', 'seismo_store'),
        anomalies: await connection.createAppender('anomalies', 'seismo_store'),
      },
      {
        newestAnomalyMs: await oneNumber(
          connection,
          'SELECT coalesce(max(time_ms), -9e15)::DOUBLE FROM seismo_store.anomalies',
        ),
        committedSeq: await oneNumber(
          connection,
          `SELECT greatest((SELECT coalesce(max(seq), 0) FROM seismo_store.samples_hot),
             (SELECT value FROM seismo_store.meta WHERE name = 'compacted_seq'))::DOUBLE`,
        ),
      },
    );
  }

  /** Number of the newest append call that is durable. */
  get committedSeq(): number {
    return this.#committedSeq;
  }

  /** Gives `committedSeq` as it is then; the group's verdicts are as of it. */
  async commit(group: CommitGroup): Promise<number> {
    const seq = group.seqs.at(-1) ?? this.#committedSeq;
    await this.#asOne(async () => {
      this.#appendSeries(group.newSeries);
      this.#appendSamples(group);
      this.#appendVerdicts(group.verdicts, seq);
      await this.#writeAnomalies(group.anomalies);
    });
    this.#committedSeq = seq;
    return seq;
  }

  /** A stretch of judged minutes with what was found in it. */
  async writeMinutes(findings: MinuteFindings, stretch: Stretch): Promise<void> {
    await this.#withModels(async (models) => {
      await models.writeMinutes(findings, stretch);
      await this.#writeAnomalies(findings.anomalies);
    });
  }

  noteWatermark(watermark: Watermark): Promise<void> {
    return this.#withModels((models) => models.noteWatermark(watermark));
  }

  writeModels(trained: readonly TrainedModel[]): Promise<void> {
    return this.#withModels((models) => models.writeModels(trained));
  }

  removeModels(ids: readonly number[]): Promise<void> {
    return this.#withModels((models) => models.removeModels(ids));
  }

  async #withModels(work: (models: DuckDbModelWriter) => Promise<void>): Promise<void> {
    const models = this.#models ?? (await DuckDbModelWriter.create(this.connection));
    this.#models = models;
    await this.#asOne(() => work(models));
  }

  async #asOne(work: () => Promise<void>): Promise<void> {
    try {
      await inTransaction(this.connection, work);
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  close(): void {
    this.#models?.close();
    this.#samples.close();
    this.#verdicts.close();
    this.#series.closeSync();
    this.#anomalies.closeSync();
    this.connection.closeSync();
  }

  /** Throws away rows that did not reach their tables. */
  #abandon(): void {
    try {
      this.#models?.clear();
      for (const appender of [this.#samples, this.#verdicts, this.#series, this.#anomalies]) appender.clear();
    } catch {
      // The instance is gone: the caller opens it again, with new appenders.
    }
  }

  #appendSeries(series: readonly Series[]): void {
    if (series.length === 0) return;
    for (const { id, key, name, labels } of series) {
      this.#series.appendUInteger(id);
      this.#series.appendVarchar(key);
      this.#series.appendVarchar(name);
      this.#series.appendVarchar(JSON.stringify(labels));
      this.#series.endRow();
    }
    this.#series.flushSync();
  }

  #appendSamples(group: CommitGroup): void {
    const rowCount = group.seriesIds.length;
    if (rowCount === 0) return;
    const seqs = new Float64Array(rowCount);
    let at = 0;
    for (let i = 0; i < group.seqs.length; i++) {
      seqs.fill(group.seqs[i]!, at, at + group.counts[i]!);
      at += group.counts[i]!;
    }
    this.#samples.append([group.seriesIds, group.timesMs, group.values, seqs], rowCount);
    this.#samples.flush();
  }

  #appendVerdicts(v: VerdictBatch, seq: number): void {
    const rowCount = v.seriesIds.length;
    if (rowCount === 0) return;
    const seqs = new Float64Array(rowCount).fill(seq);
    this.#verdicts.append(
      [
        v.seriesIds,
        v.timesMs,
        v.states,
        v.expected,
        v.lower,
        v.upper,
        v.probability,
        v.score,
        v.alarms,
        seqs,
      ],
      rowCount,
    );
    this.#verdicts.flush();
  }

  /** An anomaly is known by series, time and detector: a replay that writes one again replaces it. */
  async #writeAnomalies(given: readonly Anomaly[]): Promise<void> {
    if (given.length === 0) return;
    const byKey = new Map(given.map((one) => [`${one.seriesId} ${one.timeMs} ${one.detector}`, one]));
    const anomalies = [...byKey.values()];
    const known = anomalies.filter((one) => one.timeMs <= this.#newestAnomalyMs);
    for (const [detector, ofDetector] of groupByDetector(known)) {
      for (let start = 0; start < ofDetector.length; start += ANOMALY_KEYS_MAX) {
        await this.#deleteAnomalies(detector, ofDetector.slice(start, start + ANOMALY_KEYS_MAX));
      }
    }
    for (const one of anomalies) this.#appendAnomaly(one);
    this.#anomalies.flushSync();
  }

  async #deleteAnomalies(detector: string, anomalies: readonly Anomaly[]): Promise<void> {
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = Number.NEGATIVE_INFINITY;
    for (const { timeMs } of anomalies) {
      firstMs = Math.min(firstMs, timeMs);
      lastMs = Math.max(lastMs, timeMs);
    }
    const keys = anomalies.map((one) => `(${Number(one.seriesId)},${Number(one.timeMs)})`).join(',');
    await this.connection.run(
      `DELETE FROM seismo_store.anomalies WHERE time_ms BETWEEN ${firstMs} AND ${lastMs} AND detector = $1
         AND (series_id, time_ms) IN (VALUES ${keys})`,
      [detector],
    );
  }

  #appendAnomaly(one: Anomaly): void {
    const to = this.#anomalies;
    to.appendUInteger(one.seriesId);
    to.appendBigInt(BigInt(one.timeMs));
    to.appendDouble(one.value);
    to.appendDouble(one.expected);
    to.appendDouble(one.lower);
    to.appendDouble(one.upper);
    to.appendDouble(one.probability);
    to.appendDouble(one.score);
    to.appendUTinyInt(one.alarm ? 1 : 0);
    to.appendVarchar(one.detector);
    to.appendUTinyInt(one.review === undefined ? 0 : one.review === 'confirmed' ? 1 : 2);
    to.appendUTinyInt(componentCode(one.component));
    to.endRow();
    this.#newestAnomalyMs = Math.max(this.#newestAnomalyMs, one.timeMs);
  }
}

function groupByDetector(anomalies: readonly Anomaly[]): Map<string, Anomaly[]> {
  const groups = new Map<string, Anomaly[]>();
  for (const one of anomalies) {
    const group = groups.get(one.detector);
    if (group === undefined) groups.set(one.detector, [one]);
    else group.push(one);
  }
  return groups;
}
