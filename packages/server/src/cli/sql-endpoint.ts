import { join } from 'node:path';
import type { EndpointParts } from '../bigquery/rest/endpoint.js';
import { LazyEndpoint } from '../bigquery/rest/lazy-endpoint.js';
import { bigQueryRoutes } from '../bigquery/rest/routes.js';
import type { StorageWriteServer } from '../bigquery/storage-write/storage-write-server.js';
import type { Config } from '../config.js';
import type { Readiness } from '../ports/ingest.js';
import type { ServerSqlModel } from '../ports/sql-models.js';
import type { AddedRoutes } from '../serve/http-services.js';
import { openStorageWrite } from './storage-write.js';

/** Where records of jobs, results and uploads lie in the data folder. */
const FOLDER = 'sql-jobs';

interface DataParts extends Omit<EndpointParts, 'folder' | 'openMl'> {
  /** What the server trains by itself; undefined where it trains nothing. */
  readonly sqlModel: ServerSqlModel | undefined;
}

interface Parts extends DataParts {
  readonly readiness: () => Readiness;
}

interface OpenSql {
  readonly routes: AddedRoutes;
  readonly storage: StorageWriteServer | undefined;
}

/**
 * BigQuery over the data folder: routes for the HTTP server, and the Storage Write API where its port is on. Both have
 * the same tables, which are opened, with what serves them, when one of the two is first called.
 */
export async function openSql(config: Config, { readiness, ...parts }: Parts): Promise<OpenSql> {
  const endpoint = new LazyEndpoint(endpointParts(config.dataFolder, parts));
  const storage = await openStorageWrite(config, { endpoint, clock: parts.clock, readiness });
  return { routes: bigQueryRoutes(endpoint), storage };
}

export function endpointParts(dataFolder: string, { sqlModel, ...parts }: DataParts): EndpointParts {
  const openAll = () => openMl(dataFolder, { ...parts, sqlModel });
  return { ...parts, folder: join(dataFolder, FOLDER), openMl: openAll };
}

async function openMl(
  dataFolder: string,
  { clock, log, sqlModel }: Pick<DataParts, 'clock' | 'log' | 'sqlModel'>,
) {
  const [{ MlModels }, { SqlModelFiles }, { withServerModel }, { ArimaPool }, { ThreadedCalendar }] =
    await Promise.all([
      import('../bigquery/ml/ml-models.js'),
      import('../adapters/embedded/sql-model-files.js'),
      import('../adapters/embedded/with-server-model.js'),
      import('../adapters/embedded/arima-pool.js'),
      import('./threaded-calendar.js'),
    ]);
  const onUnreadable = (path: string, reason: string) =>
    log.warn({ path, reason }, 'A model cannot be read.');
  const made = await SqlModelFiles.open({ dataFolder, onUnreadable });
  const models = sqlModel === undefined ? made : withServerModel(made, sqlModel);
  // Samples that come in meanwhile are more urgent.
  const threads = new ArimaPool({ background: true });
  const calendar = new ThreadedCalendar();
  const ml = new MlModels({ models, threads, calendar, clock });
  return { ml, close: () => Promise.all([threads.close(), calendar.close()]).then(() => {}) };
}
