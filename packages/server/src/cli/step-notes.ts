import { formatSeriesTime } from '../ingest/series-time.js';
import type { ArimaAnswer } from '../model/arima-work.js';
import type { ArimaInput } from './arima-input.js';

/** Steps told one by one; the others are counted. */
const TOLD_MAX = 20;

/**
 * Tells of lasting steps in a history that is judged: the model learned them from the values after them, which are
 * therefore expected at their new level and are no anomalies.
 */
export class StepNotes {
  readonly #header: ArimaInput['header'];
  readonly #told: string[] = [];
  #count = 0;

  constructor({ header }: Pick<ArimaInput, 'header'>) {
    this.#header = header;
  }

  add(ids: readonly string[], { steps = [] }: ArimaAnswer): void {
    const { idColumns, timeForm } = this.#header;
    const name = idColumns.map((column, at) => `${column} ${ids[at]}`).join(', ');
    for (const { timeMs, size } of steps) {
      if (++this.#count > TOLD_MAX) continue;
      const change = `${size < 0 ? '−' : '+'}${Number(Math.abs(size).toPrecision(4))}`;
      this.#told.push(`note: ${name}: lasting step of ${change} at ${formatSeriesTime(timeMs, timeForm)}\n`);
    }
  }

  /** On standard error. */
  write(): void {
    const rest = this.#count > TOLD_MAX ? [`note: ${this.#count} lasting steps in all\n`] : [];
    if (this.#count > 0) rest.push('note: values after a step are judged at its level, not as anomalies\n');
    process.stderr.write([...this.#told, ...rest].join(''));
  }
}
