import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { tableSql } from './ddl-plans.js';
import type { FromItem } from './from-items.js';
import { identifierName } from './literals.js';
import type { Column, TableName } from './plan.js';
import { relationItem } from './relations.js';
import type { Scope } from './scope.js';
import { child, invalid, keyword, need, notSupported, type SyntaxNode } from './syntax.js';
import { described, fullName, nameParts, notFound, withoutColumns } from './table-names.js';
import { columnType, fieldOf, quoteName, type SqlType, typeName } from './types.js';
import { readSql, writtenSql } from './written-arrays.js';

interface TargetColumn {
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

  constructor(name: TableName, columns: readonly Column[]) {
    this.name = name;
    this.columns = columns.map((column) => ({ name: column.name, type: columnType(column) }));
    this.required = columns
      .filter((column) => column.mode === 'REQUIRED' && column.defaultValueExpression === undefined)
      .map((column) => column.name);
  }

  column(node: SyntaxNode): TargetColumn {
    if (node.node_type !== 'Identifier') throw notSupported('Changing a field of a STRUCT', node);
    const name = identifierName(node);
    const found = fieldOf(this.columns, name);
    if (found === undefined)
      throw invalid(node, `Column ${name} is not present in table ${described(this.name)}`);
    return found;
  }

  alias(): string {
    return this.#alias;
  }

  named(alias: string): void {
    this.#alias = alias;
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
  target.named(sqlAlias);
  const all = columns.map((column) => ({
    ...column,
    sql: readSql(`${sqlAlias}.${quoteName(column.name)}`, column.type),
  }));
  return { ...item, sources: [{ name, columns: all }], columns: all };
}

/** `SET a = 1, b = DEFAULT`. */
export function assignments(nodes: readonly SyntaxNode[], target: Target, scope: Scope): string {
  const seen = new Set<string>();
  return nodes
    .map((node) => {
      if (node.node_type !== 'BinaryOperator' || keyword(node) !== '=')
        throw invalid(node, 'Syntax error: Expected column = value');
      const column = target.column(lastName(need(node, 'left'), target));
      if (seen.has(column.name)) throw invalid(node, `Update item ${column.name} assigned more than once`);
      seen.add(column.name);
      const right = need(node, 'right');
      if (keyword(right) === 'DEFAULT') return `${quoteName(column.name)} = DEFAULT`;
      const value = scope.plain('UPDATE SET', () => expression(right, scope));
      if (cost(value, column.type) === undefined) {
        throw invalid(
          right,
          `Value of type ${typeName(value.type)} cannot be assigned to ${column.name}, which has type ${typeName(column.type)}`,
        );
      }
      const { sql } = coerced(value, column.type, right);
      return `${quoteName(column.name)} = ${writtenSql(sql, column.name, column.type)}`;
    })
    .join(', ');
}

/** `t.a` is the column a where t is not itself a column. */
function lastName(node: SyntaxNode, target: Target): SyntaxNode {
  if (node.node_type !== 'DotOperator') return node;
  const left = need(node, 'left');
  const isColumn =
    left.node_type === 'Identifier' && fieldOf(target.columns, identifierName(left)) !== undefined;
  return isColumn ? node : need(node, 'right');
}
