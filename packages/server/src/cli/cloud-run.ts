import type { Role } from '../cloud-config.js';
import type { Config } from '../config.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the process is a container of Cloud Run, service or job. */
export function isOnCloudRun({ K_SERVICE, CLOUD_RUN_JOB }: Environment): boolean {
  return K_SERVICE !== undefined || CLOUD_RUN_JOB !== undefined;
}

/** What is different where nothing is said: on Cloud Run, and for the roles that are made for it. */
export function cloudRunDefaults(given: Partial<Config>, environment: Environment): Partial<Config> {
  const { K_SERVICE: service, CLOUD_RUN_JOB: job } = environment;
  const role = given.role ?? roleNamed(SERVICES, service) ?? roleNamed(JOBS, job) ?? 'embedded';
  const inGoogleCloud = isOnCloudRun(environment);
  if (!inGoogleCloud && role === 'embedded') return { role };
  return {
    role,
    onCloudRun: true,
    // Cloud Run reaches a container from outside of it.
    host: '0.0.0.0',
    ...(inGoogleCloud ? { log: 'gcp' } : {}),
  };
}

const SERVICES = ['metrics-api', 'processmetrics', 'get-anomalies'] as const;
const JOBS = ['migrate'] as const;

function roleNamed<R extends Role>(roles: readonly R[], name: string | undefined): R | undefined {
  return roles.find((role) => role === name);
}
