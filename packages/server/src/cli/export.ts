import type { ExportOptions } from '../adapters/embedded/duckdb-export.js';
import { sizeText } from '../model/free-space.js';
import { countText } from './terminal.js';

/** Writes the files and says where they are. */
export async function exportToFiles(options: ExportOptions): Promise<void> {
  const { exportSamples } = await import('../adapters/embedded/duckdb-export.js');
  const { samples, files, bytes } = await exportSamples(options);
  process.stdout.write(
    `Wrote ${countText(samples, 'sample')} into ${options.to} (${countText(files.length, 'file')}, ${sizeText(bytes)}).\n`,
  );
}
