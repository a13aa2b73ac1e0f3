import type { SeriesSum } from '@seismo/engine';
import type { Command } from 'commander';
import { AppError } from '../errors.js';
import { forecastColumns } from '../model/arima-answers.js';
import { type ModelFlags, type OutputFlags, refuseFlags, type SeriesFlags } from './arima-flags.js';
import { type ArimaInput, inputOfModels, inputOfRows } from './arima-input.js';
import { ARIMA_FLAGS, type GivenOptions } from './arima-options.js';
import { askAll } from './arima-report.js';
import { AnswerWriter, named } from './arima-rows.js';
import { forecastOnServer } from './arima-server.js';
import { columnsUnless, forSums, withSums } from './arima-sums.js';

export interface AheadFlags extends SeriesFlags, OutputFlags, ModelFlags {
  readonly horizon?: string;
  readonly confidenceLevel?: string;
}

export interface AheadRequest {
  readonly command: Command;
  readonly flags: AheadFlags;
  readonly given: GivenOptions;
  readonly horizon: number;
  readonly confidenceLevel: number;
}

export async function forecast(file: string | undefined, request: AheadRequest): Promise<void> {
  const { flags, horizon, confidenceLevel } = request;
  if (flags.model !== undefined) return forecastOnServer(file, request);
  const input = await inputAhead(file, request);
  const writer = new AnswerWriter(flags.format, input, [
    { name: 'timestamp', of: 'time' },
    ...named(['forecast', 'lower', 'upper']),
  ]);
  const ask = { kind: 'forecast', horizon, confidenceLevel, ...forSums(input.header) } as const;
  const answers = askAll(input, () => ask, flags.quiet === true);
  const ofSum = (sum: SeriesSum) => columnsUnless(sum.forecast(horizon, confidenceLevel), forecastColumns);
  for await (const answered of withSums(answers, input.header, ofSum)) await writer.add(answered);
  await writer.end();
}

/** Rows to learn from or models that have: one of the two. */
export async function inputAhead(file: string | undefined, request: AheadRequest): Promise<ArimaInput> {
  const { command, flags, given, horizon } = request;
  if (flags.modelFile === undefined) {
    if (file === undefined) throw noSource();
    return inputOfRows(file, flags, given, { horizon });
  }
  if (file !== undefined) {
    throw new AppError(
      'usage',
      'Name a CSV file to learn from, or --model-file with what was learned; not both.',
      {
        field: '--model-file',
      },
    );
  }
  refuseTrainingFlags(command, 'belongs to `seismo train`: the models of --model-file are trained already');
  return inputOfModels(flags.modelFile);
}

const COLUMN_FLAGS = ['--timestamp-column', '--data-column', '--id-column', '--skip-bad'];

export function refuseTrainingFlags(command: Command, why: string, columnsToo = true): void {
  refuseFlags(command, [...ARIMA_FLAGS.map(({ flag }) => flag), ...(columnsToo ? COLUMN_FLAGS : [])], why);
}

export function noSource(): AppError {
  return new AppError('usage', "Missing required argument 'file'.", {
    hint: 'Name a CSV file, models with --model-file, or a model of a running server with --model.',
  });
}
