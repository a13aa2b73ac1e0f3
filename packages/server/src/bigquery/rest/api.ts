/**
 * The methods of BigQuery's API that are there, in one table: the router and the discovery document are made of it.
 */
export interface ApiMethod {
  /** `datasets.get`: a resource of the API and what is done with it. */
  readonly id: string;
  readonly http: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /bigquery/v2/; `{name}` stands for one segment. */
  readonly path: string;
  readonly query?: Readonly<Record<string, 'string' | 'integer' | 'boolean'>>;
  /** What is sent, and what comes back: names of schemas of the API. */
  readonly request?: string;
  readonly response?: string;
  /** Takes a file besides. */
  readonly upload?: boolean;
  /** Who may only read may not call it. Jobs say so when they know what their statement does. */
  readonly writes?: boolean;
}

const PROJECT = 'projects/{projectId}';
const DATASET = `${PROJECT}/datasets/{datasetId}`;
const TABLE = `${DATASET}/tables/{tableId}`;
const MODEL = `${DATASET}/models/{modelId}`;
const PAGES = { maxResults: 'integer', pageToken: 'string' } as const;
const ROWS = { ...PAGES, startIndex: 'string', 'formatOptions.useInt64Timestamp': 'boolean' } as const;

export const API_METHODS: readonly ApiMethod[] = [
  { id: 'projects.list', http: 'GET', path: 'projects', query: PAGES, response: 'ProjectList' },
  {
    id: 'datasets.list',
    http: 'GET',
    path: `${PROJECT}/datasets`,
    query: { ...PAGES, all: 'boolean', filter: 'string' },
    response: 'DatasetList',
  },
  {
    id: 'datasets.get',
    http: 'GET',
    path: DATASET,
    query: { datasetView: 'string', accessPolicyVersion: 'integer' },
    response: 'Dataset',
  },
  {
    id: 'datasets.insert',
    http: 'POST',
    path: `${PROJECT}/datasets`,
    query: { accessPolicyVersion: 'integer' },
    request: 'Dataset',
    response: 'Dataset',
    writes: true,
  },
  {
    id: 'datasets.patch',
    http: 'PATCH',
    path: DATASET,
    query: { updateMode: 'string', accessPolicyVersion: 'integer' },
    request: 'Dataset',
    response: 'Dataset',
    writes: true,
  },
  {
    id: 'datasets.update',
    http: 'PUT',
    path: DATASET,
    query: { updateMode: 'string', accessPolicyVersion: 'integer' },
    request: 'Dataset',
    response: 'Dataset',
    writes: true,
  },
  {
    id: 'datasets.delete',
    http: 'DELETE',
    path: DATASET,
    query: { deleteContents: 'boolean' },
    writes: true,
  },
  { id: 'tables.list', http: 'GET', path: `${DATASET}/tables`, query: PAGES, response: 'TableList' },
  {
    id: 'tables.get',
    http: 'GET',
    path: TABLE,
    query: { selectedFields: 'string', view: 'string' },
    response: 'Table',
  },
  {
    id: 'tables.insert',
    http: 'POST',
    path: `${DATASET}/tables`,
    request: 'Table',
    response: 'Table',
    writes: true,
  },
  {
    id: 'tables.patch',
    http: 'PATCH',
    path: TABLE,
    query: { autodetect_schema: 'boolean' },
    request: 'Table',
    response: 'Table',
    writes: true,
  },
  {
    id: 'tables.update',
    http: 'PUT',
    path: TABLE,
    query: { autodetect_schema: 'boolean' },
    request: 'Table',
    response: 'Table',
    writes: true,
  },
  { id: 'tables.delete', http: 'DELETE', path: TABLE, writes: true },
  {
    id: 'tabledata.list',
    http: 'GET',
    path: `${TABLE}/data`,
    query: { ...ROWS, selectedFields: 'string' },
    response: 'TableDataList',
  },
  {
    id: 'tabledata.insertAll',
    http: 'POST',
    path: `${TABLE}/insertAll`,
    request: 'TableDataInsertAllRequest',
    response: 'TableDataInsertAllResponse',
    writes: true,
  },
  {
    id: 'jobs.list',
    http: 'GET',
    path: `${PROJECT}/jobs`,
    query: {
      ...PAGES,
      allUsers: 'boolean',
      projection: 'string',
      stateFilter: 'string',
      parentJobId: 'string',
      minCreationTime: 'string',
      maxCreationTime: 'string',
    },
    response: 'JobList',
  },
  {
    id: 'jobs.get',
    http: 'GET',
    path: `${PROJECT}/jobs/{jobId}`,
    query: { location: 'string' },
    response: 'Job',
  },
  { id: 'jobs.insert', http: 'POST', path: `${PROJECT}/jobs`, request: 'Job', response: 'Job', upload: true },
  {
    id: 'jobs.cancel',
    http: 'POST',
    path: `${PROJECT}/jobs/{jobId}/cancel`,
    query: { location: 'string' },
    response: 'JobCancelResponse',
  },
  {
    id: 'jobs.delete',
    http: 'DELETE',
    path: `${PROJECT}/jobs/{jobId}/delete`,
    query: { location: 'string' },
    writes: true,
  },
  {
    id: 'jobs.query',
    http: 'POST',
    path: `${PROJECT}/queries`,
    request: 'QueryRequest',
    response: 'QueryResponse',
  },
  {
    id: 'jobs.getQueryResults',
    http: 'GET',
    path: `${PROJECT}/queries/{jobId}`,
    query: { ...ROWS, timeoutMs: 'integer', location: 'string' },
    response: 'GetQueryResultsResponse',
  },
  { id: 'models.list', http: 'GET', path: `${DATASET}/models`, query: PAGES, response: 'ListModelsResponse' },
  { id: 'models.get', http: 'GET', path: MODEL, response: 'Model' },
  { id: 'models.patch', http: 'PATCH', path: MODEL, request: 'Model', response: 'Model', writes: true },
  { id: 'models.delete', http: 'DELETE', path: MODEL, writes: true },
  {
    id: 'routines.list',
    http: 'GET',
    path: `${DATASET}/routines`,
    query: { ...PAGES, filter: 'string', readMask: 'string' },
    response: 'ListRoutinesResponse',
  },
  {
    id: 'rowAccessPolicies.list',
    http: 'GET',
    path: `${TABLE}/rowAccessPolicies`,
    query: { pageSize: 'integer', pageToken: 'string' },
    response: 'ListRowAccessPoliciesResponse',
  },
];
