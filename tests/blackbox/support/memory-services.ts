import type { Verdict, VerdictState } from '@seismo/engine';
import { VERDICT_STATES } from '@seismo/engine';
import { CONFIG_DEFAULTS, type Config } from '@seismo/server/config';
import { AppError, type ErrorCode } from '@seismo/server/errors';
import { silentLogger } from '@seismo/server/logger';
import { type Series, seriesKey } from '@seismo/server/model/series';
import { SeriesRegistry } from '@seismo/server/model/series-registry';
import { type Anomaly, componentCode, type VerdictBatch } from '@seismo/server/model/verdict';
import type { Detection, JudgedCommit, SeriesNow } from '@seismo/server/ports/detection';
import type { Ingest, IngestResult, Rejection } from '@seismo/server/ports/ingest';
import type {
  AnomalyPosition,
  AnomalyQuery,
  SampleColumns,
  SampleStore,
} from '@seismo/server/ports/sample-store';
import { createSelfMetrics, type SelfMetrics } from '@seismo/server/self-metrics';
import { createHttpServer, type HttpServices } from '@seismo/server/serve/http-server';

/** One sample to be judged as the test says. */
export interface Row {
  series: string;
  timeMs: number;
  value: number;
  state?: VerdictState;
  alarm?: boolean;
}

/**
 * The server's ports in memory, steered by the test: what cannot be provoked with the real ones (a full queue,
 * a slow commit, a given verdict) is said here.
 */
function memoryServices(config: Partial<Config> = {}, nowMs = Date.now()) {
  const registry = new SeriesRegistry();
  const metrics = createSelfMetrics();
  const anomalies: Anomaly[] = [];
  const listeners: ((judged: JudgedCommit) => void)[] = [];
  const newest = new Map<number, SeriesNow>();
  const steering: Steering = {
    nowMs,
    ready: true,
    failWith: undefined,
    rejectAll: undefined,
    holdUntil: undefined,
    received: [],
    seq: 0,
  };
  const idOf = (name: string, labels: Record<string, string> = {}) => {
    const key = seriesKey(name, labels);
    return (registry.byKey(key) ?? registry.add(key, name, labels)).id;
  };

  const judge = (rows: readonly Row[]): JudgedCommit => {
    const judged = judgedCommit(++steering.seq, rows, (key) => registry.byKey(key)?.id ?? idOf(key));
    rows.forEach((row, i) => {
      const seriesId = judged.commit.batch.seriesIds[i]!;
      newest.set(seriesId, { timeMs: row.timeMs, value: row.value, verdict: verdictOf(row), periodMs: 1000 });
    });
    anomalies.push(...judged.anomalies);
    for (const listener of listeners) listener(judged);
    return judged;
  };

  const ingest = steeredIngest(steering, metrics, (items) => acceptAll(items, idOf, judge, registry));
  const detection: Detection = {
    status: () => ({
      detector: 'steered',
      caughtUp: true,
      judgedSeq: steering.seq,
      checkpointSeq: 0,
      seriesWithState: newest.size,
      stateBytes: newest.size * 100,
    }),
    now: (seriesId) => newest.get(seriesId),
    onJudged: (listener) => void listeners.push(listener),
  };
  const services: HttpServices = {
    config: { ...CONFIG_DEFAULTS, port: 0, ...config },
    clock: { nowMs: () => steering.nowMs },
    metrics,
    log: silentLogger,
    registry,
    store: memoryStore(anomalies, registry, newest),
    ingest,
    detection,
    readiness: () => (steering.ready ? { ready: true } : { ready: false, reason: 'the disk is full' }),
    version: '0.0.0-test',
  };
  return { services, steering, idOf, judge, anomalies, registry };
}

interface Steering {
  nowMs: number;
  ready: boolean;
  failWith: ErrorCode | undefined;
  rejectAll: Rejection[] | undefined;
  holdUntil: Promise<void> | undefined;
  received: unknown[];
  seq: number;
}

function steeredIngest(
  steering: Steering,
  metrics: SelfMetrics,
  accept: (items: unknown) => IngestResult,
): Ingest {
  return {
    refuse(code, message) {
      metrics.itemsRejected.inc({ code });
      return { accepted: 0, rejected: [{ index: 0, code, message }], rejectedCount: 1 };
    },
    async ingest(items): Promise<IngestResult> {
      steering.received.push(items);
      await steering.holdUntil;
      if (steering.failWith !== undefined) throw new AppError(steering.failWith, 'As the test wants it.');
      if (steering.rejectAll !== undefined) {
        return { accepted: 0, rejected: steering.rejectAll, rejectedCount: steering.rejectAll.length };
      }
      return accept(items);
    },
  };
}

/** As `memoryServices`, listening on a free port. */
export async function startMemoryServer(
  config: Partial<Config> = {},
  more: Partial<HttpServices> = {},
  nowMs?: number,
) {
  const memory = memoryServices(config, nowMs);
  const app = await createHttpServer({ ...memory.services, ...more });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { ...memory, app, url, close: () => app.close() };
}

