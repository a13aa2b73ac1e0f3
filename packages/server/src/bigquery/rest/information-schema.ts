import type { EngineValue } from '../../ports/sql-engine.js';
import type { Column, InformationSchemaRelation } from '../sql/plan.js';
import type { Catalog } from './catalog.js';
import type { DatasetEntry, TableEntry } from './catalog-entries.js';
import { googleSqlType, schemaDdl, tableDdl } from './written-ddl.js';

type Row = Readonly<Record<string, EngineValue>>;

/** Rows of INFORMATION_SCHEMA by the columns that are asked for; names in lower case. What is not kept is NULL. */
export function informationSchemaRows(
  relation: InformationSchemaRelation,
  catalog: Catalog,
  projectId: string,
): { values: EngineValue[][]; rowCount: number } {
  const rows = rowsOf(relation, catalog, projectId);
  const values = relation.columns.map(({ name }) => rows.map((row) => row[name.toLowerCase()] ?? null));
  return { values, rowCount: rows.length };
}

function rowsOf({ view, dataset }: InformationSchemaRelation, catalog: Catalog, project: string): Row[] {
  const datasets = catalog.datasets().filter((one) => dataset === undefined || one.dataset === dataset);
  if (view === 'SCHEMATA') return datasets.map((one) => schemaRow(one, project));
  const tables = datasets.flatMap((one) => catalog.tables(one.dataset));
  if (view === 'TABLES') return tables.map((one) => tableRow(one, project));
  return tables.flatMap((one) => one.columns.map((column, index) => columnRow(one, column, index, project)));
}

function schemaRow(one: DatasetEntry, project: string): Row {
  return {
    catalog_name: project,
    schema_name: one.dataset,
    schema_owner: null,
    creation_time: BigInt(one.createdMs) * 1000n,
    last_modified_time: BigInt(one.modifiedMs) * 1000n,
    location: one.location,
    ddl: schemaDdl(one, project),
  };
}

function tableRow(one: TableEntry, project: string): Row {
  return {
    table_catalog: project,
    table_schema: one.dataset,
    table_name: one.table,
    table_type: one.kind === 'VIEW' ? 'VIEW' : 'BASE TABLE',
    is_insertable_into: one.kind === 'VIEW' ? 'NO' : 'YES',
    is_typed: 'NO',
    creation_time: BigInt(one.createdMs) * 1000n,
    ddl: tableDdl(one, project),
  };
}

function columnRow(table: TableEntry, column: Column, index: number, project: string): Row {
  const clustered = table.clustering?.indexOf(column.name) ?? -1;
  return {
    table_catalog: project,
    table_schema: table.dataset,
    table_name: table.table,
    column_name: column.name,
    ordinal_position: BigInt(index + 1),
    is_nullable: column.mode === 'REQUIRED' ? 'NO' : 'YES',
    data_type: googleSqlType(column),
    is_generated: 'NEVER',
    is_hidden: 'NO',
    is_system_defined: 'NO',
    is_partitioning_column: table.partitioning?.field === column.name ? 'YES' : 'NO',
    clustering_ordinal_position: clustered === -1 ? null : BigInt(clustered + 1),
    column_default: column.defaultValueExpression ?? 'NULL',
    rounding_mode: null,
  };
}
