import type { Command } from 'commander';
import { SERIES_FILE } from './arima-flags.js';
import type { AheadFlags } from './forecast.js';
import { addAheadFlags, readAheadFlags } from './forecast-command.js';

export function registerExplain(program: Command): void {
  const command = program
    .command('explain')
    .argument('[file]', SERIES_FILE)
    .summary('take the series of a CSV file apart: trend, seasons, holidays, spikes, steps')
    .description(
      'Fits ARIMA_PLUS to each series of a CSV file and prints the parts that it sees in the history and expects ' +
        'ahead. In the history they add up to the value.',
    );
  addAheadFlags(command);
  command.addHelpText('after', EXAMPLES).action(async (file: string | undefined, flags: AheadFlags) => {
    const { explain } = await import('./explain.js');
    await explain(file, readAheadFlags(command, flags));
  });
}

const EXAMPLES = `
Columns: the id columns (\`series\` where there are none), then those of BigQuery's ML.EXPLAIN_FORECAST.

Exit codes: 0 done; 2 the file or an option is wrong, or no series could be modelled; others as in docs/exit-codes.md.

Examples:
  $ seismo explain examples/ec2_request_latency_system_failure.csv --format csv > parts.csv
  $ seismo explain sales.csv --id-column shop --seasonalities weekly,yearly --horizon 14 --format ndjson
  $ seismo explain --model latency --horizon 30`;
