import type { SeriesSum } from '@seismo/engine';
import { explainColumns } from '../model/arima-answers.js';
import { EXPLAIN_COLUMNS } from '../model/arima-columns.js';
import { askAll } from './arima-report.js';
import { AnswerWriter, named } from './arima-rows.js';
import { explainOnServer } from './arima-server.js';
import { columnsUnless, forSums, withSums } from './arima-sums.js';
import { type AheadRequest, inputAhead } from './forecast.js';

export async function explain(file: string | undefined, request: AheadRequest): Promise<void> {
  const { flags, horizon, confidenceLevel } = request;
  if (flags.model !== undefined) return explainOnServer(file, request);
  const input = await inputAhead(file, request);
  const writer = new AnswerWriter(flags.format, input, [
    { name: 'time_series_timestamp', of: 'time' },
    ...named(EXPLAIN_COLUMNS),
  ]);
  const ask = { kind: 'explain', horizon, confidenceLevel, ...forSums(input.header) } as const;
  const answers = askAll(input, () => ask, flags.quiet === true);
  const ofSum = (sum: SeriesSum) =>
    columnsUnless(sum.explain(horizon, confidenceLevel), (told) => explainColumns(told, confidenceLevel));
  for await (const answered of withSums(answers, input.header, ofSum)) await writer.add(answered);
  await writer.end();
}
