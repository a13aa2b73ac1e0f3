import { instance, isAvailable, project } from 'gcp-metadata';
import { AppError } from '../../errors.js';

/** Where this process runs, as Google's metadata server says. */
export interface Place {
  readonly project: string | undefined;
  readonly region: string | undefined;
}

/**
 * Asks Google's metadata server; on a machine without one both are undefined. METADATA_SERVER_DETECTION=none
 * keeps it from being looked for, GCE_METADATA_HOST names another one. Rejects with `unreachable` when there is one that
 * does not answer: taken for unknown, the region of a dataset would be Google's default for good.
 */
export async function readPlace(): Promise<Place> {
  if (!(await isAvailable())) return { project: undefined, region: undefined };
  const [projectId, region] = await Promise.all([
    read('project', () => project('project-id')),
    read('region', readRegion),
  ]);
  return { project: projectId, region };
}

/** Cloud Run answers `projects/123456/regions/us-central1`. */
async function readRegion(): Promise<string> {
  const text: unknown = await instance('region');
  return String(text).split('/').at(-1) ?? '';
}

async function read(what: string, ask: () => Promise<unknown>): Promise<string | undefined> {
  try {
    const text = String(await ask());
    return text === '' ? undefined : text;
  } catch (error) {
    // What it does not know, as the region on a machine of one's own in Google Cloud, it answers so.
    if ((error as { status?: unknown }).status === 404) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('unreachable', `Google's metadata server did not tell the ${what}: ${reason}`, {
      hint: 'Start it again, or set both yourself: SEISMO_PROJECT and SEISMO_REGION.',
      cause: error,
    });
  }
}
