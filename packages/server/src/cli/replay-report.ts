import type { CsvRow } from '../ingest/csv-reader.js';
import type { CsvProblem } from '../ingest/csv-records.js';
import type { JudgedSeries } from './judged-series.js';
import { ProgressBar } from './progress-bar.js';
import type { SentBatch } from './replay-sender.js';
import { countText } from './terminal.js';

/** More reasons than this do not help anybody. */
const REASONS_MAX = 10;

/**
 * What a replay says: troubles on standard error as they come, the bar below them, one summary line on standard
 * output.
 */
export class ReplayReport {
  readonly #startMs = performance.now();
  readonly #quiet: boolean;
  readonly #resumable: boolean;
  readonly #bar: ProgressBar;
  #sampleCount = 0;
  #reasonCount = 0;
  #lastLine = 0;
  #retryShown = '';
  acceptedCount = 0;

  constructor(quiet: boolean, resumable: boolean) {
    this.#quiet = quiet;
    this.#resumable = resumable;
    this.#bar = new ProgressBar(!quiet);
  }

  /** Samples, not rows: a row of several columns may be accepted in part. */
  get rejectedCount(): number {
    return this.#sampleCount - this.acceptedCount;
  }

  progress(fraction: number): void {
    this.#bar.update(fraction, `${this.acceptedCount.toLocaleString('en-US')} samples`);
  }

  resume(line: number): void {
    this.#lastLine = line;
    this.#say(`Going on after line ${line}, where the last replay was interrupted (--restart begins anew).`);
  }

  notJudged({ series, newestMs, count }: JudgedSeries): void {
    const others = count === 1 ? '' : ` and ${count - 1} more of these series`;
    const has = count === 1 ? 'has' : 'have';
    const until = new Date(newestMs).toISOString();
    this.#say(
      `${series}${others} ${has} been judged up to ${until}: rows until then are stored but not judged; ` +
        '--as NAME or --label NAME=VALUE gives a fresh series.',
    );
  }

  retry(reason: string): void {
    if (reason === this.#retryShown) return;
    this.#retryShown = reason;
    this.#say(`Trying again: ${reason}`);
  }

  /** `columns`: how many samples a row holds. */
  badRow(problem: CsvProblem, columns: number): void {
    this.#sampleCount += columns;
    this.#reject(problem.line, problem.column, problem.message);
  }

  /** `rejected` names positions in `rows`. */
  sent(rows: readonly CsvRow[], { accepted, rejected, rejectedCount }: SentBatch): void {
    this.#retryShown = '';
    for (const row of rows) for (const value of row.values) if (!Number.isNaN(value)) this.#sampleCount++;
    this.acceptedCount += accepted;
    this.#lastLine = rows.at(-1)?.line ?? this.#lastLine;
    for (const { index, field, message } of rejected) this.#reject(rows[index]?.line ?? 0, field, message);
    this.#reasonCount += rejectedCount - rejected.length;
  }

  finish(): void {
    this.#bar.clear();
    if (this.#reasonCount > REASONS_MAX) {
      this.#say(
        `… and ${countText(this.#reasonCount - REASONS_MAX, 'further reason')} of the same kind or others.`,
      );
    }
    if (!this.#quiet) process.stdout.write(`${this.#summary()}\n`);
  }

  breakOff(): void {
    this.#bar.clear();
    if (this.#lastLine === 0 || !this.#resumable) return;
    this.#say(`Interrupted after line ${this.#lastLine}; the same command goes on from there.`);
  }

  #summary(): string {
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(1);
    const counts = `${this.acceptedCount.toLocaleString('en-US')} accepted, ${this.rejectedCount.toLocaleString('en-US')} rejected`;
    return `Sent ${countText(this.#sampleCount, 'sample')} in ${seconds} s: ${counts}.`;
  }

  #reject(line: number, field: string | undefined, message: string): void {
    this.#reasonCount++;
    if (this.#reasonCount > REASONS_MAX) return;
    this.#write(`line ${line}${field === undefined ? '' : `, ${field}`}: ${message}`);
  }

  #say(text: string): void {
    if (!this.#quiet) this.#write(text);
  }

  #write(text: string): void {
    this.#bar.clear();
    process.stderr.write(`${text}\n`);
  }
}
