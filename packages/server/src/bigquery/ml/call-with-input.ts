import { createSeriesSum, type Expectations, type SeriesSum } from '@seismo/engine';
import { type EvaluationAsk, evaluatedBy, judgedBy } from '../../model/arima-answers.js';
import { ERROR_COLUMNS, type SeriesRows } from '../../model/arima-columns.js';
import type { ArimaAnswer, ArimaAsk } from '../../model/arima-work.js';
import type { SqlModelId } from '../../ports/sql-models.js';
import type { Column } from '../sql/plan.js';
import { askSeries } from './ask-series.js';
import { furtherColumns } from './call-columns.js';
import { UnjudgedTotal } from './call-notes.js';
import type { CallSettings } from './call-settings.js';
import { type ColumnValues, columnIndex, type MlRows, numbersOf, timesMsOf, withNulls } from './ml-rows.js';
import type { MlAnswer, MlNote, ModelCall } from './model-call.js';
import { type ModelSum, newestHistoryMs, pieceOfIds, sumNote, sumsOf } from './model-sums.js';
import { RowsBuilder } from './rows-builder.js';
import { rowsBySeries, SeriesNumbers } from './series-numbers.js';

/** ML.DETECT_ANOMALIES over rows that come: every one of them, in their order, with its verdict. */
export async function judgeRows(call: ModelCall, input: MlRows, settings: CallSettings): Promise<MlAnswer> {
  const { columns, model } = call;
  const data = new SeriesData(call, input);
  const verdicts: (boolean | null)[] = new Array(input.rowCount).fill(null);
  const numbers = [0, 1, 2].map(() => new Float64Array(input.rowCount).fill(Number.NaN));
  const threshold = settings.anomalyProbThreshold;
  const question: RowsQuestion = {
    ask: (data) => ({ kind: 'judge', threshold, data }),
    ofSum: (by, data) => judgedBy(by, threshold, data),
  };
  for await (const { rows, answer } of data.answers(question)) {
    const found = answer.columns as Record<string, Float64Array>;
    const sources = [found.lower_bound!, found.upper_bound!, found.anomaly_probability!];
    for (let at = 0; at < rows.length; at++) {
      const verdict = found.is_anomaly![at]!;
      if (verdict < 0) continue;
      const row = rows[at]!;
      verdicts[row] = verdict === 1;
      for (let column = 0; column < sources.length; column++) numbers[column]![row] = sources[column]![at]!;
    }
  }
  const own = columns.slice(0, model.header.idColumns.length + 2);
  const further = furtherColumns(input.columns, model.header);
  const values = [
    ...own.slice(0, -2).map((column) => input.values[columnIndex(input.columns, column.name)!]!),
    data.timestamps,
    data.values,
    verdicts,
    ...numbers.map(withNulls),
    ...further.map(({ index }) => input.values[index]!),
  ];
  return {
    rows: { columns, values, rowCount: input.rowCount },
    notes: data.notes(settings),
  };
}

/** ML.EVALUATE over rows that came: those that the horizon holds. */
export async function evaluateRows(
  call: ModelCall,
  input: MlRows,
  settings: CallSettings,
): Promise<MlAnswer> {
  const { columns, model } = call;
  const { performAggregation: aggregated, horizon, confidenceLevel } = settings;
  const data = new SeriesData(call, input);
  const builder = new RowsBuilder(columns);
  const asked: EvaluationAsk = { aggregated, confidenceLevel, ...(horizon === undefined ? {} : { horizon }) };
  const question: RowsQuestion = {
    ask: (data) => ({ kind: 'evaluate', ...asked, data }),
    ofSum: (by, data) => evaluatedBy(by, asked, data),
    needsHistories: true,
  };
  for await (const { ids, answer } of data.answers(question)) {
    const found = answer.columns as Record<string, Float64Array>;
    const names = pieceOfIds(model.header, ids);
    if (aggregated) {
      builder.add(1, [...names, ...ERROR_COLUMNS.map((error) => found[error])]);
    } else {
      const { time, ...others } = found;
      const micros = time!.map((timeMs) => timeMs * 1000);
      builder.add(time!.length, [...names, micros, ...ROW_ERRORS.map((error) => others[error])]);
    }
  }
  return { rows: builder.finish(), notes: data.notes(settings) };
}

const ROW_ERRORS = [
  'data',
  'forecasted',
  'lower_bound',
  'upper_bound',
  'absolute_error',
  'absolute_percentage_error',
];

interface RowsQuestion {
  readonly ask: (data: SeriesRows) => ArimaAsk;
  readonly ofSum: (by: Expectations, data: SeriesRows) => ArimaAnswer;
  /** Of the series that sums are of. */
  readonly needsHistories?: boolean;
}

interface RowsAnswer {
  readonly ids: readonly SqlModelId[];
  readonly answer: ArimaAnswer;
  /** Their places in the input. */
  readonly rows: Uint32Array;
}

/** The rows of the input, by the series of the model and the sums above them. */
class SeriesData {
  readonly #unjudged = new UnjudgedTotal();
  readonly #withoutSum: MlNote[] = [];
  readonly #sums: readonly ModelSum[];
  /** As TIMESTAMP and FLOAT64. */
  readonly timestamps: ColumnValues;
  readonly values: ColumnValues;
  readonly #call: ModelCall;
  readonly #timesMs: Float64Array;
  readonly #numbers: Float64Array;
  readonly #order: Uint32Array;
  readonly #starts: Uint32Array;

