import type { Writable } from 'node:stream';
import type { CsvProblem } from '../ingest/csv-records.js';

/** Bad rows that are named one by one; the others are counted. */
const NAMED_MAX = 20;

/** Tells of bad rows that were left out. */
export class BadRows {
  readonly #messages: Writable;
  #count = 0;

  constructor(messages: Writable) {
    this.#messages = messages;
  }

  add({ line, column, message }: CsvProblem): void {
    if (++this.#count > NAMED_MAX) return;
    const where = column === undefined ? '' : `, column "${column}"`;
    this.#messages.write(`left out: line ${line}${where}: ${message}\n`);
  }

  finish(): void {
    if (this.#count > NAMED_MAX) this.#messages.write(`left out: ${this.#count} rows in all\n`);
  }
}
