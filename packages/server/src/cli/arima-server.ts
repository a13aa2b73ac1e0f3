import type { Command } from 'commander';
import { AppError } from '../errors.js';
import { ERROR_COLUMNS, EXPLAIN_COLUMNS } from '../model/arima-columns.js';
import { type ModelFlags, type OutputFlags, refuseFlags } from './arima-flags.js';
import { ARIMA_FLAGS, HORIZON_MAX } from './arima-options.js';
import { readServerAddress } from './client-settings.js';
import { ModelClient, type ServerModel } from './model-client.js';
import { refuseModelFile } from './model-file.js';
import { type RowCell, RowsWriter } from './rows-output.js';

/** The commands over a model of a running server: its series is named by --model. */

const FILE_FLAGS = ['--timestamp-column', '--data-column', '--id-column', '--skip-bad', '--model-file'];

/** Flags that say how files are read and models are made mean nothing to a model that is there. */
async function clientFor(
  command: Command,
  flags: ModelFlags,
  file: string | undefined,
  others: string[],
): Promise<ModelClient> {
  if (file !== undefined) {
    throw new AppError('usage', 'Name a CSV file, or a model of the server with --model; not both.', {
      field: '--model',
    });
  }
  refuseFlags(command, [...FILE_FLAGS, ...others], 'does not go with --model, the model of a running server');
  await refuseModelFile(flags.model!);
  return new ModelClient(readServerAddress(flags, process.env), flags.model!);
}

/** Of the intervals that the server gives. */
const CONFIDENCE_LEVEL = 0.95;
const TRAINING_FLAGS = ARIMA_FLAGS.map(({ flag }) => flag);

interface Request {
  readonly command: Command;
  readonly flags: ModelFlags & OutputFlags;
}

export async function forecastOnServer(
  file: string | undefined,
  request: Request & { horizon: number },
): Promise<void> {
  const { command, flags, horizon } = request;
  const client = await clientFor(command, flags, file, [...TRAINING_FLAGS, '--confidence-level']);
  const found = await client.forecast(horizon);
  const { series, points } = found;
  if (points.length === 0) throw unanswered(found);
  refuseBeyond(horizon, points, series);
  const rows = points.map(({ time, expected, lower, upper }) => [
    series,
    timeOf(time),
    expected,
    lower,
    upper,
  ]);
  await write(flags, ['series', 'timestamp', 'forecast', 'lower', 'upper'], rows);
}

export async function explainOnServer(
  file: string | undefined,
  request: Request & { horizon: number },
): Promise<void> {
  const { command, flags, horizon } = request;
  const client = await clientFor(command, flags, file, [...TRAINING_FLAGS, '--confidence-level']);
  const found = await client.explain(horizon);
  const { series, points } = found;
  if (points.length === 0) throw unanswered(found);
  const ahead = points.filter(({ part }) => part === 'forecast');
  refuseBeyond(horizon, ahead, series);
  const rows = points.map((point): RowCell[] => {
    const isHistory = point.part === 'history';
    const cells: Record<string, RowCell> = {
      time_series_type: point.part,
      time_series_data: point.value ?? point.expected,
      time_series_adjusted_data: point.expected,
      standard_error: point.standard_error,
      confidence_level: isHistory ? null : CONFIDENCE_LEVEL,
      prediction_interval_lower_bound: point.lower,
      prediction_interval_upper_bound: point.upper,
      trend: point.trend,
      holiday_effect: point.holiday,
      spikes_and_dips: point.spikes_and_dips,
      step_changes: point.step_changes,
      residual: isHistory ? point.residual : null,
    };
    for (const [season, effect] of Object.entries(point.seasonal))
      cells[`seasonal_period_${season}`] = effect;
    return [series, timeOf(point.time), ...EXPLAIN_COLUMNS.map((name) => cells[name]), point.words];
  });
  await write(flags, ['series', 'time_series_timestamp', ...EXPLAIN_COLUMNS, 'words'], rows);
}

export async function evaluateOnServer(file: string | undefined, request: Request): Promise<void> {
  const { command, flags } = request;
  const others = ['--holdout', '--perform-aggregation', '--show-all-candidate-models', '--coefficients'];
  const client = await clientFor(command, flags, file, [...TRAINING_FLAGS, ...others]);
  const found = await client.evaluate();
  const cells = ERROR_COLUMNS.map((name) => found[name] ?? null);
  if (cells.every((cell) => cell === null)) {
    if (found.state === 'waiting' || found.state === 'failed') throw unanswered(found);
    if (flags.quiet !== true)
      process.stderr.write(`note: no minute of ${found.series} has come since the training\n`);
  }
  await write(flags, ['series', ...ERROR_COLUMNS], [[found.series, ...cells]]);
}

