import { existingFolder } from '../adapters/embedded/duckdb-offline.js';
import { openDuckDbStore } from '../adapters/embedded/duckdb-sample-store.js';
import { storedMinuteSqlModel } from '../adapters/embedded/minute-sql-model.js';
import { answerRequest } from '../bigquery/rest/answer-request.js';
import { closeEndpoint, openEndpoint } from '../bigquery/rest/open-endpoint.js';
import { errorAnswer } from '../bigquery/rest/rest-error.js';
import type { Config } from '../config.js';
import { silentLogger } from '../logger.js';
import { SeriesRegistry } from '../model/series-registry.js';
import type { Ingest } from '../ports/ingest.js';
import type { SampleStore } from '../ports/sample-store.js';
import { endpointParts } from './sql-endpoint.js';
import { PROJECT_PATH, type SqlTransport } from './sql-transport.js';

type FolderConfig = Pick<Config, 'retentionMs' | 'seriesMax' | 'diskReserveBytes'>;

const MEMORY_BYTES = 256_000_000;

/** The data folder of a stopped server. What is inserted into its samples is judged when the server starts again. */
export async function sqlOverFolder(dataFolder: string, config: FolderConfig): Promise<SqlTransport> {
  const folder = existingFolder(dataFolder);
  const clock = { nowMs: () => Date.now() };
  const registry = new SeriesRegistry();
  const {
    samples,
    sql,
    models: tables,
    nextSeriesId,
  } = await openDuckDbStore({
    dataFolder: folder,
    lookup: (id) => registry.byId(id),
    diskReserveBytes: config.diskReserveBytes,
    memoryBytes: MEMORY_BYTES,
    clock,
  });
  try {
    registry.restore(await samples.readSeries(), nextSeriesId);
    const ingest = lateIngest(samples, registry, config);
    const sqlModel = await storedMinuteSqlModel(tables, registry);
    const endpoint = await openEndpoint(
      endpointParts(folder, { engine: sql, ingest, clock, log: silentLogger, sqlModel }),
    );
    return {
      place: folder,
      async call(method, path, body) {
        try {
          const {
            status = 200,
            body: answered,
            text,
          } = await answerRequest(endpoint, {
            http: method,
            url: `${PROJECT_PATH}${path}`,
            headers: {},
            body,
            origin: 'http://localhost',
            // Whoever may open the folder may change it.
            requireWrite() {},
          });
          return { status, body: text === undefined ? answered : (JSON.parse(text) as unknown) };
        } catch (error) {
          return errorAnswer(error);
        }
      },
      async close() {
        await closeEndpoint(endpoint);
        await samples.close();
      },
    };
  } catch (error) {
    await samples.close();
    throw error;
  }
}

/** Loaded when the first samples come: most statements only ask. */
function lateIngest(samples: SampleStore, registry: SeriesRegistry, config: FolderConfig): Ingest {
  let opening: Promise<Ingest> | undefined;
  const open = async () => {
    const [{ createIngest }, { createDirectPublisher }, { ActiveSeries }, { createSelfMetrics }] =
      await Promise.all([
        import('../ingest/ingest-stage.js'),
        import('../adapters/embedded/direct-publisher.js'),
        import('../model/active-series.js'),
        import('../self-metrics.js'),
      ]);
    return createIngest({
      registry,
      active: new ActiveSeries(config.seriesMax),
      clock: { nowMs: () => Date.now() },
      retentionMs: config.retentionMs,
      publisher: createDirectPublisher(samples),
      metrics: createSelfMetrics(),
    });
  };
  return {
    async ingest(items) {
      opening ??= open();
      return (await opening).ingest(items);
    },
    refuse: (code, message) => ({
      accepted: 0,
      rejected: [{ index: 0, code, message }],
      rejectedCount: 1,
    }),
  };
}
