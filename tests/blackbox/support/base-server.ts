import { CONFIG_DEFAULTS, type Config } from '@seismo/server/config';
import { type Logger, silentLogger } from '@seismo/server/logger';
import { createSelfMetrics } from '@seismo/server/self-metrics';
import { type BaseServer, createBaseServer } from '@seismo/server/serve/base-server';

/** What every service on Cloud Run has, not listening yet; the test adds the routes it is about. */
export function baseServer(config: Partial<Config>, log: Logger = silentLogger): BaseServer {
  return createBaseServer({
    config: { ...CONFIG_DEFAULTS, onCloudRun: true, ...config },
    clock: { nowMs: Date.now },
    metrics: createSelfMetrics(),
    log,
    readiness: () => ({ ready: true }),
    version: '0.0.0-test',
  });
}
