import { type Command, Option } from 'commander';
import {
  addModelFlags,
  addOutputFlags,
  addSeriesFlags,
  readHorizon,
  readShare,
  SERIES_FILE,
} from './arima-flags.js';
import { addArimaOptions, readArimaOptions } from './arima-options.js';
import type { AheadFlags } from './forecast.js';

export function registerForecast(program: Command): void {
  const command = program
    .command('forecast')
    .argument('[file]', SERIES_FILE)
    .summary('say what comes next in the series of a CSV file')
    .description(
      'Fits ARIMA_PLUS to each series of a CSV file, on all cores, and prints what it expects, with an interval ' +
        'that holds 95 of 100 values. With --model-file it answers from models that `seismo train` saved.',
    );
  addAheadFlags(command);
  command.addHelpText('after', EXAMPLES).action(async (file: string | undefined, flags: AheadFlags) => {
    const { forecast } = await import('./forecast.js');
    await forecast(file, readAheadFlags(command, flags));
  });
}

/** Those of `forecast` and `explain`. */
export function addAheadFlags(command: Command): void {
  command
    .addOption(new Option('--horizon <values>', 'how many values ahead (1 to 10000; 3)'))
    .addOption(
      new Option('--confidence-level <share>', 'share of values within the interval (0 to below 1; 0.95)'),
    );
  addOutputFlags(command);
  addSeriesFlags(command);
  addModelFlags(command);
  addArimaOptions(command);
}

export function readAheadFlags(command: Command, flags: AheadFlags) {
  const horizon = readHorizon(flags.horizon, 3);
  const confidenceLevel = readShare('--confidence-level', flags.confidenceLevel);
  return { command, flags, given: readArimaOptions(command), horizon, confidenceLevel };
}

const EXAMPLES = `
Columns: the id columns (\`series\` where there are none), timestamp, forecast, lower, upper. Times are written as
the file writes them. Series that cannot be modelled are named on standard error and left out.

Exit codes: 0 done; 2 the file or an option is wrong, or no series could be modelled; others as in docs/exit-codes.md.

Examples:
  $ seismo forecast examples/ec2_cpu_utilization_825cc2.csv --horizon 12
  $ seismo forecast load.csv --horizon 48 --id-column id --frequency hourly --format csv > ahead.csv
  $ seismo forecast --model-file sales.model --horizon 14 --confidence-level 0.8
  $ seismo forecast --model latency --horizon 60`;
