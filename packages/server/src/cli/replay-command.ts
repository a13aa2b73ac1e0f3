import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { addServerFlags, readServerAddress } from './client-settings.js';

interface ReplayFlags {
  url?: string;
  apiKey?: string;
  speed: number;
  as?: string;
  label: Record<string, string>;
  shiftToNow?: boolean;
  restart?: boolean;
  quiet?: boolean;
}

export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .argument(
      '<file>',
      'CSV file with the column `timestamp` and one or more value columns; - reads standard input',
    )
    .summary('send a recording from a CSV file to a running server')
    .description(
      'Sends the rows of a CSV file to a running server, in the order of the file. Timestamps are seconds since ' +
        '1970, RFC 3339, or "2014-03-07 03:41:00" (UTC). An interrupted replay goes on where the server had ' +
        'acknowledged it when the same command is given again.',
    );
  addServerFlags(command);
  command
    .addOption(
      new Option('--speed <factor>', 'how many times faster than it was recorded; max: as fast as it goes')
        .argParser(readSpeed)
        .default(Number.POSITIVE_INFINITY, 'max'),
    )
    .option('--as <name>', 'name of the series; with several value columns the beginning of it: name_column')
    .addOption(
      new Option('--label <name=value>', 'label of every sample; repeatable')
        .argParser(readLabel)
        .default({}, 'none'),
    )
    .option('--shift-to-now', 'move the timestamps so that the newest row is now')
    .option('--restart', 'begin at the first row even if an earlier replay was interrupted')
    .option('--quiet', 'print errors only')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: ReplayFlags) => {
      const server = readServerAddress(flags, process.env);
      if (file === '-' && flags.shiftToNow === true) {
        throw new AppError(
          'usage',
          '--shift-to-now needs a file: the newest row must be known before the first is sent.',
          {
            field: '--shift-to-now',
          },
        );
      }
      await refuseBadNames(flags);
      const { replay } = await import('./replay.js');
      process.exitCode = await replay({
        file,
        server,
        speed: flags.speed,
        as: flags.as,
        labels: flags.label,
        shiftToNow: flags.shiftToNow === true,
        restart: flags.restart === true,
        quiet: flags.quiet === true,
      });
    });
}

const EXAMPLES = `
Exit codes: 0 all rows accepted, 8 some rows rejected (each named on standard error),
130 interrupted, others as in docs/exit-codes.md.

Examples:
  $ seismo replay examples/ec2_request_latency_system_failure.csv --as latency --shift-to-now
  $ seismo replay day.csv --speed 60 --label service=checkout
  $ zcat day.csv.gz | seismo replay - --as cpu`;

/** The server would reject every single row for it. */
async function refuseBadNames({ as, label }: ReplayFlags): Promise<void> {
  const { checkSeriesName, LabelReader } = await import('../ingest/series-naming.js');
  const badName = as === undefined ? undefined : checkSeriesName(as);
  if (badName !== undefined) {
    throw new AppError('usage', `--as: ${badName.message}.`, { field: '--as' });
  }
  const labels = new LabelReader().read(label);
  if (typeof labels !== 'string') {
    throw new AppError('usage', `--label: ${labels.message}.`, { field: '--label' });
  }
}

function readSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (speed > 0) return speed;
  throw new AppError('usage', `--speed must be a number above 0, or max, not "${text}".`, {
    field: '--speed',
  });
}

function readLabel(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new AppError('usage', `--label must be name=value, not "${text}".`, { field: '--label' });
}
