import type { QueryPlan } from './plan.js';
import { invalid, type SyntaxNode } from './syntax.js';

/** DuckDB's statements that make a table, with the rows of `source` where there is one. */
export function creationSql(
  name: string,
  columns: readonly string[],
  source: QueryPlan | undefined,
  node: SyntaxNode,
  replaces: boolean,
): string[] {
  const create = `CREATE ${name.startsWith('temp.') ? 'TEMP ' : ''}TABLE`;
  if (source === undefined)
    return [
      ...(replaces ? [`DROP TABLE IF EXISTS ${name}`] : []),
      `${create} ${name} (${columns.join(', ')})`,
    ];
  if (source.columns.length !== columns.length) {
    throw invalid(
      node,
      `The number of columns in the column definition list does not match the number of columns produced by the query; ${columns.length} and ${source.columns.length}`,
    );
  }
  // What it replaces may be what it reads: under another name until it is whole.
  if (!replaces) return [`${create} ${name} (${columns.join(', ')})`, `INSERT INTO ${name} ${source.sql}`];
  const fresh = `${name.slice(0, -1)}$new"`;
  return [
    `DROP TABLE IF EXISTS ${fresh}`,
    `${create} ${fresh} (${columns.join(', ')})`,
    `INSERT INTO ${fresh} ${source.sql}`,
    `DROP TABLE IF EXISTS ${name}`,
    `ALTER TABLE ${fresh} RENAME TO ${name.slice(name.indexOf('."') + 1)}`,
  ];
}
