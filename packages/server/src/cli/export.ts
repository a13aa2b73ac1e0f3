import type { ExportOptions } from '../adapters/embedded/duckdb-export.js';
import { countText } from './terminal.js';

/** Writes the files and says where they are. */
export async function exportToFiles(options: ExportOptions): Promise<void> {
  const { exportSamples } = await import('../adapters/embedded/duckdb-export.js');
  const { samples, files, bytes } = await exportSamples(options);
  const size = (bytes / 1e6).toFixed(1);
  process.stdout.write(
    `Wrote ${countText(samples, 'sample')} into ${options.to} (${countText(files.length, 'file')}, ${size} MB).\n`,
  );
}
