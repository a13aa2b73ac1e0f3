import type { Catalog } from '../rest/catalog.js';
import type { TableEntry } from '../rest/catalog-entries.js';
import type { Column } from '../sql/plan.js';
import { invalid, WriteError } from './write-error.js';

/** A table as the API names it: `projects/P/datasets/D/tables/T`. */
export interface TablePath {
  readonly name: string;
  readonly project: string;
  readonly dataset: string;
  readonly table: string;
}

/** The stream that every table has. */
export const DEFAULT_STREAM = '_default';

export function tablePath(name: string): TablePath {
  const [, project = '', dataset = '', table = ''] =
    /^projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)$/.exec(name) ?? [];
  if (table === '') throw invalid(`"${name}" is no table: projects/…/datasets/…/tables/… is.`);
  return { name, project, dataset, table };
}

/** `…/streams/ID`; also `…/_default`, which some clients send. */
export function streamPath(name: string): { readonly table: TablePath; readonly id: string } {
  const [, table = '', id = ''] =
    /^(projects\/[^/]+\/datasets\/[^/]+\/tables\/[^/]+)\/(?:streams\/)?([^/]+)$/.exec(name) ?? [];
  if (id === '') throw invalid(`"${name}" is no write stream: projects/…/datasets/…/tables/…/streams/… is.`);
  return { table: tablePath(table), id };
}

/** The table, where rows can be written to it. */
export function writableTable(catalog: Pick<Catalog, 'table'>, path: TablePath): TableEntry {
  const { project, dataset, table } = path;
  const entry = catalog.table(dataset, table);
  if (entry === undefined) {
    throw new WriteError('NOT_FOUND', `Requested entity was not found. Entity: ${path.name}.`, {
      storageError: 'TABLE_NOT_FOUND',
      entity: path.name,
    });
  }
  const shown = `${project}:${dataset}.${table}`;
  if (entry.kind === 'VIEW') {
    const hint = entry.readAs === undefined ? '' : ` Write samples to ${dataset}.samples.`;
    throw invalid(`Cannot write to a table of type VIEW: ${shown}.${hint}`);
  }
  if (entry.readAs !== undefined && entry.table !== 'samples') {
    throw new WriteError(
      'PERMISSION_DENIED',
      `Access Denied: Table ${shown} is kept by the server; write samples to ${dataset}.samples.`,
    );
  }
  if (entry.columns.length === 0) throw invalid(`Table ${shown} has no columns yet.`);
  return entry;
}

/** Rows of samples are ingested, not inserted. */
export function isIngested(entry: TableEntry): boolean {
  return entry.readAs !== undefined;
}

export function sameColumns(one: readonly Column[], other: readonly Column[]): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
