import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../errors.js';
import { TIME_FORMS, type TimeForm } from '../ingest/series-time.js';

/**
 * Models of all series of a file, in one file: `SEISMO-MODELS`, a version byte, the length of a JSON header (32 bits,
 * little endian), the header, then the models as the engine saves them, one after another.
 */
const MAGIC = Buffer.from('SEISMO-MODELS\u0001', 'latin1');

/** What the models were trained on, so that answers speak the language of that file. */
export interface ModelFileHeader {
  readonly timestampColumn: string;
  readonly dataColumn: string;
  readonly idColumns: readonly string[];
  readonly columnsAreSeries: boolean;
  readonly timeForm: TimeForm;
  /** HIERARCHICAL_TIME_SERIES_COLS, where they are asked for, and the newest time of any series. */
  readonly hierarchy?: { readonly columns: readonly string[]; readonly newestMs: number };
}

export interface SavedSeries {
  readonly ids: readonly string[];
  /** As the engine saves it; undefined where there is no model. */
  readonly model: Uint8Array | undefined;
  /** Why there is no model, or that it is no more than a constant. */
  readonly errorMessage: string | undefined;
}

interface StoredHeader extends ModelFileHeader {
  readonly series: readonly {
    readonly ids: readonly string[];
    readonly bytes?: number;
    readonly errorMessage?: string;
  }[];
}

/** Written beside and moved into place, so that a file that is there is whole. Resolves with its size. */
export async function writeModelFile(
  path: string,
  { timestampColumn, dataColumn, idColumns, columnsAreSeries, timeForm, hierarchy }: ModelFileHeader,
  series: readonly SavedSeries[],
): Promise<number> {
  const stored: StoredHeader = {
    timestampColumn,
    dataColumn,
    idColumns,
    columnsAreSeries,
    timeForm,
    ...(hierarchy === undefined ? {} : { hierarchy }),
    series: series.map(({ ids, model, errorMessage }) => ({
      ids,
      ...(model === undefined ? {} : { bytes: model.length }),
      ...(errorMessage === undefined ? {} : { errorMessage }),
    })),
  };
  const header = Buffer.from(JSON.stringify(stored));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const models = series.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const bytes = Buffer.concat([MAGIC, length, header, ...models]);
  const beside = join(dirname(path), `.seismo-models-${process.pid}.tmp`);
  try {
    await writeFile(beside, bytes);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? `there is no folder ${dirname(path)}` : message;
    throw new AppError(
      code === 'ENOSPC' ? 'storage_full' : 'bad_request',
      `${path} cannot be written: ${reason}.`,
      {
        field: '--model-file',
        cause: error,
      },
    );
  }
  return bytes.length;
}

/** Rejects with `not_found`, or `bad_request` where the file is no file of models. */
export async function readModelFile(
  path: string,
): Promise<{ header: ModelFileHeader; series: readonly SavedSeries[] }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      throw new AppError('not_found', `There is no file ${path}.`, {
        field: '--model-file',
        hint: 'Make one with `seismo train FILE.csv --model-file OUT`.',
        cause: error,
      });
    }
    throw new AppError('bad_request', `${path} cannot be read: ${error.message}`, { cause: error });
  });
  const { header, at } = headerOf(bytes, path);
  const series: SavedSeries[] = [];
  let from = at;
  for (const { ids, bytes: length, errorMessage } of header.series) {
    series.push({
      ids,
      model: length === undefined ? undefined : bytes.subarray(from, from + length),
      errorMessage,
    });
    from += length ?? 0;
  }
  if (from !== bytes.length) throw noModels(path, 'it is cut off or longer than it says');
  return { header, series };
}

/** For --model, which names a series: who means a file is told so. */
export async function refuseModelFile(name: string): Promise<void> {
  const file = await open(name).catch(() => undefined);
  if (file === undefined) return;
  const { buffer } = await file
    .read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0)
    .catch(() => ({ buffer: Buffer.alloc(0) }))
    .finally(() => file.close());
  if (!buffer.equals(MAGIC)) return;
  throw new AppError('usage', `${name} is a file of models, and --model does not name a file.`, {
    field: '--model',
    hint: `Say --model-file ${name}.`,
  });
}

function headerOf(bytes: Buffer, path: string): { header: StoredHeader; at: number } {
  if (!bytes.subarray(0, MAGIC.length - 1).equals(MAGIC.subarray(0, -1)))
    throw noModels(path, 'it begins otherwise');
  if (bytes[MAGIC.length - 1] !== MAGIC.at(-1)) throw noModels(path, 'it is of another version');
  const start = MAGIC.length + 4;
  if (bytes.length < start) throw noModels(path, 'it is cut off');
  const at = start + bytes.readUInt32LE(MAGIC.length);
  try {
    const header = JSON.parse(bytes.subarray(start, at).toString()) as StoredHeader;
    if (!TIME_FORMS.includes(header.timeForm)) throw new RangeError('another form of times');
    return { header, at };
  } catch (error) {
    throw noModels(path, 'its header cannot be read', error);
  }
}

function noModels(path: string, why: string, cause?: unknown): AppError {
  return new AppError('bad_request', `${path} is no file of models: ${why}.`, {
    field: '--model-file',
    hint: 'Make one with `seismo train FILE.csv --model-file OUT`.',
    cause,
  });
}
