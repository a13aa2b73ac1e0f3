import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_DEFAULTS, type Config } from '@seismo/server/config';
import { silentLogger } from '@seismo/server/logger';
import { createPipeline } from '@seismo/server/pipeline';
import { createSelfMetrics } from '@seismo/server/self-metrics';
import { createHttpServer, type HttpServices } from '@seismo/server/serve/http-server';

/** The real pipeline over a real store behind the real server, in this process, on a free port. */
export async function startWholeServer(
  config: Partial<Config> = {},
  nowMs: () => number = Date.now,
  more: Partial<HttpServices> = {},
) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'seismo-test-'));
  const clock = { nowMs };
  const metrics = createSelfMetrics();
  const full: Config = { ...CONFIG_DEFAULTS, dataFolder, port: 0, ...config };
  const pipeline = await createPipeline({ config: full, clock, metrics, log: silentLogger });
  const app = await createHttpServer({
    ...pipeline,
    readiness: () => pipeline.readiness(),
    config: full,
    clock,
    metrics,
    log: silentLogger,
    version: '0.0.0-test',
    ...more,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    pipeline,
    async stop() {
      await app.close();
      await pipeline.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
