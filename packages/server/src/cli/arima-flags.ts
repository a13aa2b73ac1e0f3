import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { HORIZON_MAX, readNumber, readValue } from './arima-options.js';
import { serverOptions } from './client-settings.js';
import { ROW_FORMATS, type RowFormat } from './rows-output.js';
import { InvalidValue, truth, wholeNumber } from './setting-values.js';

/** How a CSV file of series is read. */
export interface SeriesFlags {
  readonly timestampColumn: string;
  readonly dataColumn: readonly string[];
  readonly idColumn: readonly string[];
  readonly skipBad?: boolean;
  readonly quiet?: boolean;
}

export interface OutputFlags {
  readonly format: RowFormat;
  readonly quiet?: boolean;
}

/** Where the models are: a file of models, or a running server. */
export interface ModelFlags {
  readonly modelFile?: string;
  readonly model?: string;
  readonly url?: string;
  readonly apiKey?: string;
}

export const SERIES_FILE =
  'CSV file with a column of times and one or more of values; - reads standard input';

export function addSeriesFlags(command: Command): void {
  const group = 'File:';
  const several = (text: string, before: readonly string[]) => [...before, text];
  command
    .addOption(
      new Option('--timestamp-column <name>', 'column of the times').default('timestamp').helpGroup(group),
    )
    .addOption(
      new Option('--data-column <name>', 'column of values; several are several series (every other column)')
        .argParser(several)
        .default([], 'every other')
        .helpGroup(group),
    )
    .addOption(
      new Option('--id-column <name>', 'column that tells series apart; repeatable')
        .argParser(several)
        .default([], 'none')
        .helpGroup(group),
    )
    .addOption(
      new Option(
        '--skip-bad',
        'leave bad rows out, each named on standard error, instead of ending there',
      ).helpGroup(group),
    );
}

export function addOutputFlags(command: Command): void {
  command
    .addOption(new Option('--format <format>', 'how to print').choices(ROW_FORMATS).default('table'))
    .option('--quiet', 'print no summary');
}

export function addModelFlags(command: Command): void {
  command.addOption(
    new Option('--model-file <file>', 'models that `seismo train` wrote').helpGroup('Model:'),
  );
  addServerModelFlags(command);
}

export function addServerModelFlags(
  command: Command,
  description = 'model of a running server, by the name of its series',
): void {
  command.addOption(new Option('--model <name>', description).helpGroup('Server:'));
  for (const option of serverOptions()) command.addOption(option.helpGroup('Server:'));
}

/** @param given text of the flag; the default where it is absent */
export function readHorizon(given: string | undefined, fallback: number): number {
  return given === undefined ? fallback : readValue('--horizon', given, wholeNumber(1, HORIZON_MAX));
}

export function readShare(flag: string, given: string | undefined): number {
  return given === undefined ? 0.95 : readValue(flag, given, share);
}

export function readTruth(flag: string, given: string | undefined, fallback: boolean): boolean {
  return given === undefined ? fallback : readValue(flag, given, truth);
}

function share(text: string): number {
  const value = readNumber(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidValue('must be a number from 0 to below 1');
}

/** Flags that were given, of those named; for combinations that mean nothing. */
export function refuseFlags(command: Command, flags: readonly string[], why: string): void {
  for (const flag of flags) {
    const name = new Option(flag).attributeName();
    if (command.getOptionValueSource(name) !== 'cli') continue;
    throw new AppError('usage', `${flag} ${why}.`, { field: flag });
  }
}
