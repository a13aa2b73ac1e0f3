import { detectBy, type Expectations, type SeriesSum } from '@seismo/engine';
import type { Command } from 'commander';
import { AppError } from '../errors.js';
import { anomalyColumns } from '../model/arima-answers.js';
import type { ArimaColumns, SeriesRows } from '../model/arima-columns.js';
import type { ArimaAsk } from '../model/arima-work.js';
import { dataForModels, type ModelData } from './arima-data.js';
import { type ModelFlags, type OutputFlags, refuseFlags, type SeriesFlags } from './arima-flags.js';
import { type ArimaInput, type InputSeries, inputOfModels, inputOfRows } from './arima-input.js';
import { readArimaOptions } from './arima-options.js';
import { type AnsweredSeries, askAll } from './arima-report.js';
import { AnswerWriter, named } from './arima-rows.js';
import { answersOfSums, columnsUnless, forSums, withSums } from './arima-sums.js';
import { refuseTrainingFlags } from './forecast.js';
import { refuseModelFile } from './model-file.js';
import { StepNotes } from './step-notes.js';
import { countText } from './terminal.js';

/** What --model is called when a file is judged by a model of itself. */
const OWN_MODEL = 'arima_plus';

const NOT_AHEAD =
  'Models judge rows after their history, on their grid and within their horizon. Without a file they judge their history.';

export interface ArimaDetectRequest {
  readonly command: Command;
  readonly flags: SeriesFlags &
    OutputFlags &
    ModelFlags & { readonly all?: boolean; readonly model?: string };
  readonly threshold: number;
}

/**
 * Judges the rows of a file by ARIMA_PLUS: by models of the file itself, by models that were trained before (rows
 * ahead of their history), or, without a file, the history of such models.
 */
export async function detectByModel(file: string | undefined, request: ArimaDetectRequest): Promise<void> {
  const { flags, threshold } = request;
  const { input, sums, rowsOf, header } = await inputFor(file, request);
  const { timestampColumn, dataColumn } = input.header;
  const writer = new AnswerWriter(flags.format, input, [
    { name: timestampColumn, of: 'time' },
    { name: dataColumn, of: 'data' },
    ...named(['is_anomaly', 'lower_bound', 'upper_bound', 'anomaly_probability']),
  ]);
  const count = { rows: 0, anomalies: 0, unjudged: 0 };
  const isWanted = (columns: ArimaColumns, row: number) => {
    const verdict = columns.is_anomaly![row];
    count.rows++;
    if (verdict === true) count.anomalies++;
    if (verdict === null) count.unjudged++;
    return flags.all === true || verdict === true;
  };
  const askOf = (series: InputSeries): ArimaAsk => {
    const data = rowsOf(series);
    return { kind: 'detect', threshold, ...(data === undefined ? forSums(input.header) : { data }) };
  };
  const notes = new StepNotes(input);
  const told = (by: Expectations, rows?: SeriesRows) =>
    anomalyColumns(detectBy(by, { anomalyProbThreshold: threshold }, rows));
  const answers = withNotes(askAll(input, askOf, flags.quiet === true), notes, rowsOf);
  const ofSum = (sum: SeriesSum) => columnsUnless(sum.expectations(1), (by) => told(by));
  for await (const answered of withSums(answers, input.header, ofSum)) await writer.add(answered, isWanted);
  for await (const answered of answersOfSums(sums, header, told)) await writer.add(answered, isWanted);
  await writer.end();
  if (flags.quiet === true) return;
  notes.write();
  const unjudged =
    count.unjudged === 0 ? '' : `; ${count.unjudged.toLocaleString('en-US')} without a verdict`;
  const anomalies = countText(count.anomalies, 'anomaly', 'anomalies');
  process.stderr.write(`${countText(count.rows, 'row')}, ${anomalies}${unjudged}\n`);
  // Whoever gives the training file itself would else see nothing but empty verdicts.
  if (
    file !== undefined &&
    flags.modelFile !== undefined &&
    count.rows > 0 &&
    count.unjudged === count.rows
  ) {
    process.stderr.write(`hint: ${NOT_AHEAD}\n`);
  }
}

/** Notes the steps of each series; rows of one that no model knows have no verdict. */
async function* withNotes(
  answers: AsyncIterable<AnsweredSeries>,
  notes: StepNotes,
  rowsOf: DetectData['rowsOf'],
): AsyncGenerator<AnsweredSeries> {
  for await (const { ids, answer } of answers) {
    notes.add(ids, answer);
    const columns =
      answer.columns ?? withoutVerdict(rowsOf({ ids, source: undefined, errorMessage: undefined }));
    yield { ids, answer: { ...answer, columns } };
  }
}

interface DetectData extends Omit<ModelData, 'rowsOf'> {
  readonly rowsOf: (series: InputSeries) => SeriesRows | undefined;
  /** Of the models. */
  readonly header: ArimaInput['header'];
}

async function inputFor(
  file: string | undefined,
  { command, flags }: ArimaDetectRequest,
): Promise<DetectData> {
  const historyOf = (input: ArimaInput) => ({
    input,
    header: input.header,
    sums: [],
    rowsOf: () => undefined,
  });
  if (flags.modelFile === undefined) {
    const given = readArimaOptions(command);
    if (file === undefined || flags.model !== OWN_MODEL) {
      await refuseModelFile(flags.model ?? '');
      throw unknownModel(flags.model);
    }
    return historyOf(await inputOfRows(file, flags, given, { horizon: 1 }));
  }
  if (flags.model !== undefined) refuseFlags(command, ['--model'], 'does not go with --model-file');
  const why = 'belongs to `seismo train`: the models of --model-file are trained already';
  refuseTrainingFlags(command, why, file === undefined);
  const models = await inputOfModels(flags.modelFile);
  if (file === undefined) return historyOf(models);
  return { ...(await dataForModels(file, flags, models)), header: models.header };
}

function unknownModel(name: string | undefined): AppError {
  return new AppError('usage', `--model must be ${OWN_MODEL} where a file is judged, not "${name}".`, {
    field: '--model',
    hint: `--model ${OWN_MODEL} learns the file itself; models of before come from --model-file.`,
  });
}

/** Rows of a series that no model knows. */
function withoutVerdict(rows: SeriesRows | undefined): ArimaColumns {
  if (rows === undefined) return {};
  const none = rows.values.map(() => Number.NaN);
  return {
    time: rows.timesMs,
    data: rows.values,
    is_anomaly: Array.from(none, () => null),
    lower_bound: none,
    upper_bound: none,
    anomaly_probability: none,
  };
}
