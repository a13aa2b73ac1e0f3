import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.js';
import { type CsvRow, openCsv } from '../ingest/csv-reader.js';
import type { CsvProblem } from '../ingest/csv-records.js';
import type { ServerAddress } from './client-settings.js';
import { EXIT_INTERRUPTED, EXIT_ROWS_REJECTED } from './exit-codes.js';
import { findJudged } from './judged-series.js';
import { type ReplayPosition, ReplayProgress } from './replay-progress.js';
import { ReplayReport } from './replay-report.js';
import { ReplaySender } from './replay-sender.js';

export interface ReplayOptions {
  /** Path, or `-` for standard input. */
  readonly file: string;
  readonly server: ServerAddress;
  /** Times faster than the file's own timestamps; Infinity = as fast as the server takes it. */
  readonly speed: number;
  readonly as: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly shiftToNow: boolean;
  readonly restart: boolean;
  readonly quiet: boolean;
}

const BATCH_SAMPLES = 5_000;
/** Paced rows are sent at least this often, so that a live chart moves smoothly. */
const PACED_BATCH_MS = 100;

/** Sends a recording to a running server; resolves with the exit code. */
export async function replay(options: ReplayOptions): Promise<number> {
  const interrupted = new AbortController();
  const onSignal = () => interrupted.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const run = new ReplayRun(options, interrupted.signal);
  try {
    await run.toTheEnd();
    run.report.finish();
    return run.report.rejectedCount > 0 ? EXIT_ROWS_REJECTED : 0;
  } catch (error) {
    run.report.breakOff();
    if (!interrupted.signal.aborted) throw error;
    return EXIT_INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }
}

class ReplayRun {
  readonly report: ReplayReport;
  readonly #options: ReplayOptions;
  readonly #signal: AbortSignal;
  readonly #sender: ReplaySender;
  readonly #progress: ReplayProgress | undefined;
  #names: readonly string[] = [];
  #position: ReplayPosition = { line: 0, shiftMs: 0 };
  #rows: CsvRow[] = [];
  #fraction = 0;

  constructor(options: ReplayOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.report = new ReplayReport(options.quiet, options.file !== '-');
    this.#sender = new ReplaySender(options.server, signal, (reason) => this.report.retry(reason));
    this.#progress = options.file === '-' ? undefined : openProgress(options);
  }

