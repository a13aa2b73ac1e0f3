import { tableSql } from './ddl-plans.js';
import type { FromItem } from './from-items.js';
import { identifierName } from './literals.js';
import type { Column, TableName } from './plan.js';
import { relationItem } from './relations.js';
import type { Scope } from './scope.js';
import { child, invalid, notSupported, type SyntaxNode } from './syntax.js';
import { described, fullName, nameParts, notFound, withoutColumns } from './table-names.js';
import { columnType, fieldOf, quoteName, type SqlType } from './types.js';
import { readSql } from './written-arrays.js';

export interface TargetColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** The table that INSERT, UPDATE, DELETE and MERGE change. */
export class Target {
  readonly name: TableName;
  readonly columns: readonly TargetColumn[];
  /** Names of columns that must be given. */
  readonly required: readonly string[];
  #alias = '';
  #shown = '';

  constructor(name: TableName, columns: readonly Column[]) {
    this.name = name;
    this.columns = columns.map((column) => ({ name: column.name, type: columnType(column) }));
    this.required = columns
      .filter((column) => column.mode === 'REQUIRED' && column.defaultValueExpression === undefined)
      .map((column) => column.name);
  }

  column(node: SyntaxNode): TargetColumn {
    if (node.node_type !== 'Identifier') throw notSupported('A column of this kind', node);
    const name = identifierName(node);
    const found = fieldOf(this.columns, name);
    if (found === undefined)
      throw invalid(node, `Column ${name} is not present in table ${described(this.name)}`);
    return found;
  }

  alias(): string {
    return this.#alias;
  }

  /** Its name for the user. */
  shownAs(): string {
    return this.#shown;
  }

  named(alias: string, shown: string): void {
    this.#alias = alias;
    this.#shown = shown;
  }
}

export function targetTable(node: SyntaxNode, scope: Scope): Target {
  const { options, session, tables } = scope.translation;
  const parts = nameParts(node);
  const temporary = parts.length === 1 ? session.temporaryTables.get(parts[0]!) : undefined;
  if (temporary !== undefined)
    return new Target({ projectId: options.projectId, dataset: '', table: parts[0]! }, temporary);
  const name = fullName(node, options);
  const found = options.catalog.table(name.dataset, name.table);
  if (found === undefined) {
    throw options.catalog.dataset(name.dataset)
      ? notFound('Table', name, options, node)
      : notFound('Dataset', { ...name, table: '' }, options, node);
  }
  if (found.kind === 'view') {
    // The server's own views show samples in another form.
    const hint = found.viewQuery === undefined ? ` Insert samples into ${name.dataset}.samples instead.` : '';
    throw invalid(
      node,
      `${described(name)} is not allowed for this operation because it is currently a VIEW.${hint}`,
    );
  }
  if (found.columns.length === 0) throw withoutColumns(name, node);
  tables.set(described(name), name);
  return new Target(name, found.columns);
}

/** The same table as it stands in the statement, under its alias. */
export function targetItem(target: Target, node: SyntaxNode, scope: Scope): FromItem {
  const alias = child(node, 'alias');
  const name = alias === undefined ? target.name.table : identifierName(alias);
  const columns = target.columns.map(({ name: column, type }) => ({ name: column, type }));
  const item = relationItem(tableSql(target.name), [], name, scope);
  const sqlAlias = item.sql.slice(item.sql.lastIndexOf(' ') + 1);
  target.named(sqlAlias, name);
  const all = columns.map((column) => ({
    ...column,
    sql: readSql(`${sqlAlias}.${quoteName(column.name)}`, column.type),
  }));
  return { ...item, sources: [{ name, columns: all }], columns: all };
}
