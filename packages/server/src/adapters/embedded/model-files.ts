import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';

/** Folder of the models' files in the data folder. Each can be made anew by a training: no backup holds them. */
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

  /** Makes the folder, and removes from it what no model goes by: left by a crash, or by a series that is gone. */
  prepare(models: Iterable<{ seriesId: number; trainedMs: number }>): void {
    makeFolder(this.#folder);
    const known = new Set(Array.from(models, (model) => this.path(model.seriesId, model.trainedMs)));
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      if (!known.has(path)) rmSync(path, { force: true });
    }
  }

  remove(seriesId: number, trainedMs: number): void {
    rmSync(this.path(seriesId, trainedMs), { force: true });
  }
}
