import type { FromItem } from './from-items.js';
import type { Column } from './plan.js';
import { relationItem } from './relations.js';
import type { Scope } from './scope.js';
import { invalid, notSupported, type SyntaxNode } from './syntax.js';
import { notFound } from './table-names.js';

const text = (name: string): Column => ({ name, type: 'STRING' });
const time = (name: string): Column => ({ name, type: 'TIMESTAMP' });
const whole = (name: string): Column => ({ name, type: 'INT64' });

/** Columns as BigQuery has them: https://cloud.google.com/bigquery/docs/information-schema-tables and its like. */
const INFORMATION_SCHEMA: Readonly<Record<'SCHEMATA' | 'TABLES' | 'COLUMNS', readonly Column[]>> = {
  SCHEMATA: [
    text('catalog_name'),
    text('schema_name'),
    text('schema_owner'),
    time('creation_time'),
    time('last_modified_time'),
    text('location'),
    text('ddl'),
    text('default_collation_name'),
  ],
  TABLES: [
    text('table_catalog'),
    text('table_schema'),
    text('table_name'),
    text('table_type'),
    text('is_insertable_into'),
    text('is_typed'),
    time('creation_time'),
    text('ddl'),
    text('default_collation_name'),
  ],
  COLUMNS: [
    text('table_catalog'),
    text('table_schema'),
    text('table_name'),
    text('column_name'),
    whole('ordinal_position'),
    text('is_nullable'),
    text('data_type'),
    text('is_generated'),
    text('generation_expression'),
    text('is_stored'),
    text('is_hidden'),
    text('is_updatable'),
    text('is_system_defined'),
    text('is_partitioning_column'),
    whole('clustering_ordinal_position'),
    text('collation_name'),
    text('column_default'),
    text('rounding_mode'),
  ],
};

/** `INFORMATION_SCHEMA.SCHEMATA`, `dataset.INFORMATION_SCHEMA.TABLES`, `region-us.INFORMATION_SCHEMA.COLUMNS`. */
export function informationSchema(
  parts: readonly string[],
  name: string,
  node: SyntaxNode,
  scope: Scope,
): FromItem {
  const view = parts.at(-1)!.toUpperCase();
  if (view !== 'SCHEMATA' && view !== 'TABLES' && view !== 'COLUMNS')
    throw notSupported(`INFORMATION_SCHEMA.${view}`, node);
  const { options, relations, counters } = scope.translation;
  const before = parts.slice(0, -2).filter((part) => part !== options.projectId);
  const [qualifier, ...others] = before;
  if (others.length > 0) throw invalid(node, `Invalid name: ${parts.join('.')}`);
  const isRegion = qualifier?.toLowerCase().startsWith('region-') === true;
  const dataset = qualifier === undefined || isRegion ? undefined : qualifier;
  if (dataset === undefined && view !== 'SCHEMATA' && !isRegion) {
    throw invalid(node, `INFORMATION_SCHEMA.${view} must be qualified with a dataset or a region`);
  }
  if (dataset !== undefined && !options.catalog.dataset(dataset)) {
    throw notFound('Dataset', { projectId: options.projectId, dataset, table: '' }, options, node);
  }
  const relation = `seismo_information_${++counters.relations}`;
  const columns = INFORMATION_SCHEMA[view];
  relations.push({
    kind: 'informationSchema',
    relation,
    view,
    columns,
    ...(dataset === undefined ? {} : { dataset }),
  });
  return relationItem(`temp.${relation}`, columns, name, scope);
}
