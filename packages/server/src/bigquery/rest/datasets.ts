import { quoteName } from '../sql/types.js';
import type { DatasetEntry } from './catalog-entries.js';
import { changeCatalog, type Endpoint } from './endpoint.js';
import {
  changedLabels,
  changes,
  type Fields,
  fieldsOf,
  flag,
  object,
  page,
  type RestAnswer,
  type RestRequest,
  requireEtag,
  text,
  wholeNumber,
} from './request.js';
import { alreadyExists, notFound, RestError } from './rest-error.js';

/** `datasets.*` of the API. */

export function listDatasets({ catalog }: Endpoint, { path, query }: RestRequest): RestAnswer {
  const projectId = path.projectId!;
  const { items, nextPageToken } = page(catalog.datasets().filter(labelFilter(query.get('filter'))), query);
  return {
    body: {
      kind: 'bigquery#datasetList',
      etag: etagOf('datasets', items.length),
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
      datasets: items.map((entry) => ({
        kind: 'bigquery#dataset',
        ...shortResource(entry, projectId),
      })),
    },
  };
}

/** `labels.KEY:VALUE` and `labels.KEY`, all of them where there are several. */
function labelFilter(filter: string | null): (entry: DatasetEntry) => boolean {
  const terms = (filter ?? '').split(/\s+/).filter((term) => term !== '' && term !== 'AND');
  const wanted = terms.map((term) => {
    const [, key = '', value] = /^labels\.([^:\s]+)(?::(.*))?$/.exec(term) ?? [];
    if (key !== '') return { key, value };
    throw new RestError('invalid', `Invalid filter: ${term} is not of the form labels.KEY:VALUE.`, 'filter');
  });
  return ({ labels = {} }) =>
    wanted.every(({ key, value }) => (value === undefined ? key in labels : labels[key] === value));
}

export function getDataset({ catalog }: Endpoint, { path }: RestRequest): RestAnswer {
  const { projectId = '', datasetId = '' } = path;
  return { body: datasetResource(existingDataset(catalog, projectId, datasetId), projectId) };
}

export async function insertDataset(endpoint: Endpoint, { path, body }: RestRequest): Promise<RestAnswer> {
  const { catalog, clock } = endpoint;
  const projectId = path.projectId!;
  const given = fieldsOf(body);
  const dataset = text(
    object(given.datasetReference, 'datasetReference')?.datasetId,
    'datasetReference.datasetId',
  );
  if (dataset === undefined)
    throw new RestError(
      'required',
      'Required parameter is missing: datasetReference.datasetId',
      'datasetReference',
    );
  if (catalog.dataset(dataset) !== undefined) throw alreadyExists('Dataset', `${projectId}:${dataset}`);
  catalog.checkName(dataset);
  const nowMs = clock.nowMs();
  const entry = {
    dataset,
    createdMs: nowMs,
    modifiedMs: nowMs,
    location: text(given.location, 'location') ?? 'US',
    ...changedFields(given),
  };
  await changeCatalog(endpoint, {
    sql: [`CREATE SCHEMA ${quoteName(dataset)}`],
    set: [entry as DatasetEntry],
  });
  return { body: datasetResource(entry as DatasetEntry, projectId) };
}

export async function changeDataset(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  const { catalog, clock } = endpoint;
  const { path } = request;
  const { projectId = '', datasetId = '' } = path;
  const former = existingDataset(catalog, projectId, datasetId);
  if (former.builtIn)
    throw new RestError(
      'accessDenied',
      `Access Denied: Dataset ${datasetId} is part of this server and cannot be changed.`,
    );
  requireEtag(request, etagOf(datasetId, former.modifiedMs));
  const modifiedMs = laterMs(former, clock.nowMs());
  const given = changes(request, CHANGEABLE);
  const labels = request.http === 'PUT' ? undefined : former.labels;
  const entry = { ...former, ...changedFields(given, labels), modifiedMs } as DatasetEntry;
  await changeCatalog(endpoint, { set: [entry] });
  return { body: datasetResource(entry, projectId) };
}

