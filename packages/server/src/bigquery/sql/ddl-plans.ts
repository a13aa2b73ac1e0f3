import { optionsList } from './options-list.js';
import type { DdlOperation, DdlPlan, QueryPlan, TableName } from './plan.js';
import type { Scope } from './scope.js';
import type { SyntaxNode } from './syntax.js';
import { quoteName } from './types.js';

type Parts = Partial<Pick<DdlPlan, 'sql' | 'temporary' | 'skipped' | 'replaces' | 'cascade' | 'definition'>>;

export function ddlPlan(
  operation: DdlOperation,
  target: TableName,
  scope: Scope,
  parts: Parts,
  source?: QueryPlan,
): DdlPlan {
  return {
    kind: 'ddl',
    operation,
    target,
    sql: [],
    temporary: false,
    skipped: false,
    replaces: false,
    definition: {},
    ...parts,
    relations: source?.relations ?? scope.translation.relations,
    tables: source?.tables ?? [...scope.translation.tables.values()],
  };
}

export function optionsRecord(
  node: SyntaxNode | undefined,
  scope: Scope,
): { options?: Record<string, unknown> } {
  const given = optionsList(node, scope);
  if (given.length === 0) return {};
  return { options: Object.fromEntries(given.map(({ name, value }) => [name.toLowerCase(), value])) };
}

export function tableSql({ dataset, table }: TableName): string {
  return dataset === '' ? `temp.${quoteName(table)}` : `${quoteName(dataset)}.${quoteName(table)}`;
}
