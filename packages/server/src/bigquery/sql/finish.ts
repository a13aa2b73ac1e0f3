import { fieldSql } from './coercion.js';
import type { Query } from './expression.js';
import type { Column, QueryPlan } from './plan.js';
import type { Translation } from './scope.js';
import { sqlNames } from './select-list.js';
import { invalid, type SyntaxNode } from './syntax.js';
import { quoteName, toColumn } from './types.js';
import { writtenSql } from './written-arrays.js';

/** A query as a plan: columns without a name get BigQuery's, and no name may be there twice. */
export function queryPlan(found: Query, translation: Translation, node: SyntaxNode): QueryPlan {
  const columns = resultColumns(found, node);
  const sql = needsNames(found, columns) ? renamed(found, columns) : found.sql;
  return {
    kind: 'query',
    sql,
    columns,
    relations: translation.relations,
    tables: [...translation.tables.values()],
  };
}

function resultColumns(found: Query, node: SyntaxNode): Column[] {
  const [first] = found.columns;
  if (found.isValue && found.columns.length === 1 && first?.type.kind === 'STRUCT') {
    return checked(
      first.type.fields.map((field) => toColumn(field.name, field.type)),
      node,
    );
  }
  return checked(
    found.columns.map(({ name, type }) => toColumn(name, type)),
    node,
  );
}

function checked(columns: readonly Column[], node: SyntaxNode): Column[] {
  let unnamed = 0;
  const named = columns.map((column) =>
    column.name === '' ? { ...column, name: `f${unnamed++}_` } : column,
  );
  const names = named.map(({ name }) => name.toLowerCase());
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice >= 0) {
    throw invalid(
      node,
      `Duplicate column names in the result are not supported. Found duplicate(s): ${named[twice]!.name}`,
    );
  }
  return named;
}

function needsNames(found: Query, columns: readonly Column[]): boolean {
  return (
    found.isValue ||
    columns.some(({ name }, i) => {
      const { sqlName, type } = found.columns[i]!;
      return quoteName(name) !== sqlName || writtenSql(sqlName, name, type) !== sqlName;
    })
  );
}

function renamed(found: Query, columns: readonly Column[]): string {
  const names = sqlNames(columns.map(({ name }) => name)).map(quoteName);
  const [first] = found.columns;
  if (found.isValue && first?.type.kind === 'STRUCT') {
    const { fields } = first.type;
    const values = fields.map(
      ({ type }, i) =>
        `${writtenSql(fieldSql(`q.${first.sqlName}`, first.type, i), columns[i]!.name, type)} AS ${names[i]}`,
    );
    return `SELECT ${values.join(', ')} FROM (${found.sql}) AS q`;
  }
  const values = found.columns.map(
    ({ sqlName, type }, i) => `${writtenSql(`q.${sqlName}`, columns[i]!.name, type)} AS ${names[i]}`,
  );
  return `SELECT ${values.join(', ')} FROM (${found.sql}) AS q`;
}
