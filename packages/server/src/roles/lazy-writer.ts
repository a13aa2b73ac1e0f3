import type { BigQuerySampleWriter } from '../adapters/gcp/bigquery-sample-writer.js';
import { AppError } from '../errors.js';

/**
 * The writer, opened beside what else has to be done at start; what comes before waits for it. Where it could not be
 * opened, the next call tries again.
 */
export class LazyWriter implements BigQuerySampleWriter {
  readonly #open: () => Promise<BigQuerySampleWriter>;
  #opening: Promise<BigQuerySampleWriter> | undefined;

  constructor(open: () => Promise<BigQuerySampleWriter>) {
    this.#open = open;
  }

  warmUp(): void {
    this.#opened().catch(() => {
      // The first append fails the same way and says so.
    });
  }

  async append(...args: Parameters<BigQuerySampleWriter['append']>): Promise<number | undefined> {
    return (await this.#opened()).append(...args);
  }

  async close(): Promise<void> {
    const writer = await this.#opening?.catch(() => undefined);
    await writer?.close();
  }

  #opened(): Promise<BigQuerySampleWriter> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      const message = error instanceof Error ? error.message : String(error);
      throw new AppError('not_ready', `The client of BigQuery cannot be used: ${message}`, { cause: error });
    });
    return this.#opening;
  }
}
