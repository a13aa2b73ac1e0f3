import { askAll } from './arima-report.js';
import { AnswerWriter, named } from './arima-rows.js';
import { type AheadRequest, inputAhead } from './forecast.js';

/** As ML.EXPLAIN_FORECAST has them, after the time. */
const COLUMNS = [
  'time_series_type',
  'time_series_data',
  'time_series_adjusted_data',
  'standard_error',
  'confidence_level',
  'prediction_interval_lower_bound',
  'prediction_interval_upper_bound',
  'trend',
  'seasonal_period_yearly',
  'seasonal_period_quarterly',
  'seasonal_period_monthly',
  'seasonal_period_weekly',
  'seasonal_period_daily',
  'holiday_effect',
  'spikes_and_dips',
  'step_changes',
  'residual',
];

export async function explain(file: string | undefined, request: AheadRequest): Promise<void> {
  const { flags, horizon, confidenceLevel } = request;
  const input = await inputAhead(file, request);
  const writer = new AnswerWriter(flags.format, input, [
    { name: 'time_series_timestamp', of: 'time' },
    ...named(COLUMNS),
  ]);
  const ask = { kind: 'explain', horizon, confidenceLevel } as const;
  for await (const answered of askAll(input, () => ask, flags.quiet === true)) await writer.add(answered);
  await writer.end();
}
