import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import {
  createMultiViewDetector,
  createVerdict,
  type DetectorOptions,
  type StreamingDetector,
  type Verdict,
} from '@seismo/engine/streaming';
import { openCsv } from '../ingest/csv-reader.js';
import { startsOver } from '../model/start-over.js';
import { BadRows } from './bad-rows.js';
import { createDetectFormatter, type DetectNote } from './detect-output.js';
import { ProgressBar } from './progress-bar.js';
import type { RowFormat } from './rows-output.js';
import { countText } from './terminal.js';

export interface DetectOptions {
  /** Path, `-` for standard input, or a stream of bytes. */
  readonly file: string | Readable;
  readonly format: RowFormat;
  /** Every row, not the anomalies alone. */
  readonly all: boolean;
  readonly detector: DetectorOptions;
  /** Leaves bad rows out instead of ending at the first. */
  readonly skipBad: boolean;
  readonly quiet: boolean;
  readonly output: Writable;
  readonly messages: Writable;
}

/** Rows are handed on in pieces of about this size. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Judges a CSV file row by row and prints what it finds, in the file's order. Memory does not grow with the
 * file. Resolves with the exit code; rejects with an AppError where the file or a row of it is bad.
 */
export async function runDetect(options: DetectOptions): Promise<number> {
  const problems = new BadRows(options.messages);
  const bar = new ProgressBar(!options.quiet && (options.output as { isTTY?: boolean }).isTTY !== true);
  const sizeBytes = typeof options.file === 'string' && options.file !== '-' ? await sizeOf(options.file) : 0;
  const csv = await openCsv(options.file, {
    ...(options.skipBad ? { onBadRow: (problem) => problems.add(problem) } : {}),
    onBytes: (bytes) => {
      if (sizeBytes > 0) bar.update(bytes / sizeBytes, '');
    },
  });
  const run = new DetectRun(options, csv.columns);
  try {
    await run.write(run.formatter.begin());
    for await (const row of csv.rows) {
      for (let column = 0; column < csv.columns.length; column++) {
        run.judge(column, row.timeMs, row.values[column]!);
      }
      run.rows++;
      if (run.pending.length >= CHUNK_CHARACTERS) await run.flush();
    }
    run.pending += run.formatter.end();
    await run.flush();
  } catch (error) {
    bar.clear();
    // What was judged before a bad row is still shown.
    await run.flush().catch(() => {});
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return 0;
    throw error;
  } finally {
    csv.close();
  }
  bar.clear();
  problems.finish();
  if (!options.quiet) options.messages.write(run.summary());
  return 0;
}

class DetectRun {
  rows = 0;
  /** Output not yet handed on. */
  pending = '';
  readonly formatter;
  readonly #options: DetectOptions;
  readonly #columns: readonly string[];
  readonly #detector: StreamingDetector;
  readonly #slots: number[];
  /** By column: whether a sample was judged already. */
  readonly #judged: boolean[];
  readonly #verdict: Verdict = createVerdict();
  #anomalies = 0;
  #alarms = 0;
  #notJudged = 0;

  constructor(options: DetectOptions, columns: readonly string[]) {
    this.#options = options;
    this.#columns = columns;
    this.#detector = createMultiViewDetector(options.detector);
    this.#slots = columns.map(() => this.#detector.open());
    this.#judged = columns.map(() => false);
    this.formatter = createDetectFormatter(options.format, columns);
  }

  judge(column: number, timeMs: number, value: number): void {
    this.#startOverIfOlder(column, timeMs, value);
    const slot = this.#slots[column]!;
    const verdict = this.#verdict;
    const lastMs = this.#detector.lastTimeMs(slot);
    const note: DetectNote = timeMs > lastMs ? '' : timeMs === lastMs ? 'repeat' : 'late';
    this.#detector.score(slot, timeMs, value, verdict);
    if (Number.isNaN(value)) verdict.state = 'no_data';
    else if (note === '') this.#detector.learn(slot, timeMs, value);
    else this.#notJudged++;
    if (verdict.state === 'ok' || verdict.state === 'anomalous') this.#judged[column] = true;
    if (verdict.state === 'anomalous') this.#anomalies++;
    if (verdict.alarm) this.#alarms++;
    if (!this.#options.all && verdict.state !== 'anomalous') return;
    this.pending += this.formatter.row(this.#columns[column]!, timeMs, value, verdict, note);
  }

  /** As the server does. */
  #startOverIfOlder(column: number, timeMs: number, value: number): void {
    const slot = this.#slots[column]!;
    if (this.#judged[column] || Number.isNaN(value) || !(timeMs < this.#detector.lastTimeMs(slot))) return;
    if (!startsOver(this.#detector, slot, timeMs, this.#detector.describe(slot).have)) return;
    this.#detector.close(slot);
    this.#slots[column] = this.#detector.open();
  }

  async flush(): Promise<void> {
    const text = this.pending;
    this.pending = '';
    await this.write(text);
  }

  async write(text: string): Promise<void> {
    const { output } = this.#options;
    if (text !== '' && !output.write(text)) await once(output, 'drain');
  }

  /** One sentence, and one for each series that was never judged. */
  summary(): string {
    const notJudged = this.#notJudged === 0 ? '' : `; ${this.#notJudged} late or repeated, not judged`;
    let text =
      `${countText(this.rows, 'row')}, ${countText(this.#anomalies, 'anomaly', 'anomalies')}, ` +
      `${countText(this.#alarms, 'alarm')}${notJudged}\n`;
    for (const [column, slot] of this.#slots.entries()) {
      const { state, have, need } = this.#detector.describe(slot);
      if (state === 'warming_up') text += `${this.#columns[column]}: learning, ${have} of ${need} samples\n`;
    }
    return text;
  }
}

async function sizeOf(path: string): Promise<number> {
  // A missing file is openCsv's to report.
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
