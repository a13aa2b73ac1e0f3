import { SqlError, type TableName } from './plan.js';
import type { Scope } from './scope.js';
import { has, invalid, need, positionOf, type SyntaxNode } from './syntax.js';
import { described, fullName, notFound } from './table-names.js';

export function alreadyExists(kind: string, name: TableName, node: SyntaxNode): SqlError {
  return new SqlError(
    'duplicate',
    `Already Exists: ${kind} ${described(name)}`,
    positionOf(need(node, 'ident')),
  );
}

export interface Creation {
  readonly target: TableName;
  readonly skipped: boolean;
  readonly replaces: boolean;
}

/** What CREATE TABLE and CREATE VIEW have in common. */
export function creation(node: SyntaxNode, scope: Scope, kind: 'table' | 'view'): Creation {
  const ident = need(node, 'ident');
  const { options } = scope.translation;
  const target = fullName(ident, options);
  if (!options.catalog.dataset(target.dataset))
    throw notFound('Dataset', { ...target, table: '' }, options, ident);
  if (!/^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]{1,1024}$/u.test(target.table))
    throw invalid(ident, `Invalid table ID ${JSON.stringify(target.table)}.`);
  const found = options.catalog.table(target.dataset, target.table);
  const [orReplace, ifNotExists] = [has(node, 'or_replace'), has(node, 'if_not_exists')];
  if (orReplace && ifNotExists) throw invalid(node, 'CREATE cannot have both OR REPLACE and IF NOT EXISTS');
  if (found !== undefined && !orReplace && !ifNotExists) throw alreadyExists('Table', target, node);
  if (found !== undefined && orReplace && found.kind !== kind) {
    throw invalid(
      ident,
      `${described(target)} is not allowed for this operation because it is currently a ${found.kind.toUpperCase()}.`,
    );
  }
  return { target, skipped: found !== undefined && ifNotExists, replaces: found !== undefined && orReplace };
}
