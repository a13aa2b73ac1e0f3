import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { DETECT_FORMATS, type DetectFormat } from './detect-output.js';
import { InvalidValue, timeZone } from './setting-values.js';

interface DetectFlags {
  format: DetectFormat;
  all?: boolean;
  timeZone: string;
  sensitivity: number;
  skipBad?: boolean;
  quiet?: boolean;
}

export function registerDetect(program: Command): void {
  program
    .command('detect')
    .argument(
      '<file>',
      'CSV file with the column `timestamp` and one or more value columns; - reads standard input',
    )
    .summary('find the anomalies of a CSV file, without a server')
    .description(
      'Learns and judges each value column of a CSV file row by row, as the server would, and prints the ' +
        'anomalies. Timestamps are seconds since 1970, RFC 3339, or "2014-03-07 03:41:00" (UTC).',
    )
    .addOption(new Option('--format <format>', 'how to print').choices(DETECT_FORMATS).default('table'))
    .option('--all', 'print every row, not the anomalies alone')
    .addOption(
      new Option('--time-zone <zone>', 'zone whose time of day the series follow, for example Europe/Berlin')
        .argParser(readTimeZone)
        .default('UTC'),
    )
    .addOption(
      new Option('--sensitivity <n>', 'false alarms to be expected of one series in one week')
        .argParser(readSensitivity)
        .default(1),
    )
    .option('--skip-bad', 'leave bad rows out, each named on standard error, instead of ending there')
    .option('--quiet', 'print no summary')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: DetectFlags) => {
      const { runDetect } = await import('./detect.js');
      process.exitCode = await runDetect({
        file,
        format: flags.format,
        all: flags.all === true,
        timeZone: flags.timeZone,
        falseAlarmsPerWeek: flags.sensitivity,
        skipBad: flags.skipBad === true,
        quiet: flags.quiet === true,
        output: process.stdout,
        messages: process.stderr,
      });
    });
}

const EXAMPLES = `
Columns of CSV and JSON: timestamp (seconds since 1970), series, value, expected, lower_bound, upper_bound,
anomaly_probability, score, state, is_anomaly, alarm (the first anomaly of an excursion), note. A row that is
not later than the newest one before it is not judged: its note is "repeat" (same time) or "late".

Exit codes: 0 done, with anomalies or without; 2 the file or a row of it is bad; others as in
docs/exit-codes.md.

Examples:
  $ seismo detect examples/ec2_request_latency_system_failure.csv
  $ seismo detect day.csv --all --format csv > judged.csv
  $ zcat day.csv.gz | seismo detect - --format json --time-zone Europe/Berlin`;

function readTimeZone(text: string): string {
  try {
    return timeZone(text);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new AppError('usage', `--time-zone ${error.message}, not "${text}".`, {
      field: '--time-zone',
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function readSensitivity(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= 1000) return value;
  throw new AppError('usage', `--sensitivity must be a number above 0 and at most 1000, not "${text}".`, {
    field: '--sensitivity',
  });
}
