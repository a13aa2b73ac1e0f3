import type { Command } from 'commander';
import { AppError } from '../errors.js';
import { ERROR_COLUMNS, EXPLAIN_COLUMNS } from './arima-columns.js';
import { type ModelFlags, type OutputFlags, refuseFlags } from './arima-flags.js';
import { ARIMA_OPTIONS } from './arima-options.js';
import { readServerAddress } from './client-settings.js';
import { ModelClient } from './model-client.js';
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

const TRAINING_FLAGS = ARIMA_OPTIONS.map(({ flag }) => flag);

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
  const { series, points } = await client.forecast(horizon);
  if (points.length === 0) throw await untrained(series, client);
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
  const { series, points } = await client.explain(horizon);
  if (points.length === 0) throw await untrained(series, client);
  const rows = points.map((point): RowCell[] => {
    const cells: Record<string, RowCell> = {
      time_series_type: point.part,
      time_series_data: point.value ?? point.expected,
      time_series_adjusted_data: point.expected,
      trend: point.trend,
      holiday_effect: point.holiday,
      spikes_and_dips: point.spikes_and_dips,
      step_changes: point.step_changes,
      residual: point.residual,
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
  for await (const one of client.anomalies(threshold)) {
    const { series, time, value, is_anomaly, lower_bound, upper_bound, anomaly_probability } = one;
    await writer.add([series, time, value, is_anomaly, lower_bound, upper_bound, anomaly_probability]);
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
  const holidays = ['--holiday-region', '--holiday-days-before', '--holiday-days-after', '--frequency'];
  const client = await clientFor(command, flags, file, holidays);
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

/** There may not be enough minutes yet, which time mends, or no model can be made of them. */
async function untrained(series: string, client: ModelClient): Promise<AppError> {
  const { state, error } = (await client.about()) ?? {};
  const message =
    error === undefined || error === null
      ? `The model of ${series} is not trained yet.`
      : `The model of ${series} is not trained: ${error}`;
  return new AppError(state === 'failed' ? 'bad_request' : 'not_ready', message);
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
