import { migrate } from '@seismo/server/adapters/gcp/migrations';
import { silentLogger } from '@seismo/server/logger';
import { clientOf } from './bigquery-client.js';
import { type BigQueryEmulator, startBigQueryEmulator } from './bigquery-emulator.js';

/** An emulator with all that the role migrate makes, in `metrics_dataset`. */
export async function startMigratedBigQuery(): Promise<BigQueryEmulator> {
  const emulator = await startBigQueryEmulator();
  try {
    await migrate({
      client: clientOf(emulator),
      dataset: 'metrics_dataset',
      location: 'US',
      retentionMs: 730 * 86_400_000,
      clock: { nowMs: () => Date.now() },
      log: silentLogger,
      maxBytesBilled: 1024 ** 3,
    });
    return emulator;
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}
