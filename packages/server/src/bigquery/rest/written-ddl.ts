import type { Column, Partitioning } from '../sql/plan.js';
import type { DatasetEntry, Labels, TableEntry } from './catalog-entries.js';

/** The statement that makes a dataset again, as `INFORMATION_SCHEMA.SCHEMATA.ddl` has it. */
export function schemaDdl(one: DatasetEntry, project: string): string {
  return `CREATE SCHEMA \`${project}.${one.dataset}\`${optionsClause([
    ['description', textOf(one.description)],
    ['friendly_name', textOf(one.friendlyName)],
    ['labels', labelsOf(one.labels)],
    ['default_table_expiration_days', daysOf(one.defaultTableExpirationMs)],
    ['default_partition_expiration_days', daysOf(one.defaultPartitionExpirationMs)],
    ['location', textOf(one.location)],
  ])};`;
}

/**
 * The statement that makes a table or a view again, without its rows, as `INFORMATION_SCHEMA.TABLES.ddl` has it. Null
 * where there is none, of tables without columns.
 */
export function tableDdl(one: TableEntry, project: string): string | null {
  const name = `\`${project}.${one.dataset}.${one.table}\``;
  const options = optionsClause([
    ['description', textOf(one.description)],
    ['friendly_name', textOf(one.friendlyName)],
    ['labels', labelsOf(one.labels)],
    ['expiration_timestamp', timeOf(one.expirationMs)],
    ['partition_expiration_days', daysOf(one.partitionExpirationMs)],
    ['require_partition_filter', one.requirePartitionFilter === true ? 'true' : undefined],
  ]);
  if (one.kind === 'VIEW') {
    const query = viewText(one);
    if (query === undefined) return null;
    const names = one.columns.map((column) => `${writtenName(column.name)}${descriptionClause(column)}`);
    const list = names.length === 0 ? '' : `(${names.join(', ')})`;
    return `CREATE VIEW ${name}${list}${options}\nAS ${query};`;
  }
  if (one.columns.length === 0) return null;
  const columns = one.columns.map((column) => `\n  ${columnText(column)}`).join(',');
  const { partitioning, clustering = [] } = one;
  const partitions =
    partitioning === undefined ? '' : `\nPARTITION BY ${partitionText(partitioning, one.columns)}`;
  const clusters = clustering.length === 0 ? '' : `\nCLUSTER BY ${clustering.map(writtenName).join(', ')}`;
  return `CREATE TABLE ${name}\n(${columns}\n)${partitions}${clusters}${options};`;
}

/** What a view says, also one of the server's own. */
export function viewText({ viewQuery, shownQuery }: TableEntry): string | undefined {
  return viewQuery ?? shownQuery;
}

function columnText(column: Column): string {
  const { type, mode, maxLength, defaultValueExpression } = column;
  const length = maxLength === undefined ? '' : `(${maxLength})`;
  const initial = defaultValueExpression === undefined ? '' : ` DEFAULT ${defaultValueExpression}`;
  const required = mode === 'REQUIRED' ? ' NOT NULL' : '';
  const written = length === '' ? googleSqlType(column) : `${type}${length}`;
  return `${writtenName(column.name)} ${written}${initial}${required}${descriptionClause(column)}`;
}

function descriptionClause({ description }: Column): string {
  return description === undefined ? '' : ` OPTIONS(description=${JSON.stringify(description)})`;
}

/** A column's type as GoogleSQL writes it. */
export function googleSqlType({ type, mode, fields = [] }: Column): string {
  const single =
    type === 'STRUCT'
      ? `STRUCT<${fields.map((one) => `${writtenName(one.name)} ${googleSqlType(one)}`).join(', ')}>`
      : type;
  return mode === 'REPEATED' ? `ARRAY<${single}>` : single;
}

function partitionText({ type, field, range }: Partitioning, columns: readonly Column[]): string {
  if (field === undefined)
    return type === 'DAY' ? '_PARTITIONDATE' : `TIMESTAMP_TRUNC(_PARTITIONTIME, ${type})`;
  const name = writtenName(field);
  if (range !== undefined)
    return `RANGE_BUCKET(${name}, GENERATE_ARRAY(${range.start}, ${range.end}, ${range.interval}))`;
  const kind = columns.find((column) => column.name === field)?.type;
  if (type === 'DAY') return kind === 'DATE' ? name : `DATE(${name})`;
  return `${kind}_TRUNC(${name}, ${type})`;
}

function optionsClause(options: readonly (readonly [string, string | undefined])[]): string {
  const given = options.filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `\nOPTIONS(\n${given.map(([name, value]) => `  ${name}=${value}`).join(',\n')}\n)`;
}

const textOf = (text: string | undefined) => (text === undefined ? undefined : JSON.stringify(text));
const daysOf = (ms: number | undefined) => (ms === undefined ? undefined : String(ms / 86_400_000));
const timeOf = (ms: number | undefined) =>
  ms === undefined || !Number.isFinite(ms) ? undefined : `TIMESTAMP "${new Date(ms).toISOString()}"`;

function labelsOf(labels: Labels | undefined): string | undefined {
  if (labels === undefined) return undefined;
  const pairs = Object.entries(labels).map(
    (pair) => `(${pair.map((one) => JSON.stringify(one)).join(', ')})`,
  );
  return `[${pairs.join(', ')}]`;
}

/** In back quotes where it is no plain name. */
function writtenName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && !RESERVED.has(name.toUpperCase()) ? name : `\`${name}\``;
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords */
const RESERVED = new Set(
  'ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE CURRENT DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN'.split(
    ' ',
  ),
);
