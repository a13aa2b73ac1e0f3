import type { Expectations, SeriesSum } from '@seismo/engine';
import type { Command } from 'commander';
import { evaluatedBy } from '../model/arima-answers.js';
import { type ArimaColumns, ERROR_COLUMNS, type SeriesRows } from '../model/arima-columns.js';
import type { SumRows } from '../model/arima-sums.js';
import type { ArimaAsk } from '../model/arima-work.js';
import { dataForModels, type ModelData } from './arima-data.js';
import type { ModelFlags, OutputFlags, SeriesFlags } from './arima-flags.js';
import { type ArimaInput, type InputSeries, inputOfModels, inputOfRows } from './arima-input.js';
import { type GivenOptions, refuseHierarchy } from './arima-options.js';
import { askAll } from './arima-report.js';
import { AnswerWriter, named, type OutputColumn } from './arima-rows.js';
import { evaluateOnServer } from './arima-server.js';
import { answersOfSums, columnsUnless, forSums, withSums } from './arima-sums.js';
import { noSource, refuseTrainingFlags } from './forecast.js';

export interface EvaluateFlags extends SeriesFlags, OutputFlags, ModelFlags {
  readonly holdout?: string;
  readonly performAggregation?: string;
  readonly showAllCandidateModels?: string;
  readonly coefficients?: boolean;
}

export interface EvaluateRequest {
  readonly command: Command;
  readonly flags: EvaluateFlags;
  readonly given: GivenOptions;
  readonly holdout: number | undefined;
  readonly aggregated: boolean;
  readonly all: boolean | undefined;
}

const NOT_AHEAD =
  'No row is after the history of its model, on its grid and within its horizon: only such rows can be compared with forecasts.';
const ORDER_COLUMNS = [
  'non_seasonal_p',
  'non_seasonal_d',
  'non_seasonal_q',
  'has_drift',
  'log_likelihood',
  'AIC',
  'variance',
  'seasonal_periods',
  'has_holiday_effect',
  'has_spikes_and_dips',
  'has_step_changes',
  'error_message',
];
const COEFFICIENT_COLUMNS = ['ar_coefficients', 'ma_coefficients', 'intercept_or_drift'];
const ROW_ERROR_COLUMNS = ['lower_bound', 'upper_bound', 'absolute_error', 'absolute_percentage_error'];

export async function evaluate(file: string | undefined, request: EvaluateRequest): Promise<void> {
  const { flags, holdout } = request;
  if (flags.model !== undefined) return evaluateOnServer(file, request);
  if (holdout === undefined) refuseHierarchy(request.given);
  const input = await inputFor(file, request);
  if (holdout !== undefined) return writeErrors({ input, sums: [], rowsOf: () => undefined }, input, request);
  if (file === undefined || flags.modelFile === undefined) return writeOrders(input, request);
  return writeErrors(await dataForModels(file, flags, input), input, request);
}

async function inputFor(file: string | undefined, request: EvaluateRequest): Promise<ArimaInput> {
  const { command, flags, given, holdout } = request;
  if (flags.modelFile !== undefined) {
    const why = 'belongs to `seismo train`: the models of --model-file are trained already';
    refuseTrainingFlags(command, why, file === undefined);
    return inputOfModels(flags.modelFile);
  }
  if (file === undefined) throw noSource();
  return inputOfRows(file, flags, given, {
    horizon: holdout ?? 1,
    ...(holdout === undefined ? {} : { holdout }),
  });
}

/** Of every series a row, also of one without a model: its reason is in the last column. */
async function writeOrders(input: ArimaInput, { flags, all }: EvaluateRequest): Promise<void> {
  const columns = flags.coefficients === true ? COEFFICIENT_COLUMNS : ORDER_COLUMNS;
  const writer = new AnswerWriter(flags.format, input, named(columns));
  const ask: ArimaAsk =
    flags.coefficients === true
      ? { kind: 'coefficients' }
      : { kind: 'orders', all: all ?? input.series.length === 1 };
  let failure: unknown;
  try {
    for await (const { ids, answer } of askAll(input, () => ask, flags.quiet === true)) {
      const { columns: found, errorMessage } = answer;
      if (found !== undefined) {
        // A constant has a model and a message.
        const messages = found.error_message as string[] | undefined;
        const first = errorMessage !== undefined && messages !== undefined;
        const told = first ? { ...found, error_message: [errorMessage, ...messages.slice(1)] } : found;
        await writer.add({ ids, answer: { columns: told } });
      } else if (flags.coefficients !== true) {
        await writer.addRow([...ids, ...ORDER_COLUMNS.slice(0, -1).map(() => null), errorMessage]);
      }
    }
  } catch (error) {
    // The rows say why there is no model at all.
    failure = error;
  }
  await writer.end();
  if (failure !== undefined) throw failure;
}

interface EvaluatedData extends Omit<ModelData, 'rowsOf'> {
  readonly rowsOf: (series: InputSeries) => SeriesRows | undefined;
}

async function writeErrors(
  { input, sums, rowsOf }: EvaluatedData,
  { header }: ArimaInput,
  { flags, aggregated }: EvaluateRequest,
): Promise<void> {
  const { timestampColumn, dataColumn } = input.header;
  const rowColumns: OutputColumn[] = [
    { name: timestampColumn, of: 'time' },
    { name: dataColumn, of: 'data' },
    { name: `forecasted_${dataColumn}`, of: 'forecasted' },
    ...named(ROW_ERROR_COLUMNS),
  ];
  const writer = new AnswerWriter(flags.format, input, aggregated ? named(ERROR_COLUMNS) : rowColumns);
  const askOf = (series: InputSeries): ArimaAsk => {
    const data = rowsOf(series);
    // What is held out of the series is added up for their sums; of a file the sums have rows of their own.
    return { kind: 'evaluate', aggregated, ...(data === undefined ? forSums(input.header) : { data }) };
  };
  const told = (by: Expectations, rows: SeriesRows) => evaluatedBy(by, { aggregated }, rows).columns;
  const answers = askAll(input, askOf, flags.quiet === true);
  const ofSum = (sum: SeriesSum, heldOut: SumRows) =>
    columnsUnless(sum.expectations(Number.POSITIVE_INFINITY), (by) => told(by, heldOut.rows()));
  let paired = 0;
  const count = (columns: ArimaColumns, row: number) => {
    if (!aggregated || typeof columns.mean_absolute_error?.[row] === 'number') paired++;
    return true;
  };
  for await (const answered of withSums(answers, input.header, ofSum)) await writer.add(answered, count);
  for await (const answered of answersOfSums(sums, header, told)) await writer.add(answered, count);
  await writer.end();
  // Whoever gives the training file itself would else see nothing but empty cells.
  if (paired === 0 && flags.modelFile !== undefined && flags.quiet !== true) {
    process.stderr.write(`hint: ${NOT_AHEAD}\n`);
  }
}
