import { SqlEngineError, type SqlSession } from '../../ports/sql-engine.js';
import type { TableName } from '../sql/plan.js';

/**
 * How `metrics_table` is read. A FULL JOIN of all samples of `latency` and `cpu` takes most of a query's time and more
 * memory than there is. Compacted samples lie sorted by series and time: where both series have the same times, the
 * nth row of the one belongs to the nth of the other. Such a stretch of time is looked for before a query and read row
 * by row; all around it is joined.
 */
export interface PairedStretch {
  readonly latencyId: number;
  readonly cpuId: number;
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
}

const ROWS_MIN = 200_000;
const SLICE_MS = 3_600_000;
const NO_TIME_MS = 9e15;

// Of a connection; where they are not set, all rows are joined.
const FROM = "coalesce(getvariable('paired_from_ms'), 0)";
const TO = "coalesce(getvariable('paired_to_ms'), 0)";

const compacted = (id: string, from: string | number, to: string | number) =>
  `SELECT time_ms, value FROM seismo_store.samples_cold WHERE series_id = ${id} AND time_ms >= ${from} AND time_ms < ${to}`;
const paired = (series: string) => compacted(`getvariable('paired_${series}')`, FROM, TO);
const around = (series: string) => `SELECT time_ms, value FROM seismo_store.samples m
  JOIN seismo_store.series s ON s.id = m.series_id WHERE s.key = '${series}' AND (time_ms < ${FROM} OR time_ms >= ${TO})`;

/** The rows of `metrics_table`, as a relation. */
export const METRICS_TABLE_ROWS = `(
  SELECT time_ms // 1000 AS timestamp, latency, try_cast(round(cpu) AS BIGINT) AS cpu FROM (
    SELECT l.time_ms, l.value AS latency, c.value AS cpu
    FROM (${paired('latency')}) l POSITIONAL JOIN (${paired('cpu')}) c
    UNION ALL SELECT time_ms, l.value, c.value
    FROM (${around('latency')}) l FULL JOIN (${around('cpu')}) c USING (time_ms)))`;

export function readsMetricsTable(tables: readonly TableName[]): boolean {
  return tables.some(({ dataset, table }) => dataset === 'metrics_dataset' && table === 'metrics_table');
}

/**
 * Does the work in the transaction in which the stretch was found, so that it holds for what is read. Looking for it
 * takes some milliseconds: not worth it where fewer rows than `rowsMin` are compacted. What finds no memory in the
 * transaction is done once more outside of it, where the store tries it again without compaction beside it.
 */
export async function withPairs<Result>(
  session: SqlSession,
  work: () => Promise<Result>,
  rowsMin = ROWS_MIN,
): Promise<Result> {
  const [row] = await session.rows('SELECT count(*)::DOUBLE FROM seismo_store.samples_cold');
  if ((row![0] as number) < rowsMin) return work();
  try {
    return await inStretch(session, work);
  } catch (error) {
    if (!(error instanceof SqlEngineError && error.kind === 'memory')) throw error;
    return work();
  }
}

