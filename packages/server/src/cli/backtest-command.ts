import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { refuseFlags } from './arima-flags.js';
import { readServerAddress, serverOptions } from './client-settings.js';
import { addDetectorFlags, type DetectorFlags, detectorOptions, readSensitivity } from './detector-flags.js';
import { readConfig } from './read-config.js';
import { ROW_FORMATS, type RowFormat } from './rows-output.js';
import type { ServerDetector } from './server-detector.js';

interface BacktestFlags extends DetectorFlags {
  sensitivity: number;
  sensitivities?: readonly number[];
  alarms?: boolean;
  labels?: string;
  labelColumn?: string;
  format: RowFormat;
  skipBad?: boolean;
  quiet?: boolean;
  series?: string;
  url?: string;
  apiKey?: string;
  data?: string;
}

const STORE_FLAGS = ['--url', '--api-key', '--data'];
const FILE_FLAGS = ['--skip-bad', '--label-column'];

export function registerBacktest(program: Command): void {
  const command = program
    .command('backtest')
    .argument(
      '[file]',
      'CSV file with the column `timestamp` and one or more value columns; - reads standard input',
    )
    .summary('say what would have been told over past data, at each sensitivity')
    .description(
      'Judges past samples row by row, as the server would have when they came, once for each of several ' +
        'sensitivities, and prints how many alarms a week each would have given. With labels also how many of the ' +
        'labelled stretches were found.',
    )
    .addOption(
      new Option(
        '--sensitivity <n>',
        'false alarms to be expected of one series in one week: what --alarms goes by, compared with the others',
      )
        .argParser((text) => readSensitivity('--sensitivity', text))
        .default(1),
    )
    .addOption(
      new Option('--sensitivities <list>', 'those to compare (0.01,0.03,0.1,0.3,1,3,10,30,100)').argParser(
        (text) => text.split(',').map((one) => readSensitivity('--sensitivities', one.trim())),
      ),
    )
    .option('--alarms', 'print the alarms at --sensitivity instead')
    .option('--labels <file>', 'CSV file of what was anomalous: from,to or series,from,to')
    .addOption(new Option('--format <format>', 'how to print').choices(ROW_FORMATS).default('table'))
    .option('--quiet', 'print no summary');
  addDetectorFlags(command);
  addSourceFlags(command);
  command
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined, flags: BacktestFlags) => run(command, file, flags));
}

function addSourceFlags(command: Command): void {
  const ofFile = [
    new Option('--label-column <name>', 'column of the file that is not 0 where rows were anomalous'),
    new Option('--skip-bad', 'leave bad rows out, each named on standard error, instead of ending there'),
  ];
  const ofStore = [
    new Option(
      '--series <name>',
      'a stored series instead of a file, with its labels as in latency{service="a"}',
    ),
    ...serverOptions(),
    new Option('--data <folder>', 'data folder of a stopped server, instead of a running one'),
  ];
  for (const option of ofFile) command.addOption(option.helpGroup('File:'));
  for (const option of ofStore) command.addOption(option.helpGroup('Stored series:'));
}

async function run(command: Command, file: string | undefined, given: BacktestFlags): Promise<void> {
  const { series, labels } = given;
  if ((file === undefined) === (series === undefined)) {
    throw new AppError('usage', 'Name either a CSV file or a stored series with --series.', {
      field: '--series',
    });
  }
  if (file === '-' && labels === '-') {
    throw new AppError('usage', 'Samples and --labels cannot both come from standard input.', {
      field: '--labels',
    });
  }
  if (labels !== undefined)
    refuseFlags(command, ['--label-column'], 'and --labels are two ways to say the same');
  if (given.alarms === true)
    refuseFlags(command, ['--sensitivities'], 'compares, and --alarms lists those of --sensitivity');
  if (file !== undefined) refuseFlags(command, STORE_FLAGS, 'goes with --series');
  else refuseFlags(command, FILE_FLAGS, 'goes with a file');
  if (given.data !== undefined)
    refuseFlags(command, ['--url', '--api-key'], 'asks a server and --data a folder');
  const usual = file === undefined && given.data === undefined ? await askServer(given) : undefined;
  const flags = { ...given, ...unlessGiven(command, usual) };
  const { runBacktest } = await import('./backtest.js');
  await runBacktest({
    source: file ?? { series: series!, open: () => openTransport(command, flags) },
    ...(labels === undefined ? {} : { labels }),
    ...(flags.labelColumn === undefined ? {} : { labelColumn: flags.labelColumn }),
    sensitivities: await comparedOf(command, flags),
    sensitivity: flags.sensitivity,
    listsAlarms: flags.alarms === true,
    detector: detectorOptions(flags),
    format: flags.format,
    skipBad: flags.skipBad === true,
    quiet: flags.quiet === true,
    output: process.stdout,
    messages: process.stderr,
  });
}

