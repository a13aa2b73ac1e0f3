import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { addModelFlags, addOutputFlags, addSeriesFlags, readTruth, SERIES_FILE } from './arima-flags.js';
import { addArimaOptions, HORIZON_MAX, readArimaOptions, readValue } from './arima-options.js';
import type { EvaluateFlags } from './evaluate.js';
import { wholeNumber } from './setting-values.js';

export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .argument('[file]', SERIES_FILE)
    .summary('say which model each series got, and how far its forecasts are off')
    .description(
      'Prints what was chosen for each series of a CSV file: order, likelihood, seasons, what was found, and why a ' +
        'series has no model. With --holdout, or with the file and --model-file, it prints instead how far the ' +
        'forecasts are off.',
    )
    .addOption(
      new Option(
        '--holdout <values>',
        'keep back the last values of each series and forecast them (1 to 10000)',
      ),
    )
    .addOption(
      new Option(
        '--perform-aggregation <boolean>',
        'one row a series instead of one a value (true or false; true)',
      ),
    )
    .addOption(
      new Option(
        '--show-all-candidate-models <boolean>',
        'every order that was tried (true or false; true for one series)',
      ),
    )
    .option('--coefficients', 'print the coefficients of the chosen orders instead');
  addOutputFlags(command);
  addSeriesFlags(command);
  addModelFlags(command);
  addArimaOptions(command);
  command.addHelpText('after', EXAMPLES).action(async (file: string | undefined, flags: EvaluateFlags) => {
    const given = readArimaOptions(command);
    const holdout =
      flags.holdout === undefined
        ? undefined
        : readValue('--holdout', flags.holdout, wholeNumber(1, HORIZON_MAX));
    if (holdout !== undefined && flags.modelFile !== undefined) {
      throw new AppError(
        'usage',
        '--holdout goes without --model-file: the models have learned every value.',
        {
          field: '--holdout',
        },
      );
    }
    const aggregated = readTruth('--perform-aggregation', flags.performAggregation, true);
    const all =
      flags.showAllCandidateModels === undefined
        ? undefined
        : readTruth('--show-all-candidate-models', flags.showAllCandidateModels, true);
    const { evaluate } = await import('./evaluate.js');
    await evaluate(file, { command, flags, given, holdout, aggregated, all });
  });
}

const EXAMPLES = `
Columns: the id columns (\`series\` where there are none), then those of BigQuery's ML.ARIMA_EVALUATE, with --holdout
or with a file and --model-file those of ML.EVALUATE, with --coefficients those of ML.ARIMA_COEFFICIENTS. Percentages
are shares: 0.1 is 10%. A list is separated by spaces.

Exit codes: 0 done; 2 the file or an option is wrong, or no series could be modelled; others as in docs/exit-codes.md.

Examples:
  $ seismo evaluate examples/ec2_cpu_utilization_825cc2.csv
  $ seismo evaluate sales.csv --id-column shop --holdout 14 --format csv
  $ seismo evaluate next-week.csv --model-file sales.model --perform-aggregation false
  $ seismo evaluate --model latency`;
