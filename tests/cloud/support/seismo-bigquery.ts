import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BigQueryEmulator, bigQueryClient } from './bigquery-emulator.js';
import { freePort } from './pubsub-emulator.js';
import { RoleProcess } from './role-process.js';

export interface SeismoBigQueryOptions {
  readonly project?: string;
  /** Default: a fresh one, which goes when it ends. */
  readonly dataFolder?: string;
}

/**
 * This program's own endpoint in BigQuery's place: `seismo serve` with the Storage Write API, as a process of its own.
 * Its dataset `metrics_dataset` holds what the server itself takes in, so the services are given another.
 */
export async function startSeismoBigQuery(options: SeismoBigQueryOptions = {}): Promise<BigQueryEmulator> {
  const { project = 'seismo-test', dataFolder } = options;
  const folder = dataFolder ?? mkdtempSync(join(tmpdir(), 'seismo-bigquery-'));
  const [port, storagePort] = await Promise.all([freePort(), freePort()]);
  const flags = ['--data', folder, '--bigquery-storage-port', `${storagePort}`, '--no-host-metrics'];
  const server = new RoleProcess('embedded', port, {}, flags);
  async function stop(): Promise<void> {
    await server.stop();
    if (dataFolder === undefined) rmSync(folder, { recursive: true, force: true });
  }
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...bigQueryClient(server.url, project), writeEndpoint: `127.0.0.1:${storagePort}`, stop };
}
