import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArimaPool } from '@seismo/server/adapters/embedded/arima-pool';
import { SqlModelFiles } from '@seismo/server/adapters/embedded/sql-model-files';
import { MlModels } from '@seismo/server/bigquery/ml/ml-models';
import type { MlRows } from '@seismo/server/bigquery/ml/ml-rows';
import type { BigQueryType, MlFunction } from '@seismo/server/bigquery/sql/plan';
import { ThreadedCalendar } from '@seismo/server/cli/threaded-calendar';
import { expect } from 'vitest';

export const MINUTE_MS = 60_000;
/** 2026-01-05T00:00:00Z, a Monday. */
export const START_MS = Date.UTC(2026, 0, 5);
const NOW_MS = Date.UTC(2026, 6, 1);

/** Models in a folder of their own, on two threads. */
export class MlHarness {
  readonly threads = new ArimaPool({ threadsMax: 2 });
  readonly #calendar = new ThreadedCalendar();
  readonly unreadable: string[] = [];
  #folder = '';
  #models: SqlModelFiles | undefined;
  #ml: MlModels | undefined;

  async open(): Promise<this> {
    this.#folder = await mkdtemp(join(tmpdir(), 'seismo-ml-'));
    await this.reopen();
    return this;
  }

  /** As after a restart. */
  async reopen(): Promise<void> {
    const onUnreadable = (path: string, reason: string) => this.unreadable.push(`${path}: ${reason}`);
    this.#models = await SqlModelFiles.open({ dataFolder: this.#folder, onUnreadable });
    const clock = { nowMs: () => NOW_MS };
    this.#ml = new MlModels({
      models: this.#models,
      threads: this.threads,
      calendar: this.#calendar,
      clock,
    });
  }

  get ml(): MlModels {
    return this.#ml!;
  }

  get models(): SqlModelFiles {
    return this.#models!;
  }

  get folder(): string {
    return join(this.#folder, 'sql-models');
  }

  create(name: string, input: MlRows, options: Record<string, unknown> = {}, orReplace = false) {
    return this.ml.create({
      target: target(name),
      orReplace,
      options: {
        MODEL_TYPE: 'ARIMA_PLUS',
        TIME_SERIES_TIMESTAMP_COL: 'ts',
        TIME_SERIES_DATA_COL: 'value',
        ...options,
      },
      input,
    });
  }

  /** Runs a call; what it gives has the columns that were told before. */
  async call(fn: MlFunction, name: string, settings: Record<string, unknown> = {}, input?: MlRows) {
    const call = { function: fn, model: target(name), settings };
    const told = () => this.ml.columns(input === undefined ? call : { ...call, inputColumns: input.columns });
    const answer = await this.ml.call(call, input);
    expect(answer.rows.columns).toEqual(told());
    expect(answer.rows.values).toHaveLength(answer.rows.columns.length);
    for (const values of answer.rows.values) expect(values).toHaveLength(answer.rows.rowCount);
    // bq prints other letters as bytes.
    for (const { message } of answer.notes) expect(message).toMatch(/^[ -~]+$/);
    return answer;
  }

  async close(): Promise<void> {
    await this.threads.close();
    await this.#calendar.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function target(table: string) {
  return { projectId: 'test', dataset: 'ds', table };
}

/** By name: type and values. */
export function rows(
  columns: Record<string, readonly [BigQueryType, readonly unknown[] | Float64Array]>,
): MlRows {
  const entries = Object.entries(columns);
  return {
    columns: entries.map(([name, [type]]) => ({ name, type })),
    values: entries.map(([, [, values]]) => values),
    rowCount: entries[0]![1][1].length,
  };
}

/** Rows as objects, the order of their fields that of the columns. */
export function records({ columns, values, rowCount }: MlRows): Record<string, unknown>[] {
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(columns.map(({ name }, at) => [name, values[at]![row]])),
  );
}

export const micros = (timeMs: number) => BigInt(timeMs) * 1000n;

/** A daily season, noise that is the same for the same seed, and a spike now and then. */
export function madeValues(count: number, { seed = 1, stepMs = MINUTE_MS, level = 10 } = {}): number[] {
  let state = seed * 7919;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return Array.from({ length: count }, (_, at) => {
    const season = 3 * Math.sin((2 * Math.PI * at * stepMs) / 86_400_000);
    return level + season + random() + (at % 211 === 100 ? 9 : 0);
  });
}

export function madeSeries(count: number, options: { seed?: number; stepMs?: number; level?: number } = {}) {
  const { stepMs = MINUTE_MS } = options;
  const timesMs = Array.from({ length: count }, (_, at) => START_MS + at * stepMs);
  return { timesMs, values: madeValues(count, options) };
}

/** As a query would give them: `ts` TIMESTAMP, `value` FLOAT64. */
export function madeRows(
  count: number,
  options: { seed?: number; stepMs?: number; level?: number } = {},
): MlRows {
  const { timesMs, values } = madeSeries(count, options);
  return rows({ ts: ['TIMESTAMP', timesMs.map(micros)], value: ['FLOAT64', values] });
}