function acceptAll(
  items: unknown,
  idOf: (name: string, labels?: Record<string, string>) => number,
  judge: (rows: Row[]) => JudgedCommit,
  registry: SeriesRegistry,
): IngestResult {
  const rows: Row[] = [];
  const rejected: Rejection[] = [];
  [items].flat().forEach((item, index) => {
    const { timestamp, labels, ...values } = item as Record<string, unknown>;
    const timeMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number(timestamp) * 1000;
    if (Number.isNaN(timeMs)) {
      rejected.push({
        index,
        field: 'timestamp',
        code: 'timestamp_missing',
        message: 'timestamp is missing.',
      });
      return;
    }
    for (const [name, value] of Object.entries(values)) {
      const id = idOf(name, labels as Record<string, string> | undefined);
      rows.push({ series: registry.byId(id)!.key, timeMs, value: Number(value) });
    }
  });
  if (rows.length > 0) judge(rows);
  return { accepted: rows.length, rejected, rejectedCount: rejected.length };
}

function verdictOf(row: Row): Verdict {
  const none = row.state === undefined || row.state === 'warming_up' || row.state === 'unknown';
  return {
    state: row.state ?? 'warming_up',
    expected: none ? Number.NaN : 10,
    lower: none ? Number.NaN : 8,
    upper: none ? Number.NaN : 12,
    probability: none ? Number.NaN : row.state === 'anomalous' ? 0.9999 : 0.5,
    score: none ? Number.NaN : 3,
    alarm: row.alarm ?? false,
    component: row.state === 'anomalous' ? 'time_of_day' : null,
    have: none ? 3 : 60,
    need: 60,
  };
}

function judgedCommit(seq: number, rows: readonly Row[], idOf: (key: string) => number): JudgedCommit {
  const seriesIds = Uint32Array.from(rows, (row) => idOf(row.series));
  const timesMs = Float64Array.from(rows, (row) => row.timeMs);
  const column = (pick: (verdict: Verdict) => number) =>
    Float64Array.from(rows, (row) => pick(verdictOf(row)));
  const verdicts: VerdictBatch = {
    seriesIds,
    timesMs,
    states: Uint8Array.from(rows, (row) => VERDICT_STATES.indexOf(verdictOf(row).state)),
    expected: column((verdict) => verdict.expected),
    lower: column((verdict) => verdict.lower),
    upper: column((verdict) => verdict.upper),
    probability: column((verdict) => verdict.probability),
    score: column((verdict) => verdict.score),
    alarms: Uint8Array.from(rows, (row) => Number(row.alarm ?? false)),
  };
  const found = rows.flatMap((row, i): Anomaly[] =>
    row.state === 'anomalous'
      ? [{ seriesId: seriesIds[i]!, ...row, ...verdictOf(row), detector: 'steered' }]
      : [],
  );
  const batch = { seriesIds, timesMs, values: Float64Array.from(rows, (row) => row.value) };
  const components = Uint8Array.from(rows, (row) => componentCode(verdictOf(row).component));
  return { commit: { seq, batch }, verdicts, components, anomalies: found };
}

function memoryStore(
  anomalies: readonly Anomaly[],
  registry: SeriesRegistry,
  newest: ReadonlyMap<number, SeriesNow>,
): SampleStore {
  const store: Partial<SampleStore> = {
    queryAnomalies: async (query) =>
      anomalies
        .map((one) => ({ ...one, series: registry.byId(one.seriesId)! }))
        .filter((one) => matches(one, one.series, query))
        .sort((a, b) => newestFirst({ ...a, series: a.series.key }, { ...b, series: b.series.key }))
        .slice(0, query.limit),
    readLatest: async () => [],
    querySamples: async ({ seriesId }) => columnsOf(newest.get(seriesId)),
    statistics: async () => ({
      committedSeq: 1,
      samples: newest.size,
      series: registry.size,
      anomalies: anomalies.length,
      uncompactedSamples: 0,
      bytesOnDisk: 4096,
      bytesFree: 1e9,
      queuedSamples: 0,
      full: false,
    }),
  };
  return store as SampleStore;
}

function matches(one: Anomaly, series: Series, query: AnomalyQuery): boolean {
  const { names, labels } = query.series ?? { names: [], labels: [] };
  return (
    (names.length === 0 || names.includes(series.key) || names.includes(series.name)) &&
    labels.every(([name, value]) => (series.labels[name] ?? '') === value) &&
    one.timeMs >= (query.fromMs ?? -Infinity) &&
    one.timeMs <= (query.toMs ?? Infinity) &&
    one.probability >= (query.minProbability ?? 0) &&
    (query.alarmsOnly !== true || one.alarm) &&
    one.detector === (query.detector ?? one.detector) &&
    (query.after === undefined || newestFirst(query.after, { ...one, series: series.key }) < 0)
  );
}

function newestFirst(a: AnomalyPosition, b: AnomalyPosition): number {
  return b.timeMs - a.timeMs || byText(a.series, b.series) || byText(a.detector, b.detector);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function columnsOf(now: SeriesNow | undefined): SampleColumns {
  const one = (value: number | undefined) => Float64Array.from(value === undefined ? [] : [value]);
  return {
    timesMs: one(now?.timeMs),
    values: one(now?.value),
    states: Uint8Array.from(now === undefined ? [] : [VERDICT_STATES.indexOf(now.verdict.state)]),
    expected: one(now?.verdict.expected),
    lower: one(now?.verdict.lower),
    upper: one(now?.verdict.upper),
    probability: one(now?.verdict.probability),
    alarms: Uint8Array.from(now === undefined ? [] : [0]),
    total: now === undefined ? 0 : 1,
    downsampled: false,
  };
}
