import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type RunningServer, startServer } from '../../blackbox/support/start-server.js';
import type { MetricsRow } from './cloud.js';

/** The same program on one machine, to compare with. */
export interface EmbeddedTwin {
  readonly server: RunningServer;
  /** What the documented SQL reads, in order of time. */
  metricsTable(): Promise<MetricsRow[]>;
  stop(): Promise<unknown>;
}

export async function startEmbeddedTwin(): Promise<EmbeddedTwin> {
  const server = await startServer();
  return { server, metricsTable: () => readMetricsTable(server.url), stop: () => server.stop() };
}

/** In a copy: one process alone holds the file itself. */
async function readMetricsTable(url: string): Promise<MetricsRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'seismo-twin-'));
  try {
    const answer = await fetch(`${url}/api/backup`, { method: 'POST' });
    if (!answer.ok) throw new Error(`The backup was answered with ${answer.status}: ${await answer.text()}`);
    const file = join(folder, 'copy.duckdb');
    writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    const sql =
      'SELECT timestamp, latency, cpu FROM metrics_dataset.metrics_table ORDER BY timestamp, latency, cpu';
    const rows = (await connection.runAndReadAll(sql)).getRows();
    connection.closeSync();
    instance.closeSync();
    return rows.map(([timestamp, latency, cpu]) => ({
      timestamp: Number(timestamp),
      latency: latency === null ? null : Number(latency),
      cpu: cpu === null ? null : Number(cpu),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