  constructor(call: ModelCall, { columns, values, rowCount }: MlRows) {
    const { header, series } = call.model;
    this.#call = call;
    const place = (name: string) => columnIndex(columns, name)!;
    const timeAt = place(header.timestampColumn.name);
    const dataAt = place(header.dataColumn.name);
    const timeColumn: Column = columns[timeAt]!;
    this.#timesMs = timesMsOf(values[timeAt]!, timeColumn.type);
    this.#numbers = numbersOf(values[dataAt]!);
    this.timestamps = timeColumn.type === 'DATE' ? asTimestamps(values[timeAt]!) : values[timeAt]!;
    this.values = columns[dataAt]!.type === 'FLOAT64' ? values[dataAt]! : asFloats(values[dataAt]!);
    this.#sums = sumsOf(call.model);
    const known = new SeriesNumbers(
      header.idColumns,
      [...series, ...this.#sums].map(({ ids }) => ids),
    );
    const ids = header.idColumns.map(({ name }) => values[place(name)]!);
    const numbers = known.ofRows(ids, rowCount, false);
    // One whose training failed is as unknown as one that was never there.
    for (let row = 0; row < rowCount; row++) {
      const one = series[numbers[row]!];
      if (one !== undefined && one.facts === undefined) numbers[row] = -1;
    }
    const { order, starts } = rowsBySeries(numbers, series.length + this.#sums.length);
    this.#order = order;
    this.#starts = starts;
    this.#unjudged.add('unknown_series', rowCount - order.length);
  }

  notes({ anomalyProbThreshold }: CallSettings): MlNote[] {
    return [...this.#unjudged.notes(this.#call, anomalyProbThreshold), ...this.#withoutSum];
  }

  /** Of every series that rows are of, then of every sum. */
  async *answers({ ask, ofSum, needsHistories }: RowsQuestion): AsyncGenerator<RowsAnswer> {
    const { model, threads, signal } = this.#call;
    const numbers = model.series.flatMap((_, number) => (this.#rowsOf(number).length === 0 ? [] : [number]));
    const question = {
      numbers,
      part: 'ahead',
      rowCounts: numbers.map((number) => this.#rowsOf(number).length),
      askAll: (batch: readonly number[]) => this.#dataOf(batch).map(ask),
    } as const;
    for await (const { number, answer } of askSeries(model, question, threads, signal)) {
      this.#unjudged.addAll(answer.unjudged);
      yield { ids: model.series[number]!.ids, answer, rows: this.#rowsOf(number) };
    }
    for await (const { sum, number, by } of this.#sumsAsked(needsHistories === true)) {
      const rows = this.#rowsOf(number);
      if ('errorMessage' in by) {
        this.#withoutSum.push(sumNote(model.header, sum.ids, by.errorMessage, rows.length));
        continue;
      }
      const answer = ofSum(by, this.#dataOf([number])[0]!);
      this.#unjudged.addAll(answer.unjudged);
      yield { ids: sum.ids, answer, rows };
    }
  }

  /** The sums that rows are of, by what their series tell. */
  async *#sumsAsked(needsHistories: boolean) {
    const { model, threads, signal } = this.#call;
    const { header, series } = model;
    const asked: { sum: ModelSum; number: number; total: SeriesSum }[] = [];
    const totals = new Map<number, SeriesSum[]>();
    for (const [at, sum] of this.#sums.entries()) {
      const number = series.length + at;
      if (this.#rowsOf(number).length === 0) continue;
      const total = createSeriesSum();
      asked.push({ sum, number, total });
      for (const member of sum.numbers) totals.set(member, [...(totals.get(member) ?? []), total]);
    }
    const numbers = [...totals.keys()].sort((a, b) => a - b);
    const newestMs = newestHistoryMs(model);
    const question = {
      numbers,
      part: 'whole',
      rowCounts: numbers.map((number) => series[number]!.facts!.points),
      askAll: (batch: readonly number[]) =>
        batch.map((): ArimaAsk => ({ kind: 'part', newestMs, ...(needsHistories && { of: 'history' }) })),
    } as const;
    for await (const { number, answer } of askSeries(model, question, threads, signal)) {
      for (const total of totals.get(number)!) total.add(answer.part!);
    }
    for (const { sum, number, total } of asked) yield { sum, number, by: total.expectations(header.horizon) };
  }

  #rowsOf(number: number): Uint32Array {
    return this.#order.subarray(this.#starts[number], this.#starts[number + 1]);
  }

  /** In two buffers of their own. */
  #dataOf(numbers: readonly number[]): SeriesRows[] {
    const rows = numbers.reduce((sum, number) => sum + this.#rowsOf(number).length, 0);
    const timesMs = new Float64Array(rows);
    const values = new Float64Array(rows);
    let at = 0;
    return numbers.map((number) => {
      const from = at;
      for (const row of this.#rowsOf(number)) {
        timesMs[at] = this.#timesMs[row]!;
        values[at++] = this.#numbers[row]!;
      }
      return { timesMs: timesMs.subarray(from, at), values: values.subarray(from, at) };
    });
  }
}

const DAY_MICROS = 86_400_000_000;

function asTimestamps(days: ColumnValues): ColumnValues {
  return Array.from(days, (day) => (day === null ? null : Number(day) * DAY_MICROS));
}

function asFloats(values: ColumnValues): ColumnValues {
  return Array.from(values, (value) => (value === null ? null : Number(value)));
}
