import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import {
  addSeriesFlags,
  addServerModelFlags,
  type ModelFlags,
  readHorizon,
  SERIES_FILE,
  type SeriesFlags,
} from './arima-flags.js';
import { addArimaOptions, readArimaOptions } from './arima-options.js';

interface TrainFlags extends SeriesFlags, ModelFlags {
  readonly horizon?: string;
}

export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .argument('[file]', SERIES_FILE)
    .summary('learn the series of a CSV file and save their models')
    .description(
      'Fits ARIMA_PLUS, the model of BigQuery ML, to each series of a CSV file and saves the models, from which ' +
        '`forecast`, `detect`, `evaluate` and `explain` answer without learning again. With --model a running server ' +
        'trains that series now.',
    )
    .addOption(new Option('--model-file <file>', 'file to write the models to').helpGroup('File:'))
    .option('--quiet', 'print errors only');
  addSeriesFlags(command);
  command.addOption(
    new Option('--horizon <values>', 'how far ahead may be asked for (1 to 10000; 1000)').helpGroup('Model:'),
  );
  addArimaOptions(command);
  addServerModelFlags(command, 'series of a running server to train now, with these options from now on');
  command
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined, flags: TrainFlags) =>
      flags.model === undefined ? trainFile(command, file, flags) : trainSeries(command, file, flags),
    );
}

async function trainFile(command: Command, file: string | undefined, flags: TrainFlags): Promise<void> {
  const given = readArimaOptions(command);
  const horizon = readHorizon(flags.horizon, 1000);
  if (file === undefined) {
    throw new AppError('usage', "Missing required argument 'file'.", {
      hint: 'Name a CSV file, or a series of a running server with --model.',
    });
  }
  if (flags.modelFile === undefined) {
    throw new AppError('usage', '--model-file is missing: it says where the models are written to.', {
      field: '--model-file',
    });
  }
  const { train } = await import('./train.js');
  await train(file, flags.modelFile, { ...flags, given, horizon });
}

async function trainSeries(command: Command, file: string | undefined, flags: TrainFlags): Promise<void> {
  const given = readArimaOptions(command);
  const horizon = flags.horizon === undefined ? {} : { horizon: readHorizon(flags.horizon, 1000) };
  const { trainOnServer } = await import('./arima-server.js');
  await trainOnServer(file, { command, flags, options: { ...given.options, ...horizon } });
}

const EXAMPLES = `
Series that cannot be modelled are named on standard error and left out. docs/arima-plus.md tells of every option.

Exit codes: 0 done; 2 the file or an option is wrong, or no series could be modelled; others as in docs/exit-codes.md.

Examples:
  $ seismo train examples/ec2_request_latency_system_failure.csv --model-file latency.model
  $ seismo train sales.csv --id-column shop --frequency daily --holiday-region DE-BY --model-file sales.model
  $ seismo train --model latency --seasonalities daily`;
