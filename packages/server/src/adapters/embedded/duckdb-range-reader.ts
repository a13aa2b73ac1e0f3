import type { DuckDBConnection } from '@duckdb/node-api';
import { VERDICT_STATES } from '@seismo/engine/streaming';
import { MINUTE_DETECTOR } from '../../model/verdict.js';
import type { SampleColumns } from '../../ports/sample-store.js';
import { type Column, type ColumnKind, readColumns } from './duckdb-columns.js';

/** Whole milliseconds, both ends included. */
export interface SeriesRange {
  readonly series: number;
  readonly from: number;
  readonly to: number;
}

const UNKNOWN = VERDICT_STATES.indexOf('unknown');
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');
const SAMPLE_KINDS = ['float64', 'float64'] as const;
const VERDICT_KINDS = ['float64', 'uint8', 'float64', 'float64', 'float64', 'float64', 'uint8'] as const;
const VERDICT_COLUMNS = 'time_ms::DOUBLE, state, expected, lower, upper, probability, alarm';

/**
 * One series' samples in a range with their verdicts, none left out; undefined when there are more than
 * `rowsMax`. Five plain statements and a merge here: one statement for all of it takes DuckDB three times as
 * long, most of that in planning.
 */
export async function readRange(
  connection: DuckDBConnection,
  range: SeriesRange,
  rowsMax: number,
): Promise<SampleColumns | undefined> {
  const where = `WHERE series_id = ${range.series} AND time_ms BETWEEN ${range.from} AND ${range.to}`;
  const read = <Kinds extends readonly Exclude<ColumnKind, 'int64'>[]>(sql: string, kinds: Kinds) =>
    readColumns(connection, sql, [], kinds);
  const readSamples = (table: string) =>
    read(
      `SELECT time_ms::DOUBLE, value FROM seismo_store.${table} ${where} LIMIT ${rowsMax + 1}`,
      SAMPLE_KINDS,
    );
  const cold = await readSamples('samples_cold');
  if (cold[0]!.length > rowsMax) return undefined;
  // Later parts win over earlier ones, and within the hot tables later rows do.
  const samples = join(SAMPLE_KINDS, [cold, await readSamples('samples_hot')]);
  if (samples[0]!.length > rowsMax) return undefined;
  const verdicts = join(VERDICT_KINDS, [
    // Where verdicts are past their retention, the anomalies still stand for them.
    await read(
      `SELECT time_ms::DOUBLE, ${ANOMALOUS}::UTINYINT, expected, lower, upper, probability, alarm
       FROM seismo_store.anomalies ${where} AND detector <> '${MINUTE_DETECTOR}' ORDER BY probability`,
      VERDICT_KINDS,
    ),
    await read(`SELECT ${VERDICT_COLUMNS} FROM seismo_store.verdicts_cold ${where}`, VERDICT_KINDS),
    await read(`SELECT ${VERDICT_COLUMNS} FROM seismo_store.verdicts_hot ${where}`, VERDICT_KINDS),
  ]);
  return merge(samples, verdicts);
}

/** The parts one after the other, column by column. */
function join(kinds: readonly ColumnKind[], parts: readonly Column[][]): Column[] {
  const rows = parts.reduce((sum, part) => sum + part[0]!.length, 0);
  return kinds.map((kind, index) => {
    const joined = kind === 'uint8' ? new Uint8Array(rows) : new Float64Array(rows);
    let at = 0;
    for (const part of parts) {
      joined.set(part[index]!, at);
      at += part[index]!.length;
    }
    return joined;
  });
}

/** The rows to keep: the last one of each time, by ascending time. */
function lastWrites(timesMs: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(timesMs.length);
  let ascending = true;
  for (let row = 0; row < order.length; row++) {
    order[row] = row;
    if (row > 0 && timesMs[row]! <= timesMs[row - 1]!) ascending = false;
  }
  if (ascending) return order;
  order.sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  let kept = 0;
  for (let i = 0; i < order.length; i++) {
    const isLast = i + 1 === order.length || timesMs[order[i + 1]!] !== timesMs[order[i]!];
    if (isLast) order[kept++] = order[i]!;
  }
  return order.subarray(0, kept);
}

function merge(samples: readonly Column[], verdicts: readonly Column[]): SampleColumns {
  const [sampleTimes, sampleValues] = samples as [Column, Column];
  const [verdictTimes, states, expected, lower, upper, probability, alarms] = verdicts as Column[];
  const sampleRows = lastWrites(sampleTimes);
  const verdictRows = lastWrites(verdictTimes!);
  const rows = sampleRows.length;
  const none = () => new Float64Array(rows).fill(Number.NaN);
  const merged = {
    timesMs: new Float64Array(rows),
    values: new Float64Array(rows),
    states: new Uint8Array(rows).fill(UNKNOWN),
    expected: none(),
    lower: none(),
    upper: none(),
    probability: none(),
    alarms: new Uint8Array(rows),
    total: rows,
    downsampled: false,
  };
  let next = 0;
  for (let row = 0; row < rows; row++) {
    const timeMs = sampleTimes[sampleRows[row]!]!;
    merged.timesMs[row] = timeMs;
    merged.values[row] = sampleValues[sampleRows[row]!]!;
    while (next < verdictRows.length && verdictTimes![verdictRows[next]!]! < timeMs) next++;
    if (next === verdictRows.length) continue;
    const from = verdictRows[next]!;
    if (verdictTimes![from] !== timeMs) continue;
    merged.states[row] = states![from]!;
    merged.expected[row] = expected![from]!;
    merged.lower[row] = lower![from]!;
    merged.upper[row] = upper![from]!;
    merged.probability[row] = probability![from]!;
    merged.alarms[row] = alarms![from]!;
  }
  return merged;
}
