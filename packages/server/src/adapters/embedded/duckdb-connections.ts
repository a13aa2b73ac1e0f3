import type { DuckDBInstance } from '@duckdb/node-api';
import { openDatabase } from './duckdb-database.js';
import { DuckDbMaintenance } from './duckdb-maintenance.js';
import type { WorkerOptions } from './duckdb-protocol.js';
import { DuckDbReader } from './duckdb-reader.js';
import { DuckDbWriter } from './duckdb-writer.js';
import { Lane } from './lane.js';

/** Connections that read at once. Fewer than libuv's four threads, so that a commit always finds one. */
const READERS = 2;

export interface Connections {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDbWriter;
  readonly maintenance: { readonly worker: DuckDbMaintenance; readonly lane: Lane };
  readonly readers: readonly { reader: DuckDbReader; lane: Lane }[];
}

/** Opens the database file. */
export async function connect(options: WorkerOptions): Promise<Connections> {
  const instance = await openDatabase(options.dataFolder, { memoryBytes: options.memoryBytes });
  const readers = [];
  for (let i = 0; i < READERS; i++) {
    readers.push({ reader: new DuckDbReader(await instance.connect()), lane: new Lane() });
  }
  return {
    instance,
    writer: await DuckDbWriter.create(await instance.connect()),
    maintenance: { worker: new DuckDbMaintenance(await instance.connect()), lane: new Lane() },
    readers,
  };
}

/** Once what they do has ended. */
export async function disconnect(connections: Connections): Promise<void> {
  for (const { reader, lane } of connections.readers) {
    await lane.run(async () => reader.close());
  }
  await connections.maintenance.lane.run(async () => connections.maintenance.worker.close());
  connections.writer.close();
  connections.instance.closeSync();
}
