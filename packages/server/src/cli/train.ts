import { sizeText } from '../model/free-space.js';
import type { SeriesFlags } from './arima-flags.js';
import { inputOfRows } from './arima-input.js';
import type { GivenOptions } from './arima-options.js';
import { askAll } from './arima-report.js';
import { type SavedSeries, writeModelFile } from './model-file.js';
import { countText } from './terminal.js';

export interface TrainOptions extends SeriesFlags {
  readonly given: GivenOptions;
  readonly horizon: number;
}

/** Learns every series of a file and writes the models. */
export async function train(file: string, modelFile: string, options: TrainOptions): Promise<void> {
  const isQuiet = options.quiet === true;
  const input = await inputOfRows(file, options, options.given, { horizon: options.horizon });
  const saved: SavedSeries[] = [];
  for await (const { ids, answer } of askAll(input, () => ({ kind: 'save' }), isQuiet)) {
    saved.push({ ids, model: answer.saved, errorMessage: answer.errorMessage });
  }
  const bytes = await writeModelFile(modelFile, input.header, saved);
  if (isQuiet) return;
  const models = saved.filter(({ model }) => model !== undefined).length;
  process.stdout.write(`Wrote ${countText(models, 'model')} to ${modelFile} (${sizeText(bytes)}).\n`);
}