export async function deleteDataset(endpoint: Endpoint, { path, query }: RestRequest): Promise<RestAnswer> {
  const { catalog } = endpoint;
  const { projectId = '', datasetId = '' } = path;
  const entry = existingDataset(catalog, projectId, datasetId);
  if (entry.builtIn)
    throw new RestError(
      'accessDenied',
      `Access Denied: Dataset ${datasetId} is part of this server and cannot be deleted.`,
    );
  if (!flag(query, 'deleteContents') && isInUse(endpoint, datasetId)) {
    throw new RestError('resourceInUse', `Dataset ${projectId}:${datasetId} is still in use`);
  }
  await changeCatalog(endpoint, {
    sql: [`DROP SCHEMA ${quoteName(datasetId)} CASCADE`],
    dropDataset: datasetId,
  });
  await endpoint.ml.dropAll(datasetId);
  return { status: 204 };
}

/** Whether there is a table or a model in it. */
export function isInUse({ catalog, ml }: Pick<Endpoint, 'catalog' | 'ml'>, dataset: string): boolean {
  return catalog.tables(dataset).length > 0 || ml.list('', dataset).length > 0;
}

export function existingDataset(
  catalog: Endpoint['catalog'],
  projectId: string,
  dataset: string,
): DatasetEntry {
  const entry = catalog.dataset(dataset);
  if (entry === undefined) throw notFound('Dataset', `${projectId}:${dataset}`);
  return entry;
}

function shortResource(entry: DatasetEntry, projectId: string) {
  const { dataset, location, friendlyName, labels } = entry;
  return {
    id: `${projectId}:${dataset}`,
    datasetReference: { datasetId: dataset, projectId },
    location,
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function datasetResource(entry: DatasetEntry, projectId: string) {
  const {
    dataset,
    createdMs,
    modifiedMs,
    description,
    defaultTableExpirationMs,
    defaultPartitionExpirationMs,
  } = entry;
  return {
    kind: 'bigquery#dataset',
    etag: etagOf(dataset, modifiedMs),
    selfLink: `/bigquery/v2/projects/${projectId}/datasets/${dataset}`,
    ...shortResource(entry, projectId),
    ...(description === undefined ? {} : { description }),
    ...(defaultTableExpirationMs === undefined
      ? {}
      : { defaultTableExpirationMs: String(defaultTableExpirationMs) }),
    ...(defaultPartitionExpirationMs === undefined
      ? {}
      : { defaultPartitionExpirationMs: String(defaultPartitionExpirationMs) }),
    access: [
      { role: 'WRITER', specialGroup: 'projectWriters' },
      { role: 'OWNER', specialGroup: 'projectOwners' },
      { role: 'READER', specialGroup: 'projectReaders' },
    ],
    creationTime: String(createdMs),
    lastModifiedTime: String(modifiedMs),
    type: 'DEFAULT',
  };
}

const EXPIRATIONS = ['defaultTableExpirationMs', 'defaultPartitionExpirationMs'];
const CHANGEABLE = ['description', 'friendlyName', 'labels', ...EXPIRATIONS];

/** Fields that are there are set, null ones are taken away. */
function changedFields(given: Fields, labels?: DatasetEntry['labels']): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  const milliseconds = (name: string) => wholeNumber(given[name], name);
  if ('description' in given) changed.description = text(given.description, 'description');
  if ('friendlyName' in given) changed.friendlyName = text(given.friendlyName, 'friendlyName');
  if ('labels' in given) changed.labels = changedLabels(given.labels, labels);
  for (const name of EXPIRATIONS) {
    if (name in given) changed[name] = milliseconds(name);
  }
  return changed;
}

/** Two changes in one millisecond have two etags. */
export function laterMs({ modifiedMs }: { readonly modifiedMs: number }, nowMs: number): number {
  return Math.max(nowMs, modifiedMs + 1);
}

export function etagOf(...parts: readonly (string | number)[]): string {
  return Buffer.from(parts.join('.')).toString('base64url');
}
