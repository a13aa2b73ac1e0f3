import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';

/** Folder of the models' files in the data folder. */
export const MODELS_FOLDER = 'models';

/** Where the fitted models lie, each in a file named for its series and its training. */
export class ModelFiles {
  readonly #folder: string;

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, MODELS_FOLDER);
  }

  path(seriesId: number, trainedMs: number): string {
    return join(this.#folder, `${seriesId}-${trainedMs}.model`);
  }

  /**
   * Makes the folder, and removes from it what is not whole or of no known series. Gives the models that were replaced
   * and are not done with, for a stop came between.
   */
  prepare(
    models: Iterable<{ seriesId: number; trainedMs: number }>,
  ): { seriesId: number; trainedMs: number }[] {
    makeFolder(this.#folder);
    const known = new Map(Array.from(models, ({ seriesId, trainedMs }) => [seriesId, trainedMs]));
    const replaced: { seriesId: number; trainedMs: number }[] = [];
    for (const name of readdirSync(this.#folder)) {
      const [, seriesId, trainedMs] = (/^(\d+)-(\d+)\.model$/.exec(name) ?? []).map(Number);
      if (seriesId === undefined || trainedMs === undefined || !known.has(seriesId)) {
        rmSync(join(this.#folder, name), { force: true });
      } else if (known.get(seriesId) !== trainedMs) replaced.push({ seriesId, trainedMs });
    }
    return replaced;
  }

  remove(seriesId: number, trainedMs: number): void {
    rmSync(this.path(seriesId, trainedMs), { force: true });
  }
}
