import type { Logger } from '../logger.js';
import type { RoleConfig } from '../roles/complete-config.js';
import type { RoleParts, RoleService } from '../roles/role.js';
import { closeHttp, listen } from './listen.js';
import type { Service } from './start-service.js';
import { VERSION } from './version.js';

type LoadRole = () => Promise<{ createRole(parts: RoleParts): Promise<RoleService> }>;

/** Each is loaded by itself: a service holds, and starts with, only what it needs. */
const ROLES: Partial<Record<RoleConfig['role'], LoadRole>> = {
  'metrics-api': () => import('../roles/metrics-api.js'),
  processmetrics: () => import('../roles/processmetrics.js'),
  'get-anomalies': () => import('../roles/get-anomalies.js'),
};

const CLOCK = { nowMs: () => Date.now() };

/** Cloud Run ends the process 10 s after it has asked it to stop. */
const DRAIN_MS_MAX = 6_000;
const CLOSE_MS_MAX = 2_000;

/** Makes the service of a role on Google Cloud, and listens. */
export async function startRole(config: RoleConfig, log: Logger): Promise<Service> {
  const load = ROLES[config.role];
  if (load === undefined) throw new RangeError(`${config.role} is no service`);
  const [{ createRole }, { createSelfMetrics }] = await Promise.all([load(), import('../self-metrics.js')]);
  const role = await createRole({
    config,
    clock: CLOCK,
    metrics: createSelfMetrics(),
    log,
    version: VERSION,
  });
  const url = await listen(role.app, config);
  return {
    url,
    async stop() {
      await closeHttp(role.app, DRAIN_MS_MAX);
      // Everything acknowledged is safe by now: a client that cannot say goodbye is no failure.
      const closed = role.stop().catch((err: unknown) => log.warn({ err }, 'A client did not close well.'));
      await within(CLOSE_MS_MAX, closed);
    },
  };
}

/** Runs the migrations; gives the exit code. */
export async function migrate(config: RoleConfig, log: Logger): Promise<number> {
  const { runMigrations } = await import('../roles/migrate.js');
  await runMigrations({ config, clock: CLOCK, log });
  return 0;
}

/** Nothing may keep the process past the time it is given. */
async function within(timeMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
