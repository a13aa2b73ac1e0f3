import { Catalog } from './catalog.js';
import type { Endpoint, EndpointParts } from './endpoint.js';
import { InsertIds } from './insert-ids.js';
import { JobStore } from './job-store.js';
import { installMacros } from './macros.js';
import { Planner } from './planner.js';
import { ResultFiles } from './result-files.js';

/** Reads what is kept of datasets, tables and jobs. */
export async function openEndpoint(parts: EndpointParts): Promise<Endpoint> {
  const { engine, clock, log, folder } = parts;
  const session = await engine.open();
  try {
    await installMacros(session);
    const files = new ResultFiles(folder);
    const catalog = await Catalog.load(session, () => clock.nowMs());
    const jobs = await JobStore.open(files, clock, log);
    const { ml, close: closeMl } = await parts.openMl();
    const insertIds = new InsertIds();
    return { ...parts, catalog, jobs, insertIds, files, planner: new Planner(), session, ml, closeMl };
  } catch (error) {
    await session.close();
    throw error;
  }
}

export async function closeEndpoint({ jobs, planner, session, closeMl }: Endpoint): Promise<void> {
  await jobs.close();
  await planner.close();
  await closeMl();
  await session.close();
}
