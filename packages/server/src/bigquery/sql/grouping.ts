import { expression } from './compile.js';
import type { ColumnReference } from './expression.js';
import { identifierName } from './literals.js';
import { SqlError } from './plan.js';
import type { Scope } from './scope.js';
import { rehearse, selectItems } from './select-list.js';
import {
  child,
  invalid,
  keyword,
  keywords,
  list,
  need,
  notSupported,
  only,
  type SyntaxNode,
} from './syntax.js';
import { typeName } from './types.js';

export interface Grouping {
  readonly sql: string;
  readonly keys: ReadonlySet<string>;
}

/** GROUP BY: expressions, names and places of the SELECT list. */
export function groupBy(
  node: SyntaxNode | undefined,
  selected: readonly SyntaxNode[],
  scope: Scope,
): Grouping | undefined {
  if (node === undefined) return undefined;
  only(node, 'by', 'how', 'exprs');
  const how = keywords(list(node, 'how'));
  if (how === 'ALL') return all(selected, scope);
  const keys = new Set<string>();
  const key = (one: SyntaxNode) => {
    const sql = keySql(one, selected, scope);
    keys.add(sql);
    return sql;
  };
  const nodes = list(node, 'exprs').flatMap((one) => (how === '' ? [one] : members(one)));
  const parts = nodes.map((one) => (how === '' ? key(one) : groupingSet(one, how, key)));
  if (how !== '' && !['ROLLUP', 'CUBE', 'GROUPING SETS'].includes(how))
    throw notSupported(`GROUP BY ${how}`, node);
  return { sql: ` GROUP BY ${how === '' ? parts.join(', ') : `${how} (${parts.join(', ')})`}`, keys };
}

/** Within ROLLUP and CUBE a key or some in brackets; within GROUPING SETS none at all, ROLLUP and CUBE too. */
function groupingSet(node: SyntaxNode, how: string, key: (node: SyntaxNode) => string): string {
  if (node.node_type === 'EmptyStruct' && how === 'GROUPING SETS') return '()';
  const name = node.node_type === 'CallingFunction' ? keyword(need(node, 'func')) : '';
  if (how === 'GROUPING SETS' && (name === 'ROLLUP' || name === 'CUBE'))
    return `${name} (${list(node, 'args')
      .map((one) => groupingSet(one, name, key))
      .join(', ')})`;
  if (node.node_type === 'StructLiteral' && child(node, 'type') === undefined)
    return `(${list(node, 'exprs').map(key).join(', ')})`;
  return node.node_type === 'GroupedExpr' ? key(need(node, 'expr')) : key(node);
}

/** What stands in the brackets of ROLLUP and CUBE. */
function members(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.node_type === 'GroupedExpr') return [need(node, 'expr')];
  if (node.node_type === 'StructLiteral' || node.node_type === 'GroupedExprs') return list(node, 'exprs');
  return [node];
}

function keySql(node: SyntaxNode, selected: readonly SyntaxNode[], scope: Scope): string {
  const item = selectedItem(node, selected);
  const value =
    item === undefined
      ? scope.plain('GROUP BY clause', () => expression(node, scope))
      : rehearse(scope, () => scope.plain('GROUP BY clause', () => selectItems([item], scope, node)))[0]!
          .value;
  if (['ARRAY', 'JSON'].includes(value.type.kind)) {
    throw invalid(node, `Grouping by expressions of type ${typeName(value.type)} is not allowed`);
  }
  return value.sql;
}

/** A number is a place in the SELECT list; a name that stands there goes before columns. */
function selectedItem(node: SyntaxNode, selected: readonly SyntaxNode[]): SyntaxNode | undefined {
  const text = node.token?.literal ?? '';
  if (node.node_type === 'NumericLiteral' && /^\d+$/.test(text)) {
    const found = selected[Number(text) - 1];
    if (found === undefined) {
      throw invalid(
        node,
        `GROUP BY column number item is out of range. Column numbers must be between 1 and ${selected.length}, inclusive; found ${text}`,
      );
    }
    return found;
  }
  if (node.node_type !== 'Identifier') return undefined;
  const wanted = identifierName(node).toLowerCase();
  return selected.find((item) => {
    const alias = child(item, 'alias');
    return alias !== undefined && identifierName(alias).toLowerCase() === wanted;
  });
}

function all(selected: readonly SyntaxNode[], scope: Scope): Grouping {
  const keys = rehearse(scope, () =>
    selected.flatMap((item) => {
      scope.sawAggregate = false;
      const found = scope.full(() => selectItems([item], scope, item));
      return scope.sawAggregate ? [] : found.map(({ value }) => value.sql);
    }),
  );
  return { sql: keys.length === 0 ? '' : ` GROUP BY ${keys.join(', ')}`, keys: new Set(keys) };
}

/** Columns of this level that are neither grouped nor aggregated. */
export function checkGrouped(
  found: { readonly references: readonly ColumnReference[] },
  scope: Scope,
  where: string,
): void {
  const loose = found.references.find(({ level }) => level === scope);
  if (loose === undefined) return;
  throw new SqlError(
    'invalidQuery',
    `${where} expression references column ${loose.name} which is neither grouped nor aggregated`,
    loose.position,
  );
}
