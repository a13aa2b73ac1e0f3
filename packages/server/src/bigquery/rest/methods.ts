import { changeDataset, deleteDataset, getDataset, insertDataset, listDatasets } from './datasets.js';
import type { Endpoint } from './endpoint.js';
import { insertAll } from './insert-all.js';
import { changeTableOrView, insertTableOrView } from './insert-view.js';
import { cancelJob, deleteJob, getJob, getQueryResults, insertJob, query } from './jobs.js';
import { listJobs } from './list-jobs.js';
import { changeModel, deleteModel, getModel, listModels } from './models.js';
import type { RestAnswer, RestRequest } from './request.js';
import { listRows } from './tabledata.js';
import { deleteTable, getTable, listTables } from './tables.js';

export type Method = (endpoint: Endpoint, request: RestRequest) => RestAnswer | Promise<RestAnswer>;

/** What the methods of api.ts do. */
export const METHODS: Readonly<Record<string, Method>> = {
  'projects.list': listProjects,
  'datasets.list': listDatasets,
  'datasets.get': getDataset,
  'datasets.insert': insertDataset,
  'datasets.patch': changeDataset,
  'datasets.update': changeDataset,
  'datasets.delete': deleteDataset,
  'tables.list': listTables,
  'tables.get': getTable,
  'tables.insert': insertTableOrView,
  'tables.patch': changeTableOrView,
  'tables.update': changeTableOrView,
  'tables.delete': deleteTable,
  'tabledata.list': listRows,
  'tabledata.insertAll': insertAll,
  'jobs.list': listJobs,
  'jobs.get': getJob,
  'jobs.insert': insertJob,
  'jobs.cancel': cancelJob,
  'jobs.delete': deleteJob,
  'jobs.query': query,
  'jobs.getQueryResults': getQueryResults,
  'models.list': listModels,
  'models.get': getModel,
  'models.patch': changeModel,
  'models.delete': deleteModel,
  'routines.list': () => ({ body: {} }),
  'rowAccessPolicies.list': () => ({ body: {} }),
};

/** Every project that a client names is this server. */
const PROJECT = 'seismo';

function listProjects(): RestAnswer {
  return {
    body: {
      kind: 'bigquery#projectList',
      projects: [
        {
          kind: 'bigquery#project',
          id: PROJECT,
          numericId: '1',
          projectReference: { projectId: PROJECT },
          friendlyName: 'Seismo',
        },
      ],
      totalItems: 1,
    },
  };
}
