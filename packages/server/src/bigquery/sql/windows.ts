import { expression } from './compile.js';
import type { ColumnReference, Expression } from './expression.js';
import { identifierName } from './literals.js';
import { orderBySql } from './ordering.js';
import type { Scope } from './scope.js';
import { child, has, invalid, keyword, list, need, only, type SyntaxNode } from './syntax.js';
import { typeName } from './types.js';

interface Part {
  readonly sql: string;
  readonly references: readonly ColumnReference[];
}

export interface Window extends Part {
  readonly isOrdered: boolean;
  readonly isFramed: boolean;
}

/** What stands in OVER: the name of a window, or one that is spelled out and may begin with such a name. */
export function windowSql(node: SyntaxNode, scope: Scope): Window {
  const { partition, order, frame } = windowParts(node, scope, 0);
  const parts = [partition, order, frame].filter((part) => part !== undefined);
  return {
    sql: parts.map(({ sql }) => sql).join(' '),
    references: parts.flatMap(({ references }) => references),
    isOrdered: order !== undefined,
    isFramed: frame !== undefined,
  };
}

interface Parts {
  readonly partition: Part | undefined;
  readonly order: Part | undefined;
  readonly frame: Part | undefined;
}

function windowParts(node: SyntaxNode, scope: Scope, depth: number): Parts {
  if (node.node_type === 'Identifier') return named(node, scope, depth);
  only(node, 'name', 'partitionby', 'orderby', 'frame');
  const base = child(node, 'name');
  const inherited = base === undefined ? undefined : named(base, scope, depth);
  const [partition, order, frame] = [
    child(node, 'partitionby'),
    child(node, 'orderby'),
    child(node, 'frame'),
  ];
  return {
    partition: partition === undefined ? inherited?.partition : keys('PARTITION BY', partition, scope),
    order: order === undefined ? inherited?.order : keys('ORDER BY', order, scope),
    frame: frame === undefined ? inherited?.frame : { sql: frameSql(frame, scope), references: [] },
  };
}

function named(node: SyntaxNode, scope: Scope, depth: number): Parts {
  const name = identifierName(node);
  const found = scope.windows.get(name.toLowerCase());
  if (found === undefined || depth > 20) throw invalid(node, `Unrecognized window alias ${name}`);
  return windowParts(found, scope, depth + 1);
}

function keys(what: string, node: SyntaxNode, scope: Scope): Part {
  const ordered = what === 'ORDER BY';
  const found = list(node, 'exprs').map((item) => {
    const { order: _order, null_order: _nulls, ...children } = item.children;
    const key: Expression = expression(ordered ? { ...item, children } : item, scope);
    if (['ARRAY', 'STRUCT', 'JSON'].includes(key.type.kind)) {
      throw invalid(item, `${what} by expression of type ${typeName(key.type)} is not allowed`);
    }
    return { sql: ordered ? orderBySql(key.sql, item) : key.sql, references: key.references };
  });
  return {
    sql: `${what} ${found.map(({ sql }) => sql).join(', ')}`,
    references: found.flatMap(({ references }) => references),
  };
}

function frameSql(node: SyntaxNode, scope: Scope): string {
  only(node, 'between', 'start', 'and', 'end');
  const unit = keyword(node);
  const start = boundSql(list(node, 'start'), scope);
  return has(node, 'between')
    ? `${unit} BETWEEN ${start} AND ${boundSql(list(node, 'end'), scope)}`
    : `${unit} ${start}`;
}

/** `UNBOUNDED PRECEDING`, `CURRENT ROW`, `5 FOLLOWING`. */
function boundSql(nodes: readonly SyntaxNode[], scope: Scope): string {
  const [first, second] = nodes;
  if (first === undefined) throw new Error('A window frame has bounds.');
  const words = nodes.map(keyword).join(' ');
  if (['UNBOUNDED PRECEDING', 'UNBOUNDED FOLLOWING', 'CURRENT ROW'].includes(words)) return words;
  const amount = expression(first, scope);
  const value = amount.literal?.value;
  if (typeof value !== 'bigint' && typeof value !== 'number')
    throw invalid(first, 'Window framing expression must be a literal or parameter');
  if (Number(value) < 0)
    throw invalid(first, 'Window framing expression cannot evaluate to a negative value');
  const direction = second === undefined ? '' : keyword(second);
  if (direction !== 'PRECEDING' && direction !== 'FOLLOWING')
    throw invalid(second ?? first, 'Syntax error: Expected keyword PRECEDING or FOLLOWING');
  return `${amount.sql} ${direction}`;
}

export function registerWindows(node: SyntaxNode | undefined, scope: Scope): void {
  if (node === undefined) return;
  for (const one of list(node, 'window_exprs')) {
    const name = identifierName(one).toLowerCase();
    if (scope.windows.has(name)) throw invalid(one, `Duplicate window alias ${identifierName(one)}`);
    scope.windows.set(name, need(one, 'window'));
  }
}
