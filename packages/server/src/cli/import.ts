import { statSync } from 'node:fs';
import type { CsvRow } from '../ingest/csv-reader.js';
import { readSampleRows, type SampleRow } from '../ingest/sample-rows.js';
import type { ServerAddress } from './client-settings.js';
import { EXIT_INTERRUPTED, EXIT_ROWS_REJECTED } from './exit-codes.js';
import { ReplayReport } from './replay-report.js';
import { ReplaySender } from './replay-sender.js';

export interface ImportOptions {
  /** Paths, or `-` for standard input. */
  readonly files: readonly string[];
  readonly server: ServerAddress;
  readonly quiet: boolean;
}

const BATCH_SAMPLES = 5_000;

/** Sends the samples of all files to a running server, in their order; resolves with the exit code. */
export async function importFiles({ files, server, quiet }: ImportOptions): Promise<number> {
  const interrupted = new AbortController();
  const onSignal = () => interrupted.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  // There is nothing to go on from: sent again, a sample changes nothing.
  const report = new ReplayReport(quiet, false);
  const sender = new ReplaySender(server, interrupted.signal, (reason) => report.retry(reason));
  try {
    const bytesTotal = files.reduce((sum, file) => sum + bytesOf(file), 0);
    let bytesBefore = 0;
    for (const file of files) {
      await importFile(file, sender, report, interrupted.signal, (bytes) => {
        report.progress(bytesTotal === 0 ? 0 : (bytesBefore + bytes) / bytesTotal);
      });
      bytesBefore += bytesOf(file);
    }
    report.finish();
    return report.rejectedCount > 0 ? EXIT_ROWS_REJECTED : 0;
  } catch (error) {
    report.breakOff();
    if (!interrupted.signal.aborted) throw error;
    return EXIT_INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }
}

async function importFile(
  file: string,
  sender: ReplaySender,
  report: ReplayReport,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let batch: SampleRow[] = [];
  const flush = async () => {
    signal.throwIfAborted();
    if (batch.length === 0) return;
    const sent = batch;
    batch = [];
    report.sent(sent.map(reported), await sender.send(sent.map(itemOf)));
  };
  const rows = readSampleRows(file, { onBytes, onBadRow: (problem) => report.badRow(problem, 1) });
  for await (const row of rows) {
    batch.push(row);
    if (batch.length >= BATCH_SAMPLES) await flush();
  }
  await flush();
}

function itemOf({ timeMs, name, labels, value }: SampleRow): object {
  return { timestamp: timeMs / 1000, [name]: value, labels };
}

function reported({ line, timeMs, value }: SampleRow): CsvRow {
  return { line, timeMs, values: Float64Array.of(value) };
}

function bytesOf(file: string): number {
  return file === '-' ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0);
}
