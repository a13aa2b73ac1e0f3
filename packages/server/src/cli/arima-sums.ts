import { createSeriesSum, type Expectations, hierarchyOf, type SeriesSum } from '@seismo/engine';
import type { ArimaColumns, SeriesRows } from '../model/arima-columns.js';
import { HierarchySums, idsKey, type SumRows, sumsAbove } from '../model/arima-sums.js';
import type { ArimaAnswer, ArimaTask } from '../model/arima-work.js';
import type { InputSeries } from './arima-input.js';
import type { AnsweredSeries } from './arima-report.js';
import { answersTo } from './arima-run.js';
import type { ModelFileHeader } from './model-file.js';

/** A series or a sum of several. */
interface AnsweredSum {
  /** Null in the columns that a sum is over. */
  readonly ids: readonly (string | null)[];
  readonly answer: ArimaAnswer;
}

type Told = ArimaColumns | { readonly errorMessage: string };

/** In a question, where there is a hierarchy: what sums need is then part of the answers. */
export function forSums({ hierarchy }: Pick<ModelFileHeader, 'hierarchy'>): { readonly newestMs?: number } {
  return hierarchy === undefined ? {} : { newestMs: hierarchy.newestMs };
}

/** Answers of the series and then, where there is a hierarchy, of the sums above them, the lowest level first. */
export async function* withSums(
  answers: AsyncIterable<AnsweredSeries>,
  { idColumns, hierarchy }: Pick<ModelFileHeader, 'idColumns' | 'hierarchy'>,
  ofSum: (sum: SeriesSum, heldOut: SumRows) => Told,
): AsyncGenerator<AnsweredSum> {
  if (hierarchy === undefined) {
    yield* answers;
    return;
  }
  const sums = new HierarchySums<string>(idColumns, hierarchy.columns);
  for await (const answered of answers) {
    yield answered;
    const { part, heldOut } = answered.answer;
    if (part !== undefined) sums.add(answered.ids, part, heldOut);
  }
  for (const { ids, sum, heldOut } of sums.all()) yield* toldOf(idColumns, ids, ofSum(sum, heldOut));
}

/** What a sum tells, or why it tells nothing. */
export function columnsUnless<Told extends object>(
  told: Told | { readonly errorMessage: string },
  columns: (told: Told) => ArimaColumns,
): ArimaColumns | { readonly errorMessage: string } {
  return 'errorMessage' in told ? (told as { readonly errorMessage: string }) : columns(told);
}

function* toldOf(
  idColumns: readonly string[],
  ids: readonly (string | null)[],
  told: Told,
): Generator<AnsweredSum> {
  if (!('errorMessage' in told)) {
    yield { ids, answer: { columns: told } };
    return;
  }
  const name = idColumns.map((column, at) => `${column} ${ids[at] ?? 'all'}`).join(', ');
  process.stderr.write(`left out: ${name}: ${told.errorMessage}\n`);
}

/** Rows of a file that are of a sum: empty in the columns that it is over. */
export interface RowsOfSum {
  readonly ids: readonly (string | null)[];
  readonly rows: SeriesRows;
  /** What it is a sum of. */
  readonly series: readonly InputSeries[];
}

/** Takes the rows of sums out of those of a file. */
export class SumsInRows {
  readonly #sums = new Map<string, Omit<RowsOfSum, 'rows'>>();
  readonly found: RowsOfSum[] = [];

  constructor(
    { idColumns, hierarchy }: Pick<ModelFileHeader, 'idColumns' | 'hierarchy'>,
    series: readonly InputSeries[],
  ) {
    if (hierarchy === undefined) return;
    const modelled = series.flatMap(({ ids, source }, number) => (source ? [{ ids, number }] : []));
    for (const { ids, numbers } of sumsAbove(modelled, hierarchyOf(idColumns, hierarchy.columns))) {
      const key = idsKey(ids.map((id) => id ?? ''));
      this.#sums.set(key, { ids, series: numbers.map((number) => series[number]!) });
    }
  }

  /** Whether these rows are of a sum. */
  take(ids: readonly string[], rows: SeriesRows): boolean {
    const sum = this.#sums.get(idsKey(ids));
    if (sum !== undefined) this.found.push({ ...sum, rows });
    return sum !== undefined;
  }
}

/** Answers about rows of sums, by what all series of each sum tell; in the order of the rows. */
export async function* answersOfSums(
  sums: readonly RowsOfSum[],
  { idColumns, hierarchy }: Pick<ModelFileHeader, 'idColumns' | 'hierarchy'>,
  ofSum: (by: Expectations, rows: SeriesRows) => ArimaColumns,
): AsyncGenerator<AnsweredSum> {
  const totals = sums.map(() => createSeriesSum());
  const series = [...new Set(sums.flatMap((sum) => sum.series))];
  const tasks = series.map(
    ({ source }): ArimaTask => ({
      source: source!,
      ask: { kind: 'part', newestMs: hierarchy!.newestMs, of: 'history' },
    }),
  );
  let number = 0;
  for await (const { part } of answersTo(tasks)) {
    const one = series[number++]!;
    for (const [at, sum] of sums.entries()) if (sum.series.includes(one)) totals[at]!.add(part!);
  }
  for (const [at, { ids, rows }] of sums.entries()) {
    const by = totals[at]!.expectations(Number.POSITIVE_INFINITY);
    yield* toldOf(
      idColumns,
      ids,
      columnsUnless(by, (found) => ofSum(found, rows)),
    );
  }
}
