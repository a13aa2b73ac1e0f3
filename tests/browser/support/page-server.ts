import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG_DEFAULTS, type Config } from '@seismo/server/config';
import { startHostMetrics } from '@seismo/server/ingest/host-metrics';
import { silentLogger } from '@seismo/server/logger';
import { createPipeline } from '@seismo/server/pipeline';
import type { Clock } from '@seismo/server/ports/clock';
import { createSelfMetrics } from '@seismo/server/self-metrics';
import { createHttpServer, type HttpServices } from '@seismo/server/serve/http-server';

export const DASHBOARD = fileURLToPath(new URL('../../../packages/dashboard/dist', import.meta.url));

export interface PageServer {
  readonly url: string;
  /** Posts items as a client would and waits until they are stored. */
  post(items: unknown, headers?: Record<string, string>): Promise<void>;
  /** Ends the HTTP server and the pipeline; the data stay for `start` on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends everything and removes the data. */
  remove(): Promise<void>;
}

/** The whole server in this process: a fresh data folder, a free port, the built page. */
export async function startPageServer(
  change: Partial<Config> = {},
  more: Partial<HttpServices> = {},
  clock: Clock = { nowMs: () => Date.now() },
): Promise<PageServer> {
  if (!existsSync(join(DASHBOARD, 'index.html'))) throw new Error('The page is not built: npm run build.');
  const dataFolder = mkdtempSync(join(tmpdir(), 'seismo-page-'));
  let port = 0;
  let running: { close(): Promise<void> } | undefined;

  async function start(): Promise<void> {
    const config: Config = { ...CONFIG_DEFAULTS, hostMetrics: false, ...change, dataFolder, port };
    const metrics = createSelfMetrics();
    const log = silentLogger;
    const pipeline = await createPipeline({ config, clock, metrics, log });
    const { registry, store, ingest, detection, models, readiness } = pipeline;
    const app = await createHttpServer({
      ...{ config, clock, metrics, log, registry, store, ingest, detection, readiness },
      ...(models === undefined ? {} : { models }),
      version: '0.0.0-test',
      dashboardFolder: DASHBOARD,
      ...more,
    });
    await app.listen({ host: '127.0.0.1', port });
    port = (app.server.address() as AddressInfo).port;
    const host = config.hostMetrics
      ? startHostMetrics({ ingest, clock, baseUrl: `http://127.0.0.1:${port}`, log })
      : undefined;
    running = {
      async close() {
        host?.stop();
        app.server.closeAllConnections();
        await app.close();
        await pipeline.stop();
      },
    };
  }

  async function stop(): Promise<void> {
    await running?.close();
    running = undefined;
  }

  await start();
  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    post: (items, headers) => postItems(`http://127.0.0.1:${port}`, items, headers),
    start,
    stop,
    async remove() {
      await stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

async function postItems(url: string, items: unknown, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(`${url}/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(items),
  });
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
}
