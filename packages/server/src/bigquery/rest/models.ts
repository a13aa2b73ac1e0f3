import { existingDataset } from './datasets.js';
import type { Endpoint } from './endpoint.js';
import { page, type RestAnswer, type RestRequest } from './request.js';
import { notFound, RestError } from './rest-error.js';

/** `models.*` of the API. */

export function listModels({ catalog, ml }: Endpoint, { path, query }: RestRequest): RestAnswer {
  const { projectId = '', datasetId = '' } = path;
  existingDataset(catalog, projectId, datasetId);
  const { items, nextPageToken } = page(ml.list(projectId, datasetId), query);
  return { body: { models: items, ...(nextPageToken === undefined ? {} : { nextPageToken }) } };
}

export async function getModel(endpoint: Endpoint, { path }: RestRequest): Promise<RestAnswer> {
  const name = nameOf(endpoint, path);
  const found = await endpoint.ml.get(name);
  if (found === undefined) throw notFound('Model', `${name.projectId}:${name.dataset}.${name.table}`);
  return { body: found };
}

export async function deleteModel(endpoint: Endpoint, { path }: RestRequest): Promise<RestAnswer> {
  const name = nameOf(endpoint, path);
  const dropped = await endpoint.ml.drop(name);
  if (!dropped) throw notFound('Model', `${name.projectId}:${name.dataset}.${name.table}`);
  return { status: 204 };
}

export function changeModel(): RestAnswer {
  throw new RestError(
    'notImplemented',
    'A model cannot be changed here: make it anew with CREATE OR REPLACE MODEL.',
  );
}

function nameOf(
  { catalog }: Endpoint,
  { projectId = '', datasetId = '', modelId = '' }: RestRequest['path'],
) {
  existingDataset(catalog, projectId, datasetId);
  return { projectId, dataset: datasetId, table: modelId };
}