  async toTheEnd(): Promise<void> {
    const { restart, shiftToNow } = this.#options;
    const before = restart ? undefined : this.#progress?.read();
    const span = shiftToNow && before === undefined ? await measure(this.#options.file) : undefined;
    if (before !== undefined) {
      this.#position = before;
      this.report.resume(before.line);
    } else if (shiftToNow && span !== undefined) {
      // Whole seconds, so that timestamps keep their fraction and stay readable.
      this.#position = { line: 0, shiftMs: Math.floor(Date.now() / 1000) * 1000 - span.newestMs };
    }
    await this.#sendRows(span?.rows ?? 0);
    this.#progress?.clear();
  }

  async #sendRows(rowsTotal: number): Promise<void> {
    let bytesTotal = 0;
    const csv = await openCsv(this.#options.file, {
      onBadRow: (problem) => this.#onBadRow(problem),
      onBytes: (bytes) => {
        if (rowsTotal === 0 && bytesTotal > 0) this.#fraction = bytes / bytesTotal;
      },
    });
    // After the opening: a file that is not there has been named in words by then.
    if (this.#options.file !== '-') bytesTotal = statSync(this.#options.file).size;
    this.#names = seriesNames(csv.columns, this.#options.as);
    const pace = new Pace(this.#options.speed, this.#signal);
    const batchRows = Math.max(1, Math.floor(BATCH_SAMPLES / this.#names.length));
    let rows = 0;
    for await (const row of csv.rows) {
      rows++;
      if (rows === 1 && this.#position.line === 0) await this.#sayWhatIsNotJudged(row.timeMs);
      if (row.line <= this.#position.line) continue;
      if (rowsTotal > 0) this.#fraction = rows / rowsTotal;
      if (pace.mustWait(row.timeMs)) {
        await this.#flush();
        await pace.until(row.timeMs);
      }
      this.#rows.push(row);
      if (this.#rows.length >= batchRows || pace.batchIsOld()) await this.#flush();
      if (this.#signal.aborted) break;
    }
    this.#signal.throwIfAborted();
    await this.#flush();
  }

  /** Recordings are in the order of time nearly always, so the first row tells whether any comes too late. */
  async #sayWhatIsNotJudged(firstMs: number): Promise<void> {
    const judged = await findJudged(this.#options.server, this.#names, this.#options.labels, this.#signal);
    if (judged === undefined || firstMs + this.#position.shiftMs > judged.newestMs) return;
    this.report.notJudged(judged);
  }

  async #flush(): Promise<void> {
    const rows = this.#rows.filter((row) => row.values.some((value) => !Number.isNaN(value)));
    const last = this.#rows.at(-1);
    this.#rows = [];
    if (rows.length > 0) {
      const items = rows.map((row) => this.#itemOf(row));
      this.report.sent(rows, await this.#sender.send(items));
    }
    if (last === undefined) return;
    this.#position = { ...this.#position, line: last.line };
    this.#progress?.write(this.#position);
    this.report.progress(this.#fraction);
  }

  #itemOf(row: CsvRow): object {
    const item: Record<string, unknown> = { timestamp: (row.timeMs + this.#position.shiftMs) / 1000 };
    for (let column = 0; column < this.#names.length; column++) {
      const value = row.values[column]!;
      if (!Number.isNaN(value)) item[this.#names[column]!] = value;
    }
    if (Object.keys(this.#options.labels).length > 0) item.labels = this.#options.labels;
    return item;
  }

  #onBadRow(problem: CsvProblem): void {
    if (problem.line > this.#position.line) this.report.badRow(problem, this.#names.length);
  }
}

/** Reads the file once through before anything is sent: its newest time and its length. */
async function measure(file: string): Promise<{ newestMs: number; rows: number } | undefined> {
  const csv = await openCsv(file, { onBadRow: () => {} });
  let newestMs = Number.NEGATIVE_INFINITY;
  let rows = 0;
  for await (const row of csv.rows) {
    rows++;
    if (row.timeMs > newestMs) newestMs = row.timeMs;
  }
  return rows === 0 ? undefined : { newestMs, rows };
}

/** Holds rows back until their time has come. */
class Pace {
  readonly #speed: number;
  readonly #signal: AbortSignal;
  #startMs = 0;
  #firstTimeMs: number | undefined;
  #batchStartMs = 0;

  constructor(speed: number, signal: AbortSignal) {
    this.#speed = speed;
    this.#signal = signal;
  }

  mustWait(timeMs: number): boolean {
    if (this.#speed === Number.POSITIVE_INFINITY) return false;
    if (this.#firstTimeMs === undefined) {
      this.#firstTimeMs = timeMs;
      this.#startMs = performance.now();
      this.#batchStartMs = this.#startMs;
    }
    return this.#waitMs(timeMs) > 0;
  }

  async until(timeMs: number): Promise<void> {
    await pause(this.#waitMs(timeMs), undefined, { signal: this.#signal });
    this.#batchStartMs = performance.now();
  }

  batchIsOld(): boolean {
    if (this.#speed === Number.POSITIVE_INFINITY) return false;
    const nowMs = performance.now();
    if (nowMs - this.#batchStartMs < PACED_BATCH_MS) return false;
    this.#batchStartMs = nowMs;
    return true;
  }

  #waitMs(timeMs: number): number {
    const dueMs = this.#startMs + (timeMs - (this.#firstTimeMs ?? timeMs)) / this.#speed;
    return dueMs - performance.now();
  }
}

/** One value column takes the name given; several keep theirs behind it: `ec2_cpu`, `ec2_disk`. */
function seriesNames(columns: readonly string[], as: string | undefined): string[] {
  if (as !== undefined) return columns.length === 1 ? [as] : columns.map((column) => `${as}_${column}`);
  if (!columns.includes('labels')) return [...columns];
  throw new AppError('usage', 'A value column cannot be named "labels".', {
    field: '--as',
    hint: 'Put a name before the columns with --as NAME, or rename the column.',
  });
}

function openProgress(options: ReplayOptions): ReplayProgress | undefined {
  const { file, server, as, labels, shiftToNow } = options;
  try {
    return new ReplayProgress({ path: file, url: server.url, as, labels, shiftToNow });
  } catch {
    // The file is not there: the reader says so in words.
    return undefined;
  }
}
