import { detectBy, type SeriesSum } from '@seismo/engine';
import { anomalyColumns, explainColumns, forecastColumns } from '../../model/arima-answers.js';
import { type ArimaColumns, EXPLAIN_COLUMNS } from '../../model/arima-columns.js';
import type { ArimaFacts } from '../../model/arima-facts.js';
import { HierarchySums } from '../../model/arima-sums.js';
import type { AheadAsk, JudgeAsk } from '../../model/arima-work.js';
import type { SqlModelId } from '../../ports/sql-models.js';
import { SqlError } from '../sql/plan.js';
import { askSeries, modelledSeries, type SeriesQuestion } from './ask-series.js';
import { withoutModelNotes } from './call-notes.js';
import type { CallSettings } from './call-settings.js';
import type { MlAnswer, MlNote, ModelCall } from './model-call.js';
import { idColumnNames, idPieces, newestHistoryMs, pieceOfIds, sumNote } from './model-sums.js';
import { type Piece, RowsBuilder } from './rows-builder.js';

/** What is asked of the model alone can be far larger than the model. */
const ROWS_MAX = 20_000_000;

export function forecastSeries(call: ModelCall, settings: CallSettings): Promise<MlAnswer> {
  const { confidenceLevel, horizon = 3 } = settings;
  const steps = Math.min(horizon, call.model.header.horizon);
  return askEvery(call, {
    part: 'ahead',
    steps,
    rowsOf: (_, ahead) => ahead,
    ask: (ahead) => ({ kind: 'forecast', horizon: ahead, confidenceLevel }),
    pieces: (columns) => forecastPieces(columns, confidenceLevel),
    ofSum: (sum) => columnsUnless(sum.forecast(steps, confidenceLevel), forecastColumns),
  });
}

function forecastPieces(
  { time, forecast, standard_error, lower, upper }: ArimaColumns,
  confidenceLevel: number,
): readonly (Piece | undefined)[] {
  return [
    micros(time),
    ...[forecast, standard_error],
    { all: confidenceLevel },
    ...[lower, upper, lower, upper],
  ];
}

/** What a sum tells, or why it tells nothing. */
function columnsUnless<Told extends object>(
  told: Told | { readonly errorMessage: string },
  columns: (told: Told) => ArimaColumns,
): ArimaColumns | { readonly errorMessage: string } {
  return 'errorMessage' in told ? told : columns(told);
}

/** ML.DETECT_ANOMALIES without data. */
export function judgeHistory(
  call: ModelCall,
  { anomalyProbThreshold: threshold }: CallSettings,
): Promise<MlAnswer> {
  needsHistory(call, 'without input data ');
  return askEvery(call, {
    part: 'whole',
    steps: 0,
    rowsOf: ({ points }) => points,
    ask: () => ({ kind: 'judge', threshold }),
    pieces: ({ time, data, is_anomaly, lower_bound, upper_bound, anomaly_probability }) => [
      micros(time),
      ...[data, is_anomaly, lower_bound, upper_bound, anomaly_probability],
    ],
    ofSum: (sum) =>
      columnsUnless(sum.expectations(1), (by) =>
        anomalyColumns(detectBy(by, { anomalyProbThreshold: threshold })),
      ),
  });
}

export function explainSeries(
  call: ModelCall,
  { horizon = 3, confidenceLevel }: CallSettings,
): Promise<MlAnswer> {
  needsHistory(call, '');
  const steps = Math.min(horizon, call.model.header.horizon);
  return askEvery(call, {
    part: 'whole',
    steps,
    rowsOf: ({ points }, ahead) => points + ahead,
    ask: (ahead) => ({ kind: 'explain', horizon: ahead, confidenceLevel }),
    pieces: (columns) => [micros(columns.time), ...EXPLAIN_COLUMNS.map((name) => columns[name])],
    ofSum: (sum) =>
      columnsUnless(sum.explain(steps, confidenceLevel), (told) => explainColumns(told, confidenceLevel)),
  });
}

/**
 * ML.ARIMA_EVALUATE: a row of every series, also of one without a model. ML.EVALUATE without data has no column for why
 * there is none, and no row of such a series.
 */
export async function seriesOrders(
  { columns, model, threads, signal }: ModelCall,
  showAll: boolean,
): Promise<MlAnswer> {
  const builder = new RowsBuilder(columns);
  const names = columns.slice(model.header.idColumns.length).map(({ name }) => name);
  const numbers = showAll ? modelledSeries(model) : [];
  const question: SeriesQuestion = {
    numbers,
    part: 'whole',
    rowCounts: numbers.map((number) => model.series[number]!.facts!.points),
    askAll: (batch) => batch.map(() => ({ kind: 'orders', all: true })),
  };
  const answers = askSeries(model, question, threads, signal);
  for (const [number, { facts, errorMessage }] of model.series.entries()) {
    const ids = idPieces(model, number);
    if (facts === undefined) {
      if (!names.includes('error_message')) continue;
      builder.add(1, [
        ...ids,
        ...names.map((name) => ({ all: name === 'error_message' ? errorMessage : null })),
      ]);
    } else if (showAll) {
      const found = (await answers.next()).value!.answer.columns as Record<string, readonly unknown[]>;
      builder.add(found.error_message!.length, [...ids, ...names.map((name) => found[name]!)]);
    } else builder.add(1, [...ids, ...orderPieces(facts).slice(0, names.length)]);
  }
  const notes = names.includes('error_message') ? [] : withoutModelNotes(model);
  return { rows: builder.finish(), notes };
}

