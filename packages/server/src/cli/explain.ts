import { EXPLAIN_COLUMNS } from './arima-columns.js';
import { askAll } from './arima-report.js';
import { AnswerWriter, named } from './arima-rows.js';
import { explainOnServer } from './arima-server.js';
import { type AheadRequest, inputAhead } from './forecast.js';

export async function explain(file: string | undefined, request: AheadRequest): Promise<void> {
  const { flags, horizon, confidenceLevel } = request;
  if (flags.model !== undefined) return explainOnServer(file, request);
  const input = await inputAhead(file, request);
  const writer = new AnswerWriter(flags.format, input, [
    { name: 'time_series_timestamp', of: 'time' },
    ...named(EXPLAIN_COLUMNS),
  ]);
  const ask = { kind: 'explain', horizon, confidenceLevel } as const;
  for await (const answered of askAll(input, () => ask, flags.quiet === true)) await writer.add(answered);
  await writer.end();
}
