import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import type {
  NewSqlModel,
  OpenSqlModel,
  SqlModelHeader,
  SqlModelName,
  SqlModels,
} from '../../ports/sql-models.js';
import { moveDurably } from './durable-files.js';
import { makeFolder } from './make-folder.js';
import { openSqlModelFile, readSqlModelHeader, SqlModelFileWriter } from './sql-model-file.js';

/** Folder of SQL's models in the data folder. They cannot be made anew without the query that made them. */
export const SQL_MODELS_FOLDER = 'sql-models';
const EXTENSION = '.model';
const UNFINISHED = '.new';

export interface SqlModelFilesOptions {
  readonly dataFolder: string;
  /** Is told of files that cannot be read; they are left where they are and answer as if they were not. */
  readonly onUnreadable?: (path: string, reason: string) => void;
}

/** A file for each model, named by a hash of its name, since names may be longer than a file's and differ in case. */
export class SqlModelFiles implements SqlModels {
  readonly #folder: string;
  /** By dataset, then by model. */
  readonly #headers = new Map<string, Map<string, SqlModelHeader>>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads which models there are, and removes what a crash left unfinished. */
  static async open({ dataFolder, onUnreadable }: SqlModelFilesOptions): Promise<SqlModelFiles> {
    const files = new SqlModelFiles(join(dataFolder, SQL_MODELS_FOLDER));
    makeFolder(files.#folder);
    for (const name of await readdir(files.#folder)) {
      const path = join(files.#folder, name);
      if (name.endsWith(UNFINISHED)) await rm(path, { force: true });
      if (!name.endsWith(EXTENSION)) continue;
      await readSqlModelHeader(path).then(
        (header) => files.#note(header),
        (error: Error) => onUnreadable?.(path, error.message),
      );
    }
    return files;
  }

  list(dataset: string): readonly SqlModelHeader[] {
    const models = [...(this.#headers.get(dataset)?.values() ?? [])];
    return models.sort((a, b) => (a.model < b.model ? -1 : 1));
  }

  get({ dataset, model }: SqlModelName): SqlModelHeader | undefined {
    return this.#headers.get(dataset)?.get(model);
  }

  async open(name: SqlModelName): Promise<OpenSqlModel | undefined> {
    if (this.get(name) === undefined) return undefined;
    return openSqlModelFile(this.#path(name));
  }

  async create(): Promise<NewSqlModel> {
    const path = join(this.#folder, `${randomUUID()}${UNFINISHED}`);
    const writer = new SqlModelFileWriter(await this.#opened(path));
    let isDone = false;
    return {
      add: (series, saved) => writer.add(series, saved).catch((error) => failWith(error)),
      finish: async (header, { replace }) => {
        await writer.finish(header).catch((error) => failWith(error));
        if (!replace && this.get(header) !== undefined) return false;
        isDone = true;
        await moveDurably(path, this.#path(header)).catch((error) => failWith(error));
        this.#note(header);
        return true;
      },
      abandon: async () => {
        if (isDone) return;
        isDone = true;
        await writer.close();
        await rm(path, { force: true });
      },
    };
  }

  async remove(name: SqlModelName): Promise<boolean> {
    const models = this.#headers.get(name.dataset);
    if (models?.delete(name.model) !== true) return false;
    if (models.size === 0) this.#headers.delete(name.dataset);
    await rm(this.#path(name), { force: true });
    return true;
  }

  #note(header: SqlModelHeader): void {
    const models = this.#headers.get(header.dataset) ?? new Map<string, SqlModelHeader>();
    models.set(header.model, header);
    this.#headers.set(header.dataset, models);
  }

  #path({ dataset, model }: SqlModelName): string {
    const hash = createHash('sha256').update(`${dataset}\0${model}`).digest('hex');
    return join(this.#folder, `${hash}${EXTENSION}`);
  }

  #opened(path: string): Promise<FileHandle> {
    return open(path, 'wx').catch((error) => failWith(error));
  }
}

function failWith(error: NodeJS.ErrnoException): never {
  const code = error.code === 'ENOSPC' ? 'storage_full' : 'not_ready';
  throw new AppError(code, `The model cannot be stored: ${error.message}`, { cause: error });
}
