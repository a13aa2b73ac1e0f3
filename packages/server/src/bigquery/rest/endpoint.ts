import type { Logger } from '../../logger.js';
import type { Clock } from '../../ports/clock.js';
import type { Ingest } from '../../ports/ingest.js';
import type { SqlEngine, SqlSession } from '../../ports/sql-engine.js';
import type { MlModels } from '../ml/ml-models.js';
import type { Catalog, CatalogChange } from './catalog.js';
import type { InsertIds } from './insert-ids.js';
import { interruptionOf } from './job.js';
import type { JobStore } from './job-store.js';
import type { Planner } from './planner.js';
import type { ResultFiles } from './result-files.js';

/** What the endpoint is made of; it owns none of it. */
export interface EndpointParts {
  readonly engine: SqlEngine;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly log: Logger;
  /** Models, and what ends their threads. */
  readonly openMl: () => Promise<{ readonly ml: MlModels; close(): Promise<void> }>;
  /** A folder for records of jobs, results and uploads; made when it is needed. */
  readonly folder: string;
}

/** What its methods work with, once somebody has called one. */
export interface Endpoint extends EndpointParts {
  readonly catalog: Catalog;
  readonly jobs: JobStore;
  readonly insertIds: InsertIds;
  readonly files: ResultFiles;
  readonly planner: Planner;
  readonly ml: MlModels;
  readonly closeMl: () => Promise<void>;
  /** For short reads and for appending: it never has an open transaction. */
  readonly session: SqlSession;
}

/**
 * Work with a connection of its own, as whatever takes a transaction needs it. What the signal ends may have been ended
 * before the connection is open.
 */
export async function inSession<Result>(
  { engine }: Pick<EndpointParts, 'engine'>,
  work: (session: SqlSession) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const session = await engine.open();
  const end = () => session.interrupt(signal === undefined ? 'cancelled' : interruptionOf(signal));
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end);
  try {
    return await work(session);
  } finally {
    signal?.removeEventListener('abort', end);
    await session.close();
  }
}

/** Changes datasets and tables on a connection of its own. */
export function changeCatalog(endpoint: Endpoint, change: CatalogChange): Promise<void> {
  return inSession(endpoint, (session) => endpoint.catalog.change(session, change));
}
