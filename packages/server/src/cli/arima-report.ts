import type { Writable } from 'node:stream';
import { AppError } from '../errors.js';
import type { ArimaAnswer, ArimaAsk, ArimaTask } from '../model/arima-work.js';
import type { ArimaInput, InputSeries } from './arima-input.js';
import { answersTo } from './arima-run.js';
import { ProgressBar } from './progress-bar.js';
import { countText } from './terminal.js';

/** Series named one by one; the others are counted. */
const NAMED_MAX = 20;

/** One series with its answer, in the order of the file. */
export interface AnsweredSeries {
  readonly ids: readonly string[];
  readonly answer: ArimaAnswer;
}

/**
 * Asks every series, the good ones on all cores, and tells on standard error of those that could not be modelled or
 * whose model is a constant. Rejects with `bad_request` when no series at all has an answer.
 */
export async function* askAll(
  { header, series }: ArimaInput,
  askOf: (series: InputSeries) => ArimaAsk,
  isQuiet: boolean,
): AsyncGenerator<AnsweredSeries> {
  const report = new SeriesReport(process.stderr, header.idColumns);
  const bar = new ProgressBar(!isQuiet && process.stdout.isTTY !== true);
  const tasks = series.flatMap((one): ArimaTask[] =>
    one.source === undefined ? [] : [{ source: one.source, ask: askOf(one) }],
  );
  const answers = answersTo(tasks, (done) =>
    bar.update(done / tasks.length, `${done} of ${tasks.length} series`),
  );
  try {
    for (const { ids, source, errorMessage } of series) {
      const answer = source === undefined ? {} : ((await answers.next()).value as ArimaAnswer);
      const message = answer.errorMessage ?? errorMessage;
      if (message !== undefined) bar.clear();
      report.add(ids, answer.columns !== undefined, message);
      yield { ids, answer: message === undefined ? answer : { ...answer, errorMessage: message } };
    }
    report.finish();
  } finally {
    bar.clear();
    await answers.return(undefined);
  }
}

class SeriesReport {
  readonly #messages: Writable;
  readonly #idColumns: readonly string[];
  #leftOut = 0;
  #constant = 0;
  #answered = 0;
  #firstReason: string | undefined;

  constructor(messages: Writable, idColumns: readonly string[]) {
    this.#messages = messages;
    this.#idColumns = idColumns;
  }

  add(ids: readonly string[], isAnswered: boolean, errorMessage: string | undefined): void {
    if (isAnswered) this.#answered++;
    if (errorMessage === undefined) return;
    this.#firstReason ??= errorMessage;
    const count = isAnswered ? ++this.#constant : ++this.#leftOut;
    if (count > NAMED_MAX) return;
    const name = this.#idColumns.map((column, at) => `${column} ${ids[at]}`).join(', ');
    this.#messages.write(`${isAnswered ? 'note' : 'left out'}: ${name}: ${errorMessage}\n`);
  }

  finish(): void {
    if (this.#leftOut > NAMED_MAX)
      this.#messages.write(`left out: ${countText(this.#leftOut, 'series', 'series')} in all\n`);
    if (this.#constant > NAMED_MAX)
      this.#messages.write(`note: ${this.#constant} series are constant in all\n`);
    if (this.#answered > 0 || this.#firstReason === undefined) return;
    throw new AppError('bad_request', 'No series could be modelled.', {
      hint: 'The reason of each stands above; `seismo evaluate` prints them as rows.',
    });
  }
}