/** Those named, or the usual ones; and the one by itself, unless only the others were named. */
async function comparedOf(
  command: Command,
  { sensitivities, sensitivity }: BacktestFlags,
): Promise<number[]> {
  const { BACKTEST_SENSITIVITIES } = await import('@seismo/engine/evaluation');
  const isMeant = sensitivities === undefined || command.getOptionValueSource('sensitivity') !== 'default';
  const all = [...(sensitivities ?? BACKTEST_SENSITIVITIES), ...(isMeant ? [sensitivity] : [])];
  return [...new Set(all)].sort((a, b) => a - b);
}

async function askServer(flags: BacktestFlags): Promise<ServerDetector> {
  const server = readServerAddress(flags, process.env);
  const { askServerDetector } = await import('./server-detector.js');
  return askServerDetector(server);
}

/** Of the server's settings those that no flag says otherwise. */
function unlessGiven(command: Command, usual: ServerDetector | undefined): Partial<ServerDetector> {
  const isGiven = (name: string) => command.getOptionValueSource(name) !== 'default';
  return Object.fromEntries(Object.entries(usual ?? {}).filter(([name]) => !isGiven(name)));
}

async function openTransport(command: Command, flags: BacktestFlags) {
  if (flags.data === undefined) {
    const server = readServerAddress(flags, process.env);
    const { sqlOverHttp } = await import('./sql-transport.js');
    return sqlOverHttp(server);
  }
  const config = readConfig(command, process.env, ['retentionMs', 'seriesMax', 'diskReserveBytes']);
  const { sqlOverFolder } = await import('./sql-folder.js');
  return sqlOverFolder(flags.data, config);
}

const EXAMPLES = `
A series of a running server is judged by that server's sensitivity, time zone, direction and least deviations, unless
flags say otherwise. Rows are taken in the order of their times, and of several with one time the last. The first samples are learned and
not judged. Columns: series, sensitivity (false alarms to be expected a week), alarms, alarms_per_week, anomalies
(anomalous samples), weeks (judged); with labels windows (labelled stretches), hits (those with an alarm),
false_alarms (alarms outside), precision, recall, f1, delay_s (median time from the start of a stretch to its alarm)
and nab_score (of the Numenta Anomaly Benchmark, standard profile: 0 says nothing, 100 is perfect).
Columns of --alarms: series, time, until (of the last anomalous sample before recovery), anomalies, and value,
expected, lower_bound, upper_bound, score and component (what says so) of the sample that raised it; with labels
labelled.

Exit codes: 0 done, with alarms or without; 2 the file, a row of it or the labels are bad; others as in
docs/exit-codes.md.

Examples:
  $ seismo backtest examples/ec2_request_latency_system_failure.csv
  $ seismo backtest year.csv --labels outages.csv --sensitivities 0.1,1,10
  $ seismo backtest year.csv --sensitivity 0.1 --alarms --format csv > alarms.csv
  $ seismo backtest year.csv --direction up --least-relative-deviation 0.2
  $ seismo backtest --series 'latency{service="checkout"}' --direction up
  $ seismo backtest --series latency --data ./seismo-data`;
