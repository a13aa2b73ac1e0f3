import type { StorageWriteServer } from '../bigquery/storage-write/storage-write-server.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import { closeHttp, listen, localUrl, refuseTakenPorts } from './listen.js';
import { DASHBOARD_FOLDER, VERSION } from './version.js';

export interface Service {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Port of the Storage Write API, where it is on. */
  readonly storagePort?: number | undefined;
  /** Takes no more requests, finishes those that run, hands on or stores what waits, and closes what is open. */
  stop(): Promise<void>;
}

const DRAIN_MS_MAX = 3_000;

/** Joins store, detection, HTTP and the host source, and listens. */
export async function startService(config: Config, log: Logger): Promise<Service> {
  await refuseTakenPorts(config);
  const [{ createPipeline }, { createSelfMetrics }] = await Promise.all([
    import('../pipeline.js'),
    import('../self-metrics.js'),
  ]);
  const clock = { nowMs: () => Date.now() };
  const metrics = createSelfMetrics();
  const opening = createPipeline({ config, clock, metrics, log });
  // The store opens in a thread of its own; what HTTP needs is loaded meanwhile.
  const loading = Promise.all([
    import('../serve/http-server.js'),
    import('../ingest/host-metrics.js'),
    import('./sql-endpoint.js'),
  ]);
  const pipeline = await opening.catch((error: unknown) => {
    throw inPlainWords(error, config);
  });
  let storage: StorageWriteServer | undefined;
  try {
    const [{ createHttpServer }, { startHostMetrics }, { openSql }] = await loading;
    const { registry, store, ingest, detection, models, sqlModel, sql: engine, readiness } = pipeline;
    const sql = engine && (await openSql(config, { engine, ingest, clock, log, readiness, sqlModel }));
    storage = sql?.storage;
    const http = await createHttpServer({
      config,
      clock,
      metrics,
      log,
      registry,
      store,
      ingest,
      detection,
      ...(models === undefined ? {} : { models }),
      ...(sql === undefined ? {} : { addedRoutes: sql.routes }),
      readiness: () => readiness(),
      version: VERSION,
      dashboardFolder: DASHBOARD_FOLDER,
    });
    const url = await listen(http, config);
    const headers = hostSourceHeaders(config);
    const hostMetrics = config.hostMetrics
      ? startHostMetrics({ ingest, clock, baseUrl: localUrl(url), headers, log })
      : undefined;
    return {
      url,
      storagePort: storage?.port,
      async stop() {
        hostMetrics?.stop();
        await Promise.all([storage?.stop(DRAIN_MS_MAX), closeHttp(http, DRAIN_MS_MAX)]);
        await pipeline.stop();
      },
    };
  } catch (error) {
    await storage?.stop(0);
    await pipeline.stop();
    throw error;
  }
}

/** Why a folder cannot be made or opened, as a sentence instead of the system call that failed. */
function inPlainWords(error: unknown, { dataFolder }: Config): unknown {
  if (!(error instanceof AppError) || error.code !== 'data_folder_unusable') return error;
  // Of the store's thread only the text comes through.
  const reason = FOLDER_FAULTS[/ cannot be used: (E[A-Z]+):/.exec(error.message)?.[1] ?? ''];
  if (reason === undefined) return error;
  return new AppError('data_folder_unusable', `The data folder ${dataFolder} cannot be used: ${reason}.`, {
    hint: 'Name a folder on a local disk that this user may write, with --data.',
    cause: error,
  });
}

const FOLDER_FAULTS: Record<string, string> = {
  ENOENT: 'no folder can be made there',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its disk may only be read',
  ENAMETOOLONG: 'the name is too long',
};

/** The host source calls the server over HTTP as a client does, so it needs a key where clients need one. */
function hostSourceHeaders(config: Config): Record<string, string> {
  const key = config.apiKeys[0];
  return key === undefined ? {} : { 'x-api-key': key.key };
}