function orderPieces(facts: ArimaFacts): Piece[] {
  const { p, d, q } = facts.order;
  const { hasDrift, logLikelihood, aic, variance, seasonalPeriods } = facts;
  const { hasHolidayEffect, hasSpikesAndDips, hasStepChanges, errorMessage } = facts;
  const found = [hasHolidayEffect, hasSpikesAndDips, hasStepChanges, errorMessage];
  return [p, d, q, hasDrift, logLikelihood, aic, variance, seasonalPeriods, ...found].map((all) => ({ all }));
}

/** ML.ARIMA_COEFFICIENTS. */
export function seriesCoefficients({ columns, model }: ModelCall): MlAnswer {
  const builder = new RowsBuilder(columns);
  for (const number of modelledSeries(model)) {
    const { arCoefficients, maCoefficients, interceptOrDrift } = model.series[number]!.facts!;
    const pieces = [arCoefficients, maCoefficients, interceptOrDrift].map((all) => ({ all }));
    builder.add(1, [...idPieces(model, number), ...pieces]);
  }
  return { rows: builder.finish(), notes: withoutModelNotes(model) };
}

interface EverySeries {
  readonly part: 'ahead' | 'whole';
  /** Of the forecast; a series whose own horizon is less gives fewer. */
  readonly steps: number;
  readonly rowsOf: (facts: ArimaFacts, steps: number) => number;
  readonly ask: (steps: number) => AheadAsk | JudgeAsk;
  /** Those after the ids; the first has a value for every row. */
  readonly pieces: (columns: ArimaColumns) => readonly (Piece | undefined)[];
  readonly ofSum: (sum: SeriesSum) => ArimaColumns | { readonly errorMessage: string };
}

/** The series, then the sums of a hierarchy above them, the lowest level first: NULL in the columns summed over. */
async function askEvery(
  { columns, model, threads, signal, name }: ModelCall,
  { part, steps, rowsOf, ask, pieces, ofSum }: EverySeries,
): Promise<MlAnswer> {
  const numbers = modelledSeries(model);
  const ahead = (number: number) => Math.min(steps, model.series[number]!.horizon ?? steps);
  const rowCounts = numbers.map((number) => rowsOf(model.series[number]!.facts!, ahead(number)));
  const rows = rowCounts.reduce((sum, count) => sum + count, 0);
  if (rows > ROWS_MAX) {
    const counts = `${rows.toLocaleString('en-US')} rows; at most ${ROWS_MAX.toLocaleString('en-US')} are given`;
    throw new SqlError('invalidQuery', `ML.${name} of all series of the model has ${counts} at once.`);
  }
  const builder = new RowsBuilder(columns);
  const add = (ids: readonly SqlModelId[], answer: ArimaColumns) => {
    const own = pieces(answer);
    builder.add((own[0] as Float64Array).length, [...pieceOfIds(model.header, ids), ...own]);
  };
  const { hierarchicalColumns } = model.header;
  const isFlat = hierarchicalColumns.length === 0;
  const sums = isFlat
    ? undefined
    : new HierarchySums<SqlModelId>(idColumnNames(model.header), hierarchicalColumns);
  const newest = isFlat ? {} : { newestMs: newestHistoryMs(model) };
  const question: SeriesQuestion = {
    ...{ numbers, rowCounts, part: isFlat ? part : 'whole' },
    askAll: (batch) => batch.map((number) => ({ ...ask(ahead(number)), ...newest })),
  };
  for await (const { number, answer } of askSeries(model, question, threads, signal)) {
    const { ids } = model.series[number]!;
    add(ids, answer.columns!);
    if (answer.part !== undefined) sums?.add(ids, answer.part);
  }
  const notes = [
    ...withoutModelNotes(model),
    ...shorterNotes(numbers.map((number) => steps - ahead(number))),
  ];
  for (const { ids, sum } of sums?.all() ?? []) {
    const answer = ofSum(sum);
    if ('errorMessage' in answer) notes.push(sumNote(model.header, ids, answer.errorMessage as string));
    else add(ids, answer);
  }
  return { rows: builder.finish(), notes };
}

/** That series reach less far than was asked for. @param missing steps of each */
function shorterNotes(missing: readonly number[]): MlNote[] {
  const rows = missing.reduce((sum, steps) => sum + steps, 0);
  if (rows === 0) return [];
  const count = missing.filter((steps) => steps > 0).length;
  const series = count === 1 ? '1 series reaches' : `${count.toLocaleString('en-US')} series reach`;
  const points = `${rows.toLocaleString('en-US')} time ${rows === 1 ? 'point' : 'points'} left out`;
  const message = `${points}: ${series} less far, trained with a HORIZON of their own.`;
  return [{ reason: 'past_horizon', rows, message }];
}

/** Microseconds, as TIMESTAMP has them. */
function micros(timesMs: ArimaColumns[string] | undefined): Float64Array {
  return (timesMs as Float64Array).map((timeMs) => Math.round(timeMs * 1000));
}

function needsHistory({ model, name }: ModelCall, form: string): void {
  if (model.header.options.DECOMPOSE_TIME_SERIES !== false) return;
  throw new SqlError(
    'invalidQuery',
    `ML.${name} ${form}needs a model that was trained with DECOMPOSE_TIME_SERIES = TRUE, the default.`,
  );
}
