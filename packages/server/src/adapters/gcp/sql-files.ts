import { readdir, readFile } from 'node:fs/promises';

/** The dataset's name as the files of sql/ write it; another one takes its place when they are read. */
const DATASET = 'metrics_dataset';

/** sql/ in the root of the repository, and of the image; `src` and `dist` are equally deep below it. */
const FOLDER = new URL('../../../../../sql/', import.meta.url);

/** A file of sql/, e.g. `detect-minutes`, for the dataset named. Throws when there is none of that name. */
export async function readStatement(name: string, dataset: string = DATASET): Promise<string> {
  return forDataset(await readFile(new URL(`${name}.sql`, FOLDER), 'utf8'), dataset);
}

export interface MigrationFile {
  readonly number: number;
  /** The file's name without its ending: `0001-samples`. */
  readonly name: string;
  readonly statement: string;
}

/** sql/migrations/ in the order in which they are applied. */
export async function readMigrations(dataset: string = DATASET): Promise<MigrationFile[]> {
  const folder = new URL('migrations/', FOLDER);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -'.sql'.length);
      const number = Number(/^(\d{4})-[a-z0-9-]+$/.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(number))
        throw new Error(`sql/migrations/${file} has no number: 0001-name.sql is right`);
      return { number, name, statement: forDataset(await readFile(new URL(file, folder), 'utf8'), dataset) };
    }),
  );
}

/** Only names in backquotes are meant: comments and texts keep theirs. */
function forDataset(statement: string, dataset: string): string {
  return dataset === DATASET ? statement : statement.replaceAll(`\`${DATASET}.`, `\`${dataset}.`);
}
