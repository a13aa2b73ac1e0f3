import type { Place } from '../adapters/gcp/metadata-server.js';
import type { CloudRole } from '../cloud-config.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';

/** The configuration of a role on Google Cloud, with nothing left to be found out. */
export interface RoleConfig extends Config {
  readonly role: CloudRole;
  readonly project: string;
  readonly pushAccount: string;
  readonly schedulerAccount: string;
}

/**
 * Fills in what was not set: asks the metadata server, and only where something is missing. Undefined for the
 * embedded server, which needs nothing of it.
 */
export async function completeConfig(config: Config): Promise<RoleConfig | undefined> {
  const { role } = config;
  if (role === 'embedded') return undefined;
  const missing = config.project === undefined || config.region === undefined;
  const place = missing ? await askForPlace() : undefined;
  const project = config.project ?? place?.project;
  if (project === undefined) throw projectUnknown(role);
  return {
    ...config,
    role,
    project,
    region: config.region ?? place?.region,
    pushAccount: config.pushAccount ?? accountOf('pubsub-push', project),
    schedulerAccount: config.schedulerAccount ?? accountOf('scheduler', project),
  };
}

async function askForPlace(): Promise<Place> {
  const { readPlace } = await import('../adapters/gcp/metadata-server.js');
  return readPlace();
}

/** Of a project in a domain, `example.com:name`, the parts change places. */
function accountOf(name: string, project: string): string {
  return `${name}@${project.split(':').reverse().join('.')}.iam.gserviceaccount.com`;
}

function projectUnknown(role: CloudRole): AppError {
  return new AppError('usage', `The role ${role} needs a project, and none was named.`, {
    field: '--project',
    hint: 'Set SEISMO_PROJECT (or --project ID); on Google Cloud the metadata server names it.',
  });
}
