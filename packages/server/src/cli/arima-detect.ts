import type { Command } from 'commander';
import { AppError } from '../errors.js';
import { dataForModels } from './arima-data.js';
import { type ModelFlags, type OutputFlags, refuseFlags, type SeriesFlags } from './arima-flags.js';
import { type ArimaInput, type InputSeries, inputOfModels, inputOfRows } from './arima-input.js';
import { readArimaOptions } from './arima-options.js';
import { askAll } from './arima-report.js';
import { AnswerWriter, named } from './arima-rows.js';
import type { ArimaAsk, ArimaColumns, SeriesRows } from './arima-work.js';
import { refuseTrainingFlags } from './forecast.js';
import { refuseModelFile } from './model-file.js';
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
  const { input, rowsOf } = await inputFor(file, request);
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
    return { kind: 'detect', threshold, ...(data === undefined ? {} : { data }) };
  };
  for await (const { ids, answer } of askAll(input, askOf, flags.quiet === true)) {
    const columns =
      answer.columns ?? withoutVerdict(rowsOf({ ids, source: undefined, errorMessage: undefined }));
    await writer.add({ ids, answer: { columns } }, isWanted);
  }
  await writer.end();
  if (flags.quiet === true) return;
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

async function inputFor(
  file: string | undefined,
  { command, flags }: ArimaDetectRequest,
): Promise<{ input: ArimaInput; rowsOf: (series: InputSeries) => SeriesRows | undefined }> {
  if (flags.modelFile === undefined) {
    const given = readArimaOptions(command);
    if (file === undefined || flags.model !== OWN_MODEL) {
      await refuseModelFile(flags.model ?? '');
      throw unknownModel(flags.model);
    }
    return { input: await inputOfRows(file, flags, given, { horizon: 1 }), rowsOf: () => undefined };
  }
  if (flags.model !== undefined) refuseFlags(command, ['--model'], 'does not go with --model-file');
  const why = 'belongs to `seismo train`: the models of --model-file are trained already';
  refuseTrainingFlags(command, why, file === undefined);
  const models = await inputOfModels(flags.modelFile);
  return file === undefined ? { input: models, rowsOf: () => undefined } : dataForModels(file, flags, models);
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
