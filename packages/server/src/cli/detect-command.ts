import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import {
  addSeriesFlags,
  addServerModelFlags,
  readShare,
  refuseFlags,
  type SeriesFlags,
} from './arima-flags.js';
import { ARIMA_FLAGS, addArimaOptions } from './arima-options.js';
import {
  addDetectorFlags,
  DETECTOR_FLAGS,
  type DetectorFlags,
  detectorOptions,
  readSensitivity,
} from './detector-flags.js';
import { ROW_FORMATS, type RowFormat } from './rows-output.js';

interface DetectFlags extends SeriesFlags, DetectorFlags {
  format: RowFormat;
  all?: boolean;
  sensitivity: number;
  quiet?: boolean;
  model?: string;
  modelFile?: string;
  url?: string;
  apiKey?: string;
  anomalyProbThreshold?: string;
}

export function registerDetect(program: Command): void {
  const command = program
    .command('detect')
    .argument(
      '[file]',
      'CSV file with the column `timestamp` and one or more value columns; - reads standard input',
    )
    .summary('find the anomalies of a CSV file, without a server')
    .description(
      'Learns and judges each value column of a CSV file row by row, as the server would, and prints the ' +
        'anomalies. Timestamps are seconds since 1970, RFC 3339, or "2014-03-07 03:41:00" (UTC). With --model ' +
        'or --model-file ARIMA_PLUS judges instead, the model of BigQuery ML.',
    )
    .addOption(new Option('--format <format>', 'how to print').choices(ROW_FORMATS).default('table'))
    .option('--all', 'print every row, not the anomalies alone')
    .addOption(
      new Option('--sensitivity <n>', 'false alarms to be expected of one series in one week')
        .argParser((text) => readSensitivity('--sensitivity', text))
        .default(1),
    )
    .option('--quiet', 'print no summary');
  addDetectorFlags(command);
  addSeriesFlags(command);
  command.addOption(
    new Option('--model-file <file>', 'models that `seismo train` wrote').helpGroup('Model:'),
  );
  addServerModelFlags(
    command,
    'arima_plus: of the file itself; without a file the name of a series on the server',
  );
  command.addOption(
    new Option(
      '--anomaly-prob-threshold <share>',
      'an anomaly is what is less likely than this leaves (0 to below 1; 0.95)',
    ).helpGroup('Model:'),
  );
  addArimaOptions(command);
  command
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined, flags: DetectFlags) =>
      flags.model === undefined && flags.modelFile === undefined
        ? detectByStreaming(command, file, flags)
        : detectByArima(command, file, flags),
    );
}

async function detectByStreaming(
  command: Command,
  file: string | undefined,
  flags: DetectFlags,
): Promise<void> {
  if (file === undefined) {
    throw new AppError('usage', "Missing required argument 'file'.", {
      hint: 'Name a CSV file, or models with --model-file.',
    });
  }
  const ofModels = ['--anomaly-prob-threshold', '--timestamp-column', '--data-column', '--id-column'];
  refuseFlags(
    command,
    [...ofModels, ...ARIMA_FLAGS.map(({ flag }) => flag)],
    'goes with --model or --model-file',
  );
  const { runDetect } = await import('./detect.js');
  process.exitCode = await runDetect({
    file,
    format: flags.format,
    all: flags.all === true,
    detector: { ...detectorOptions(flags), falseAlarmsPerWeek: flags.sensitivity },
    skipBad: flags.skipBad === true,
    quiet: flags.quiet === true,
    output: process.stdout,
    messages: process.stderr,
  });
}

async function detectByArima(command: Command, file: string | undefined, flags: DetectFlags): Promise<void> {
  refuseFlags(
    command,
    [...DETECTOR_FLAGS, '--sensitivity'],
    'is for the detector that judges row by row, without --model',
  );
  const threshold = readShare('--anomaly-prob-threshold', flags.anomalyProbThreshold);
  if (file === undefined && flags.model !== undefined && flags.modelFile === undefined) {
    const { detectOnServer } = await import('./arima-server.js');
    await detectOnServer({
      command,
      flags,
      ...(flags.anomalyProbThreshold === undefined ? {} : { threshold }),
    });
    return;
  }
  const { detectByModel } = await import('./arima-detect.js');
  await detectByModel(file, { command, flags, threshold });
}

const EXAMPLES = `
Columns of CSV and JSON: timestamp (seconds since 1970), series, value, expected, lower_bound, upper_bound,
anomaly_probability, score, state, is_anomaly, alarm (the first anomaly of an excursion), component (what of the
series says so: level, time_of_day, day_of_week or variance), note. A row that is not later than the newest one
before it is not judged: its note is "repeat" (same time) or "late".

With --model arima_plus the file is judged by a model of itself, with --model-file by one of before: only rows after
its history and within its horizon have a verdict; without a file its own history is judged. Columns are those of
BigQuery's ML.DETECT_ANOMALIES after the id columns. Without a file --model prints what the model of that series on a
running server has found, newest first.

Exit codes: 0 done, with anomalies or without; 2 the file or a row of it is bad; others as in
docs/exit-codes.md.

Examples:
  $ seismo detect examples/ec2_request_latency_system_failure.csv
  $ seismo detect day.csv --all --format csv > judged.csv
  $ zcat day.csv.gz | seismo detect - --format json --time-zone Europe/Berlin
  $ seismo detect latency.csv --direction up --least-deviation 50 --least-relative-deviation 0.2
  $ seismo detect day.csv --model arima_plus --anomaly-prob-threshold 0.999
  $ seismo detect tuesday.csv --model-file monday.model
  $ seismo detect --model 'latency{service="checkout"}' --format csv`;
