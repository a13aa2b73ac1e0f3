import { instance, isAvailable, project } from 'gcp-metadata';

/** Where this process runs, as Google's metadata server says. */
export interface Place {
  readonly project: string | undefined;
  readonly region: string | undefined;
}

/**
 * Asks Google's metadata server; on a machine without one both are undefined. METADATA_SERVER_DETECTION=none
 * keeps it from being looked for, GCE_METADATA_HOST names another one.
 */
export async function readPlace(): Promise<Place> {
  if (!(await isAvailable())) return { project: undefined, region: undefined };
  const [projectId, region] = await Promise.all([read(() => project('project-id')), read(readRegion)]);
  return { project: projectId, region };
}

/** Cloud Run answers `projects/123456/regions/us-central1`. */
async function readRegion(): Promise<string> {
  const text: unknown = await instance('region');
  return String(text).split('/').at(-1) ?? '';
}

async function read(ask: () => Promise<unknown>): Promise<string | undefined> {
  try {
    const text = String(await ask());
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
