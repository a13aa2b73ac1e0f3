import type { DuckDBConnection } from '@duckdb/node-api';
import { VERDICT_STATES } from '@seismo/engine/streaming';
import { MINUTE_DETECTOR } from '../../model/verdict.js';
import type { SampleColumns } from '../../ports/sample-store.js';
import { type Column, type ColumnKind, readColumns, readColumnsWhile } from './duckdb-columns.js';
import { type HotRows, RANGE_COLUMNS, type RangeTable, type SeriesRange } from './hot-rows.js';

const UNKNOWN = VERDICT_STATES.indexOf('unknown');
const ANOMALOUS = VERDICT_STATES.indexOf('anomalous');
/** Work on a connection once that is free. */
export type OnConnection = <Result>(
  work: (connection: DuckDBConnection) => Promise<Result>,
) => Promise<Result>;

/** What is read from: two connections, so that both tables can be read at once, and the hot rows in memory. */
export interface RangeSources {
  readonly forSamples: OnConnection;
  readonly forVerdicts: OnConnection;
  readonly hot: HotRows;
}

/**
 * One series' samples in a range with their verdicts, none left out; undefined when there are more than
 * `rowsMax`. Plain statements and a merge here: one statement for all of it takes DuckDB three times as long, most
 * of that in planning. Samples and verdicts are read on two connections at the same time, which halves the wait: each
 * finds what was written before the call, so a sample that comes meanwhile may lack its verdict, as any new one does.
 */
export async function readRange(
  sources: RangeSources,
  range: SeriesRange,
  rowsMax: number,
): Promise<SampleColumns | undefined> {
  let tooMany = false;
  const [samples, verdicts] = await both(
    sources.forSamples(async (connection) => {
      const found = await readTable(connection, sources.hot, 'samples', range, (rows) => rows <= rowsMax);
      tooMany = found === undefined || hasMoreTimes(found[0]!, rowsMax);
      return found;
    }),
    sources.forVerdicts((connection) =>
      readTable(connection, sources.hot, 'verdicts', range, () => !tooMany),
    ),
  );
  if (tooMany || samples === undefined || verdicts === undefined) return undefined;
  // Later parts win over earlier ones, and so do later rows.
  const merged = merge(samples, verdicts);
  if (!merged.states.includes(UNKNOWN)) return merged;
  const anomalies = await sources.forSamples((connection) => readAnomalies(connection, range));
  if (anomalies[0]!.length === 0) return merged;
  return merge(samples, join(RANGE_COLUMNS.verdicts.kinds, [anomalies, verdicts]));
}

/** Waits for both also where one fails: nothing goes on behind the caller's back. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

function inRange({ series, from, to }: SeriesRange): string {
  return `WHERE series_id = ${series} AND time_ms BETWEEN ${from} AND ${to}`;
}

/**
 * The cold rows, then the hot ones; undefined where reading did not go on. The hot ones are read first: what
 * compaction moves in between is then found twice, and not missed. Only the cold ones are streamed: many may match, but
 * as a stream the hot ones take three times as long.
 */
async function readTable(
  connection: DuckDBConnection,
  hotRows: HotRows,
  table: RangeTable,
  range: SeriesRange,
  goesOn: (rows: number) => boolean,
): Promise<Column[] | undefined> {
  if (!goesOn(0)) return undefined;
  const { sql, kinds } = RANGE_COLUMNS[table];
  const select = (from: string) => `SELECT ${sql} FROM seismo_store.${from} ${inRange(range)}`;
  const hot =
    hotRows.find(table, range) ?? (await readColumns(connection, select(`${table}_hot`), [], kinds));
  return readColumnsWhile(connection, select(`${table}_cold`), kinds, hot, goesOn);
}

function hasMoreTimes(timesMs: Column, rowsMax: number): boolean {
  return timesMs.length > rowsMax && lastWrites(timesMs).length > rowsMax;
}

/** Where verdicts are past their retention, the anomalies still stand for them: the likeliest of each time. */
function readAnomalies(connection: DuckDBConnection, range: SeriesRange): Promise<Column[]> {
  return readColumns(
    connection,
    `SELECT time_ms::DOUBLE, ${ANOMALOUS}::UTINYINT, expected, lower, upper, probability, alarm
     FROM seismo_store.anomalies ${inRange(range)} AND detector <> '${MINUTE_DETECTOR}' ORDER BY probability`,
    [],
    RANGE_COLUMNS.verdicts.kinds,
  );
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
