import { query } from './compile.js';
import { derived, type FromItem } from './from-items.js';
import { informationSchema } from './information-schema.js';
import { identifierName } from './literals.js';
import { parseStatements } from './parser.js';
import type { CatalogTable, TableName } from './plan.js';
import { relationItem } from './relations.js';
import {
  type CostlyColumns,
  EXPRESSIONS_PER_CHARACTER,
  Scope,
  type SessionNames,
  type SourceColumn,
  type Translation,
} from './scope.js';
import { child, invalid, only, type SyntaxNode } from './syntax.js';
import { described, fullName, nameParts, notFound, withoutColumns } from './table-names.js';
import { quoteName } from './types.js';
import { wildcardTable } from './wildcard-tables.js';

/** Views of views of views. */
const VIEW_DEPTH_MAX = 16;

/** A table, view or common table by its name. */
export function tableSource(node: SyntaxNode, scope: Scope): FromItem {
  only(node, 'left', 'right', 'as', 'alias', 'trailing_idents');
  const parts = nameParts(node);
  const alias = child(node, 'alias');
  const name = alias === undefined ? parts.at(-1)! : identifierName(alias);
  if (parts.length === 1) {
    const local = localTable(parts[0]!, name, scope);
    if (local !== undefined) return local;
  }
  if (parts.at(-2)?.toUpperCase() === 'INFORMATION_SCHEMA')
    return informationSchema(parts, name, node, scope);
  return catalogTable(fullName(node, scope.translation.options), name, node, scope);
}

function localTable(wanted: string, name: string, scope: Scope): FromItem | undefined {
  const common = scope.commonTable(wanted);
  if (common !== undefined) {
    const alias = scope.nextAlias();
    const columns = common.columns.map((column) => ({ ...column, sql: `${alias}.${column.sql}` }));
    return { sql: `${common.sqlName} AS ${alias}`, sources: [{ name, columns }], columns, references: [] };
  }
  const temporary = scope.translation.session.temporaryTables.get(wanted);
  return temporary === undefined
    ? undefined
    : relationItem(`temp.${quoteName(wanted)}`, temporary, name, scope);
}

function catalogTable(table: TableName, name: string, node: SyntaxNode, scope: Scope): FromItem {
  const { options, tables } = scope.translation;
  if (!options.catalog.dataset(table.dataset))
    throw notFound('Dataset', { ...table, table: '' }, options, node);
  if (table.table.endsWith('*')) return wildcardTable(table, name, node, scope);
  const found = options.catalog.table(table.dataset, table.table);
  if (found === undefined) throw notFound('Table', table, options, node);
  tables.set(described(table), table);
  if (found.viewQuery !== undefined) return view(found, table, name, node, scope);
  if (found.columns.length === 0) throw withoutColumns(table, node);
  if (found.readWithout !== undefined) return withCostlyColumns(found, found.readWithout, name, scope);
  const sql =
    found.readAs === undefined
      ? `${quoteName(table.dataset)}.${quoteName(table.table)}`
      : `(${found.readAs})`;
  return relationItem(sql, found.columns, name, scope);
}

/** Notes whether any of them is read, unless that is known already. */
function withCostlyColumns(
  found: CatalogTable,
  without: NonNullable<CatalogTable['readWithout']>,
  name: string,
  scope: Scope,
): FromItem {
  const { costly } = scope.translation;
  costly.inReach = true;
  if (costly.leftOut) return relationItem(`(${without.readAs})`, found.columns, name, scope);
  const item = relationItem(`(${found.readAs})`, found.columns, name, scope);
  const columns = item.columns.map((column) =>
    without.columns.includes(column.name) ? noted(column, costly) : column,
  );
  return { ...item, columns, sources: [{ name, columns }] };
}

function noted({ name, type, sql }: SourceColumn, costly: CostlyColumns): SourceColumn {
  return {
    name,
    type,
    get sql() {
      costly.read = true;
      return sql;
    },
  };
}

/** Compiled where it is read, without anything of the statement that reads it. */
function view(found: CatalogTable, table: TableName, name: string, node: SyntaxNode, scope: Scope): FromItem {
  const { translation } = scope;
  if (translation.viewDepth >= VIEW_DEPTH_MAX)
    throw invalid(node, `Views are nested deeper than ${VIEW_DEPTH_MAX}`);
  const statement = parsedView(found.viewQuery!, translation);
  if (statement === undefined) throw invalid(node, `The view ${described(table)} has no query`);
  const session: SessionNames = {
    variables: new Map(),
    temporaryTables: new Map(),
    functions: new Map(),
    error: undefined,
  };
  const { defaultDataset: _none, parameters: _no, ...options } = translation.options;
  const level = new Scope({ ...translation, options, session, viewDepth: translation.viewDepth + 1 });
  const inner = query(statement, level);
  const columns = inner.columns.map((column, i) => ({
    ...column,
    name: found.columns[i]?.name ?? column.name,
  }));
  return derived({ ...inner, columns }, name, scope);
}

/** Once in a statement, however often it is read. */
function parsedView(text: string, { views, budget }: Translation): SyntaxNode | undefined {
  const known = views.get(text);
  if (known !== undefined) return known;
  const [statement] = parseStatements(text);
  if (statement !== undefined) views.set(text, statement);
  budget.left += EXPRESSIONS_PER_CHARACTER * text.length;
  return statement;
}
