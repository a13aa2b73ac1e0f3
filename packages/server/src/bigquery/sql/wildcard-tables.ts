import type { FromItem } from './from-items.js';
import type { CatalogTable, TableName } from './plan.js';
import type { Scope, SourceColumn } from './scope.js';
import { child, invalid, type SyntaxNode, textOf } from './syntax.js';
import { described } from './table-names.js';
import { columnType, duckDbType, quoteName, quoteText, STRING, sameType, typeName } from './types.js';
import { readSql } from './written-arrays.js';

/** BigQuery's limit of tables in one query. */
const TABLES_MAX = 1_000;
const SUFFIX = '_TABLE_SUFFIX';

type Matched = CatalogTable & { readonly name: string };

/**
 * `prefix_*`: the tables of a dataset whose names begin so, as one table with the columns of the youngest. What follows
 * the prefix is `_TABLE_SUFFIX`, which `*` leaves out.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/wildcard-table-reference
 */
export function wildcardTable(pattern: TableName, name: string, node: SyntaxNode, scope: Scope): FromItem {
  const { catalog } = scope.translation.options;
  if (!lastPart(node).startsWith('`'))
    throw invalid(node, 'Syntax error: Unexpected "*"; a table name with a wildcard stands in back quotes');
  const prefix = pattern.table.slice(0, -1);
  const matched = catalog.tables(pattern.dataset).flatMap((table): Matched[] => {
    const found = table.startsWith(prefix) ? catalog.table(pattern.dataset, table) : undefined;
    return found === undefined ? [] : [{ ...found, name: table }];
  });
  const views = matched.filter(({ kind, readAs }) => kind === 'view' || readAs !== undefined);
  if (views.length > 0) {
    const names = views.map((one) => described({ ...pattern, table: one.name })).join(', ');
    throw invalid(node, `Views cannot be queried through prefix. Matched views are: ${names}`);
  }
  const filled = matched.filter(({ columns }) => columns.length > 0);
  const youngest = filled.at(-1);
  if (youngest === undefined) throw invalid(node, `${described(pattern)} does not match any table.`);
  if (filled.length > TABLES_MAX)
    throw invalid(
      node,
      `${described(pattern)} matches ${filled.length} tables; a query may read ${TABLES_MAX} at most`,
    );
  const queries = filled.map((one) => {
    const table = { ...pattern, table: one.name };
    scope.translation.tables.set(described(table), table);
    const suffix = `${quoteText(one.name.slice(prefix.length))} AS "${SUFFIX}"`;
    const from = `${quoteName(pattern.dataset)}.${quoteName(one.name)}`;
    return `SELECT ${[...columnsAs(youngest, one, node), suffix].join(', ')} FROM ${from}`;
  });
  const alias = scope.nextAlias();
  const columns: SourceColumn[] = youngest.columns.map((column) => ({
    name: column.name,
    type: columnType(column),
    sql: `${alias}.${quoteName(column.name)}`,
  }));
  columns.push({ name: SUFFIX, type: STRING, sql: `${alias}."${SUFFIX}"`, hidden: true });
  const sql = `(${queries.join(' UNION ALL ')}) AS ${alias}`;
  return { sql, sources: [{ name, columns }], columns, references: [] };
}

/** The last part of a name as it is written. */
function lastPart(node: SyntaxNode): string {
  const right = child(node, 'right');
  return right === undefined ? textOf(node) : lastPart(right);
}

/** The youngest table's columns as another one has them; those that it lacks are NULL. */
function columnsAs(youngest: Matched, table: Matched, node: SyntaxNode): string[] {
  return youngest.columns.map((column) => {
    const type = columnType(column);
    const own = table.columns.find(({ name }) => name.toLowerCase() === column.name.toLowerCase());
    if (own !== undefined && !sameType(columnType(own), type))
      throw invalid(
        node,
        `Cannot read field '${column.name}' of type ${typeName(columnType(own))} as ${typeName(type)}`,
      );
    const sql = own === undefined ? `CAST(NULL AS ${duckDbType(type)})` : quoteName(own.name);
    return `${readSql(sql, type)} AS ${quoteName(column.name)}`;
  });
}