async function inStretch<Result>(session: SqlSession, work: () => Promise<Result>): Promise<Result> {
  await session.run('BEGIN');
  try {
    const stretch = await findStretch(session);
    if (stretch !== undefined) await setStretch(session, stretch);
    const result = await work();
    await session.run('COMMIT');
    return result;
  } catch (error) {
    await session.run('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    // Of a connection that was ended nothing is read any more.
    await setStretch(session, { latencyId: 0, cpuId: 0, fromMs: 0, toMs: 0 }).catch(() => {});
  }
}

async function setStretch(
  session: SqlSession,
  { latencyId, cpuId, fromMs, toMs }: PairedStretch,
): Promise<void> {
  const values = { latency: latencyId, cpu: cpuId, from_ms: fromMs, to_ms: toMs };
  for (const [name, value] of Object.entries(values)) {
    await session.run(`SET VARIABLE paired_${name} = ${value}::BIGINT`);
  }
}

/** The stretch with the most rows, all of them compacted; undefined where there is none. */
async function findStretch(session: SqlSession): Promise<PairedStretch | undefined> {
  const [found] = await session.rows(
    `SELECT l.id::DOUBLE, c.id::DOUBLE,
       (SELECT min(time_ms)::DOUBLE FROM seismo_store.samples_hot WHERE series_id IN (l.id, c.id))
     FROM seismo_store.series l, seismo_store.series c WHERE l.key = 'latency' AND c.key = 'cpu'`,
  );
  if (found === undefined) return undefined;
  const [latencyId, cpuId, hotMs] = found as [number, number, number | null];
  const all = { latencyId, cpuId, fromMs: -NO_TIME_MS, toMs: hotMs ?? NO_TIME_MS };
  if (
    !(await hasCompacted(session, { ...all, fromMs: all.toMs, toMs: NO_TIME_MS })) &&
    (await isPaired(session, all))
  )
    return all;
  const longest = longestStretch(await slices(session, all));
  const stretch = longest && { ...all, ...longest };
  return stretch !== undefined && (await isPaired(session, stretch)) ? stretch : undefined;
}

async function hasCompacted(session: SqlSession, stretch: PairedStretch): Promise<boolean> {
  const { latencyId, cpuId, fromMs, toMs } = stretch;
  const [row] = await session.rows(
    `SELECT count(*)::DOUBLE FROM (FROM seismo_store.samples_cold
       WHERE series_id IN (${latencyId}, ${cpuId}) AND time_ms >= ${fromMs} AND time_ms < ${toMs} LIMIT 1)`,
  );
  return row![0] !== 0;
}

/** Where one series has fewer rows, its times are NULL at the end. */
async function isPaired(session: SqlSession, stretch: PairedStretch): Promise<boolean> {
  const { latencyId, cpuId, fromMs, toMs } = stretch;
  const [row] = await session.rows(
    `SELECT count(*)::DOUBLE FROM (${compacted(`${latencyId}`, fromMs, toMs)}) l
       POSITIONAL JOIN (${compacted(`${cpuId}`, fromMs, toMs)}) c WHERE l.time_ms IS DISTINCT FROM c.time_ms`,
  );
  return row![0] === 0;
}

/** An hour with samples. */
export interface Slice {
  readonly slice: number;
  readonly rows: number;
  /** As many of either series, all of them compacted. */
  readonly isEven: boolean;
}

async function slices(session: SqlSession, { latencyId, cpuId }: PairedStretch): Promise<Slice[]> {
  const ofBoth = `WHERE series_id IN (${latencyId}, ${cpuId})`;
  const found = await session.rows(
    `SELECT slice::DOUBLE, count(*)::DOUBLE,
       count(*) FILTER (hot) = 0 AND count(*) = 2 * count(*) FILTER (series_id = ${cpuId})
     FROM (SELECT series_id, time_ms // ${SLICE_MS} AS slice, false AS hot FROM seismo_store.samples_cold ${ofBoth}
       UNION ALL SELECT series_id, time_ms // ${SLICE_MS}, true FROM seismo_store.samples_hot ${ofBoth})
     GROUP BY slice ORDER BY slice`,
  );
  return found.map(([slice, rows, isEven]) => ({ slice, rows, isEven }) as Slice);
}

/** Of even slices that follow each other, those with the most rows together. */
export function longestStretch(
  inOrder: readonly Slice[],
): Pick<PairedStretch, 'fromMs' | 'toMs'> | undefined {
  let longest = { first: 0, last: 0, rows: 0 };
  let current = longest;
  for (const { slice, rows, isEven } of inOrder) {
    if (!isEven) current = { first: 0, last: 0, rows: 0 };
    else {
      const first = current.rows === 0 ? slice : current.first;
      current = { first, last: slice, rows: current.rows + rows };
    }
    if (current.rows > longest.rows) longest = current;
  }
  if (longest.rows === 0) return undefined;
  return { fromMs: longest.first * SLICE_MS, toMs: (longest.last + 1) * SLICE_MS };
}
