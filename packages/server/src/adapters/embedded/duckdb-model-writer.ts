import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { MINUTE_DETECTOR } from '../../model/verdict.js';
import { type ColumnKind, TableAppender } from './duckdb-columns.js';
import type { Stretch, Watermark } from './duckdb-minutes.js';
import { type ForecastColumns, MODEL_COLUMNS, type ModelRow } from './duckdb-models.js';
import type { JudgedMinutes, MinuteFindings } from './judge-minutes.js';

const LIMIT_KINDS: readonly ColumnKind[] = ['float64', 'float64'];
const MINUTE_KINDS: readonly ColumnKind[] = [
  ...(['uint32', 'int64', 'float64', 'float64', 'float64', 'uint8'] as const),
  ...LIMIT_KINDS,
];
const FORECAST_KINDS: readonly ColumnKind[] = ['uint32', 'int64', 'float64', 'float64', ...LIMIT_KINDS];
/** Keys in one statement: more makes it slow to parse. */
const KEYS_MAX = 1000;

/** What one training leaves. Without a forecast, that of the training before goes on. */
export interface TrainedModel {
  readonly row: ModelRow;
  readonly forecast?: ForecastColumns;
}

/** Writes models, forecasts and judged minutes, inside the transactions of the one writing connection. */
export class DuckDbModelWriter {
  readonly #connection: DuckDBConnection;
  readonly #minutes: TableAppender;
  readonly #forecasts: TableAppender;

  private constructor(connection: DuckDBConnection, minutes: TableAppender, forecasts: TableAppender) {
    this.#connection = connection;
    this.#minutes = minutes;
    this.#forecasts = forecasts;
  }

  static async create(connection: DuckDBConnection): Promise<DuckDbModelWriter> {
    return new DuckDbModelWriter(
      connection,
      await TableAppender.create(connection, 'minutes', MINUTE_KINDS),
      await TableAppender.create(connection, 'forecasts', FORECAST_KINDS),
    );
  }

  clear(): void {
    this.#minutes.clear();
    this.#forecasts.clear();
  }

  close(): void {
    this.#minutes.close();
    this.#forecasts.close();
  }

  /** All that a stretch of minutes gave, but for its anomalies. */
  async writeMinutes({ judged, withdrawn }: MinuteFindings, { late, last }: Stretch): Promise<void> {
    if (late) await this.#deleteMinutes(judged);
    const { seriesIds, timesMs, values, expected, deviations, states, lowerLimits, upperLimits } = judged;
    this.#minutes.append(
      [seriesIds, timesMs, values, expected, deviations, states, lowerLimits, upperLimits],
      timesMs.length,
    );
    this.#minutes.flush();
    for (const keys of inPieces(withdrawn.map(({ seriesId, timeMs }) => keyOf(seriesId, timeMs)))) {
      await this.#connection.run(
        `UPDATE seismo_store.anomalies SET review = 2 WHERE detector = '${MINUTE_DETECTOR}'
           AND (series_id, time_ms) IN (VALUES ${keys})`,
      );
    }
    if (last !== undefined) await this.noteWatermark(last);
  }

  async noteWatermark({ closedMs, seq }: Watermark): Promise<void> {
    await this.#connection.run(
      `UPDATE seismo_store.meta SET value = CASE name WHEN 'minutes_seq' THEN ${seq} ELSE ${closedMs} END
       WHERE name IN ('minutes_seq', 'minutes_closed_ms')`,
    );
  }

  async writeModels(models: readonly TrainedModel[]): Promise<void> {
    await this.#delete('models', idsOf(models));
    await this.#delete('forecasts', idsOf(models.filter(({ forecast }) => forecast !== undefined)));
    for (const { row, forecast } of models) {
      const places = MODEL_COLUMNS.map((_, at) => `$${at + 1}`).join(', ');
      await this.#connection.run(`INSERT INTO seismo_store.models VALUES (${places})`, valuesOf(row));
      if (forecast === undefined) continue;
      const rows = forecast.timesMs.length;
      const ids = new Uint32Array(rows).fill(row.seriesId);
      const [lower, upper] = [forecast.lowerLimit, forecast.upperLimit].map((limit) =>
        new Float64Array(rows).fill(limit),
      );
      this.#forecasts.append(
        [ids, forecast.timesMs, forecast.expected, forecast.deviations, lower!, upper!],
        rows,
      );
    }
    this.#forecasts.flush();
  }

  async removeModels(ids: readonly number[]): Promise<void> {
    await this.#delete('models', ids);
    await this.#delete('forecasts', ids);
  }

  async #delete(table: string, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const list = ids.map((id) => id >>> 0).join(',');
    await this.#connection.run(`DELETE FROM seismo_store.${table} WHERE series_id IN (${list})`);
  }

  async #deleteMinutes({ seriesIds, timesMs }: JudgedMinutes): Promise<void> {
    const keys = Array.from(timesMs, (timeMs, row) => keyOf(seriesIds[row]!, timeMs));
    for (const piece of inPieces(keys)) {
      await this.#connection.run(
        `DELETE FROM seismo_store.minutes WHERE (series_id, time_ms) IN (VALUES ${piece})`,
      );
    }
  }
}

function keyOf(seriesId: number, timeMs: number): string {
  return `(${Number(seriesId)},${Number(timeMs)})`;
}

function* inPieces(keys: readonly string[]): Iterable<string> {
  for (let from = 0; from < keys.length; from += KEYS_MAX) yield keys.slice(from, from + KEYS_MAX).join(',');
}

function idsOf(models: readonly TrainedModel[]): number[] {
  return models.map(({ row }) => row.seriesId);
}

function valuesOf(row: ModelRow): DuckDBValue[] {
  const time = (timeMs: number) => (Number.isNaN(timeMs) ? null : BigInt(Math.round(timeMs)));
  return [
    row.seriesId,
    row.options,
    row.error,
    time(row.triedMs),
    time(row.trainedMs),
    time(row.historyFromMs),
    time(row.historyToMs),
    time(row.horizonEndMs),
    row.seconds,
    row.facts,
  ];
}