export async function detectOnServer(request: Request & { threshold?: number }): Promise<void> {
  const { command, flags, threshold } = request;
  const client = await clientFor(command, flags, undefined, [...TRAINING_FLAGS, '--all']);
  const columns = [
    'series',
    'timestamp',
    'value',
    'is_anomaly',
    'lower_bound',
    'upper_bound',
    'anomaly_probability',
  ];
  const writer = new RowsWriter(process.stdout, flags.format, columns);
  let count = 0;
  for await (const one of client.anomalies(threshold)) {
    count++;
    const { series, time, value, is_anomaly, lower_bound, upper_bound, anomaly_probability } = one;
    await writer.add([series, time, value, is_anomaly, lower_bound, upper_bound, anomaly_probability]);
  }
  if (count === 0) {
    // Nothing found is an answer only where there is somebody who looked.
    const found = await client.forecast(1);
    const isUntrained = found.state === 'waiting' || found.state === 'failed';
    if (isUntrained && found.points.length === 0) throw unanswered(found);
    if (flags.quiet !== true) process.stderr.write(`note: no anomaly of ${found.series} was found\n`);
  }
  await writer.end();
}

export async function trainOnServer(
  file: string | undefined,
  request: Omit<Request, 'flags'> & {
    flags: ModelFlags & { quiet?: boolean };
    options: Record<string, unknown>;
  },
): Promise<void> {
  const { command, flags, options } = request;
  const notThere = ['--holiday-region', '--holiday-days-before', '--holiday-days-after', '--custom-holidays'];
  const client = await clientFor(command, flags, file, [
    ...notThere,
    '--frequency',
    '--hierarchical-columns',
  ]);
  const model = await client.train(Object.keys(options).length === 0 ? undefined : options);
  if (model.state === 'failed') throw new AppError('bad_request', `${model.series}: ${model.error}`);
  if (flags.quiet === true) return;
  const { p, d, q } = model.non_seasonal_order ?? { p: 0, d: 0, q: 0 };
  const span = `${timeOf(model.history_from ?? 0)} to ${timeOf(model.history_to ?? 0)}`;
  const seasons = model.seasonal_periods.join(', ') || 'no seasons';
  process.stdout.write(
    `Trained ${model.series} on ${span}: ARIMA(${p}, ${d}, ${q}), ${seasons}; forecasts until ${timeOf(model.horizon_end ?? 0)}.\n`,
  );
}

async function write(flags: OutputFlags, columns: string[], rows: readonly RowCell[][]): Promise<void> {
  const writer = new RowsWriter(process.stdout, flags.format, columns);
  for (const row of rows) await writer.add(row);
  await writer.end();
}

/** There may not be enough minutes yet, which time mends, or no model can be made of them, or none came since long. */
function unanswered({ series, state, error, horizon_end: end = null }: Unanswered): AppError {
  if (end !== null) {
    const message = `The forecast of ${series} ended at ${timeOf(end)}: it is trained again when samples come.`;
    return new AppError('not_ready', message);
  }
  const message =
    error === null
      ? `The model of ${series} is not trained yet.`
      : `The model of ${series} is not trained: ${error}`;
  return new AppError(state === 'failed' ? 'bad_request' : 'not_ready', message);
}
type Unanswered = Pick<ServerModel, 'series' | 'state' | 'error'> & { readonly horizon_end?: number | null };

/** More than a model is asked to reach, so that it reaches so far at any time between two trainings. */
const TRAINED_FURTHER = 120;

/** The server gives what there is; who asks for more is told so, and not left to count the rows. */
function refuseBeyond(horizon: number, ahead: readonly { readonly time: number }[], series: string): void {
  if (ahead.length >= horizon) return;
  const last = ahead.at(-1);
  const until = last === undefined ? '' : `, until ${timeOf(last.time)}`;
  throw new AppError(
    'usage',
    `--horizon must be from 1 to ${ahead.length}, not ${horizon}: the model of ${series} forecasts no further${until}.`,
    {
      field: '--horizon',
      hint: `seismo train --model '${series}' --horizon ${Math.min(HORIZON_MAX, horizon + TRAINED_FURTHER)} makes it reach further.`,
    },
  );
}

/** As the API writes times: always with milliseconds, so that they sort as text. */
function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
