import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleBatch } from '@seismo/server/model/batch';
import { type Series, seriesKey } from '@seismo/server/model/series';
import type { Anomaly, VerdictBatch } from '@seismo/server/model/verdict';
import type {
  AnomalyReader,
  BatchOrigin,
  SampleReader,
  SampleStore,
  SampleWriter,
} from '@seismo/server/ports/sample-store';
import type { StateStore } from '@seismo/server/ports/state-store';

export interface OpenStore {
  readonly samples: SampleStore;
  readonly state: StateStore;
}

export interface StoreSettings {
  readonly queueRowsMax?: number;
  /** Small, so that a test can have its rows compacted. */
  readonly compactionRows?: number;
  /** Small too, so that what was compacted step by step is sorted together. */
  readonly runRows?: number;
  /** What the store believes to be free on the disk. */
  readonly freeBytes?: () => number;
  readonly diskReserveBytes?: number;
}

/** Makes stores of one implementation for a contract suite; `open` of the same place finds the same data. */
export interface StoreFactory {
  readonly name: string;
  open(place: string, settings: StoreSettings): Promise<OpenStore>;
}

/** The parts that exist on one machine and in the cloud alike, over the same empty data. */
export interface OpenParts {
  readonly writer: SampleWriter;
  readonly anomalies: AnomalyReader;
  /** Every sample of a series as it counts, by time. */
  samplesOf(seriesId: number): Promise<[timeMs: number, value: number][]>;
  /** Of a message that was published after all before. */
  nextOrigin(): BatchOrigin;
  /** Lets a detector have found these. */
  keepAnomalies(anomalies: readonly Anomaly[]): Promise<void>;
  clear(): Promise<void>;
}

export interface PartsFactory<Parts extends OpenParts = OpenParts> {
  readonly name: string;
  open(): Promise<Parts>;
}

export interface OpenWithReader extends OpenParts {
  readonly reader: SampleReader;
}

/** Series 0 … 9 without labels, from 10 on with one. */
export function lookup(id: number): Series {
  const name = id < 10 ? `metric_${id}` : 'requests';
  const labels: Record<string, string> = id < 10 ? {} : { host: `h${id}` };
  return { id, key: seriesKey(name, labels), name, labels };
}

/** Opens stores in a folder of their own and takes everything away at the end. */
export class StoreBench {
  readonly #factory: StoreFactory;
  readonly #open: OpenStore[] = [];
  #place: string | undefined;

  constructor(factory: StoreFactory) {
    this.#factory = factory;
  }

  async place(): Promise<string> {
    this.#place ??= await mkdtemp(join(tmpdir(), 'seismo-store-'));
    return this.#place;
  }

  async open(settings: StoreSettings = {}): Promise<OpenStore> {
    const store = await this.#factory.open(join(await this.place(), 'data'), settings);
    this.#open.push(store);
    return store;
  }

  async clear(): Promise<void> {
    for (const { samples } of this.#open) await samples.close();
    this.#open.length = 0;
    if (this.#place !== undefined) await rm(this.#place, { recursive: true, force: true });
    this.#place = undefined;
  }
}

/** A whole store, seen as its parts. */
export function partsOf(factory: StoreFactory): PartsFactory<OpenWithReader> {
  return {
    name: factory.name,
    async open() {
      const bench = new StoreBench(factory);
      const { samples } = await bench.open();
      let messages = 0;
      return {
        writer: samples,
        reader: samples,
        anomalies: samples,
        samplesOf: (seriesId) => allOf(samples, seriesId),
        nextOrigin: () => ({ messageId: String(++messages), publishedMs: messages }),
        keepAnomalies: (anomalies) => samples.appendFindings(NO_VERDICTS, anomalies),
        clear: () => bench.clear(),
      };
    },
  };
}

export type Row = readonly [seriesId: number, timeMs: number, value: number];

export function batchOf(...rows: Row[]): SampleBatch {
  return {
    seriesIds: Uint32Array.from(rows, (row) => row[0]),
    timesMs: Float64Array.from(rows, (row) => row[1]),
    values: Float64Array.from(rows, (row) => row[2]),
  };
}

export function rowsOf(batch: SampleBatch): Row[] {
  return Array.from(batch.seriesIds, (id, i) => [id, batch.timesMs[i]!, batch.values[i]!] as const);
}

const STATE_OK = 1;
const STATE_ANOMALOUS = 2;

/** Verdicts with a band of ±1 around `expected`; the listed anomalies are marked. */
export function verdictsOf(
  rows: readonly { seriesId: number; timeMs: number; expected: number; anomalous?: boolean }[],
): VerdictBatch {
  return {
    seriesIds: Uint32Array.from(rows, (row) => row.seriesId),
    timesMs: Float64Array.from(rows, (row) => row.timeMs),
    states: Uint8Array.from(rows, (row) => (row.anomalous ? STATE_ANOMALOUS : STATE_OK)),
    expected: Float64Array.from(rows, (row) => row.expected),
    lower: Float64Array.from(rows, (row) => row.expected - 1),
    upper: Float64Array.from(rows, (row) => row.expected + 1),
    probability: Float64Array.from(rows, (row) => (row.anomalous ? 0.999 : 0.5)),
    score: Float64Array.from(rows, (row) => (row.anomalous ? 9 : 0.1)),
    alarms: Uint8Array.from(rows, (row) => (row.anomalous ? 1 : 0)),
  };
}

export const NO_VERDICTS = verdictsOf([]);

export function anomalyOf(seriesId: number, timeMs: number, more: Partial<Anomaly> = {}): Anomaly {
  return {
    seriesId,
    timeMs,
    value: 100,
    expected: 10,
    lower: 9,
    upper: 11,
    probability: 0.999,
    score: 9,
    alarm: false,
    detector: 'multi-view',
    ...more,
  };
}

/** Everything the store gives for one series, raw. */
export async function allOf(store: SampleReader, seriesId: number): Promise<[number, number][]> {
  const found = await store.querySamples({
    seriesId,
    fromMs: Number.MIN_SAFE_INTEGER,
    toMs: Number.MAX_SAFE_INTEGER,
    points: 1e9,
  });
  return Array.from(found.timesMs, (timeMs, i) => [timeMs, found.values[i]!]);
}

export async function gather(pieces: AsyncIterable<SampleBatch>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const piece of pieces) rows.push(...rowsOf(piece));
  return rows;
}
