import { readFile } from 'node:fs/promises';
import { AppError } from '../../errors.js';
import type { ArimaFacts } from '../../model/arima-facts.js';
import type { SeriesRegistry } from '../../model/series-registry.js';
import type { OpenSqlModel, ServerSqlModel, SqlModelHeader, SqlModelSeries } from '../../ports/sql-models.js';
import { KeptModels } from './kept-models.js';
import type { ModelEntry } from './model-entry.js';
import { ModelFiles } from './model-files.js';
import type { ModelTables } from './model-tables.js';

/** As the model of all series is called on Google Cloud (sql/train-series-anomalies.sql), with its columns. */
const NAME = { dataset: 'metrics_dataset', model: 'series_anomalies' };
const COLUMNS = {
  timestampColumn: { name: 'minute', type: 'TIMESTAMP' },
  dataColumn: { name: 'value', type: 'FLOAT64' },
  idColumns: [{ name: 'series', type: 'STRING' }],
  hierarchicalColumns: [],
};
const HORIZON_DEFAULT = 1000;
const MINUTE_MS = 60_000;

export interface MinuteSqlModelParts {
  readonly kept: KeptModels;
  readonly files: ModelFiles;
  /** Resolves once `kept` has what is stored. */
  readonly ready: () => Promise<void>;
  /** Reads them out of a fitted model. */
  readonly factsIn: (file: string) => Promise<ArimaFacts>;
}

/** The models of the series' minutes, each trained by itself, as one model with a column that tells them apart. */
export class MinuteSqlModel implements ServerSqlModel {
  readonly #parts: MinuteSqlModelParts;
  /** Of models that were stored before facts were. */
  readonly #read = new WeakMap<ModelEntry, { readonly trainedMs: number; readonly facts: ArimaFacts }>();

  constructor(parts: MinuteSqlModelParts) {
    this.#parts = parts;
  }

  header(): SqlModelHeader {
    const { early, entries } = this.#series();
    const trained = entries.filter(isTrained);
    const trainedMs = trained.map((one) => one.trainedMs);
    const reach = trained.length === 0 ? HORIZON_DEFAULT : Math.max(...trained.map(horizonOf));
    return {
      ...NAME,
      ...COLUMNS,
      isServers: true,
      createdMs: Math.min(Date.now(), ...trainedMs),
      trainedMs: Math.max(0, ...trainedMs),
      trainingSeconds: trained.reduce((sum, { seconds }) => sum + seconds, 0),
      options: {
        MODEL_TYPE: 'ARIMA_PLUS',
        TIME_SERIES_TIMESTAMP_COL: 'minute',
        TIME_SERIES_DATA_COL: 'value',
        TIME_SERIES_ID_COL: 'series',
        DATA_FREQUENCY: 'PER_MINUTE',
        HORIZON: reach,
      },
      horizon: reach,
      rows: trained.reduce((sum, one) => sum + (one.historyToMs - one.historyFromMs) / MINUTE_MS + 1, 0),
      series: entries.length + early.length,
      failedSeries: entries.length + early.length - trained.length,
    };
  }

  async open(): Promise<OpenSqlModel> {
    await this.#parts.ready();
    const { early, entries } = this.#series();
    await Promise.all(entries.map((entry) => this.#readFacts(entry)));
    const modelled = entries.map((entry) => seriesOf(entry, this.#factsOf(entry)));
    return {
      header: this.header(),
      series: [...modelled, ...early.map(({ key, error }) => withoutModel(key, error))],
      models: (numbers) => Promise.all(numbers.map((number) => this.#saved(entries[number]))),
      close: async () => {},
    };
  }

  /** By key; those that wait for their first minutes last. */
  #series() {
    const entries = [...this.#parts.kept.entries()].sort((a, b) => (a.series.key < b.series.key ? -1 : 1));
    return { entries, early: this.#parts.kept.early() };
  }

  #factsOf(entry: ModelEntry): ArimaFacts | undefined {
    if (entry.facts?.arima !== undefined) return entry.facts.arima;
    const read = this.#read.get(entry);
    return read?.trainedMs === entry.trainedMs ? read.facts : undefined;
  }

  /** Where they were not stored with the model; one that is being replaced has its own soon. */
  async #readFacts(entry: ModelEntry): Promise<void> {
    if (!isTrained(entry) || this.#factsOf(entry) !== undefined) return;
    const { trainedMs } = entry;
    const file = this.#parts.files.path(entry.series.id, trainedMs);
    const facts = await this.#parts.factsIn(file).catch(() => undefined);
    if (facts !== undefined) this.#read.set(entry, { trainedMs, facts });
  }

  /** The next training takes the file's place: then the series is asked by what it has learned since. */
  async #saved(entry: ModelEntry | undefined): Promise<Uint8Array | undefined> {
    if (entry === undefined || this.#factsOf(entry) === undefined) return undefined;
    for (let asked = Number.NaN; asked !== entry.trainedMs; ) {
      asked = entry.trainedMs;
      try {
        return new Uint8Array(await readFile(this.#parts.files.path(entry.series.id, asked)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    throw new AppError('not_ready', `The model of ${entry.series.key} is being trained; ask again.`);
  }
}

/** Of the data folder of a stopped server. */
export async function storedMinuteSqlModel(
  tables: ModelTables,
  registry: SeriesRegistry,
): Promise<ServerSqlModel> {
  const kept = new KeptModels({ tables, registry, modelsMax: 0, retire: async () => {} });
  kept.restore((await tables.open()).models);
  const files = new ModelFiles(tables.dataFolder);
  return new MinuteSqlModel({ kept, files, ready: async () => {}, factsIn: readFacts });
}

/** In this thread: nothing else is done meanwhile. */
async function readFacts(file: string): Promise<ArimaFacts> {
  const [{ loadArimaPlus }, { factsOf }] = await Promise.all([
    import('@seismo/engine'),
    import('../../model/arima-facts.js'),
  ]);
  return factsOf(loadArimaPlus(await readFile(file)));
}

function isTrained({ trainedMs }: ModelEntry): boolean {
  return !Number.isNaN(trainedMs);
}

function horizonOf({ options }: ModelEntry): number {
  return Number(options.horizon ?? HORIZON_DEFAULT);
}

function seriesOf(entry: ModelEntry, facts: ArimaFacts | undefined): SqlModelSeries {
  const { series, error, trainedMs } = entry;
  if (facts !== undefined) {
    const { errorMessage } = facts;
    return { ids: [series.key], facts, errorMessage, horizon: horizonOf(entry) };
  }
  const none = Number.isNaN(trainedMs)
    ? 'It waits for its first training.'
    : 'It waits for its next training.';
  return withoutModel(series.key, error || none);
}

function withoutModel(key: string, errorMessage: string): SqlModelSeries {
  return { ids: [key], facts: undefined, errorMessage };
}
