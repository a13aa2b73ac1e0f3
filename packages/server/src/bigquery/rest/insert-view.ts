import type { Endpoint } from './endpoint.js';
import { runStatement } from './query-job.js';
import {
  type Fields,
  fieldsOf,
  object,
  type RestAnswer,
  type RestRequest,
  requireEtag,
  text,
} from './request.js';
import { RestError } from './rest-error.js';
import { changeTable, existingTable, getTable, insertTable, tableEtag } from './tables.js';

/** `tables.insert`: a view is what CREATE VIEW makes of its query. */
export async function insertTableOrView(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  const given = fieldsOf(request.body);
  const view = object(given.view, 'view');
  if (view === undefined) return insertTable(endpoint, request);
  const tableId =
    text(object(given.tableReference, 'tableReference')?.tableId, 'tableReference.tableId') ?? '';
  const named = { ...request, path: { ...request.path, tableId } };
  await runStatement(endpoint, `CREATE VIEW ${viewSql(named, view)}`, named);
  const { view: _view, schema: _schema, ...others } = given;
  return changeTable(endpoint, { ...named, body: others });
}

/** `tables.patch` and `tables.update`: a view may get another query. */
export async function changeTableOrView(endpoint: Endpoint, request: RestRequest): Promise<RestAnswer> {
  const given = fieldsOf(request.body);
  const view = object(given.view, 'view');
  if (view?.query === undefined) return changeTable(endpoint, request);
  const former = existingTable(endpoint, request.path);
  requireEtag(request, tableEtag(former));
  if (former.kind !== 'VIEW') {
    throw new RestError('invalid', 'A table cannot become a view.', 'view');
  }
  await runStatement(endpoint, `CREATE OR REPLACE VIEW ${viewSql(request, view)}`, request);
  const { view: _view, schema: _schema, ...others } = given;
  return Object.keys(others).length === 0
    ? getTable(endpoint, request)
    : changeTable(endpoint, { ...request, headers: {}, body: others });
}

function viewSql({ path }: RestRequest, view: Fields): string {
  const query = text(view.query, 'view.query') ?? '';
  if (view.useLegacySql === true) {
    throw new RestError(
      'invalid',
      'Legacy SQL is not supported here: send GoogleSQL, with useLegacySql false.',
      'view',
    );
  }
  const name = [path.datasetId, path.tableId]
    .map((one) => `\`${(one ?? '').replaceAll('`', '')}\``)
    .join('.');
  return `${name} AS ${query}`;
}
