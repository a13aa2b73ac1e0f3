import type { SyntaxNode } from './syntax.js';

type Children = Record<string, { Node?: SyntaxNode; NodeVec?: SyntaxNode[] }>;
type Mutable = { -readonly [Key in keyof SyntaxNode]: SyntaxNode[Key] };

/** What makes a path; all else stands behind it, such as an alias. */
const PARTS = new Set(['left', 'right', 'rparen']);

/** The parser reads `-t.a` as the field a of `-t`: here it becomes the negative of `t.a`, in the tree itself. */
export function signPaths(node: SyntaxNode): void {
  const sign = isPath(node) ? signBefore(node) : undefined;
  if (sign !== undefined) turn(node, sign);
  for (const { Node, NodeVec } of Object.values(node.children))
    for (const inner of Node === undefined ? (NodeVec ?? []) : [Node]) signPaths(inner);
}

function isPath({ node_type: type }: SyntaxNode): boolean {
  return type === 'DotOperator' || type === 'AccessOperator';
}

function isSign({ node_type: type, token }: SyntaxNode): boolean {
  return type === 'UnaryOperator' && /^[-+~]$/.test(token?.literal ?? '');
}

interface Sign {
  /** The part of the path that begins with the sign. */
  readonly begin: SyntaxNode;
  readonly outermost: SyntaxNode;
  readonly innermost: SyntaxNode;
}

function signBefore(path: SyntaxNode): Sign | undefined {
  let begin = path;
  let left = begin.children.left?.Node;
  while (left !== undefined && isPath(left)) {
    begin = left;
    left = begin.children.left?.Node;
  }
  if (left === undefined || !isSign(left)) return undefined;
  let innermost = left;
  for (let next = left.children.right?.Node; next !== undefined && isSign(next); ) {
    innermost = next;
    next = next.children.right?.Node;
  }
  return { begin, outermost: left, innermost };
}

/** The path's node becomes the sign's, so that whoever holds it need not know. */
function turn(path: Mutable, { begin, outermost, innermost }: Sign): void {
  (begin.children as Children).left = innermost.children.right!;
  const entries = Object.entries(path.children);
  const unsigned = { ...path, children: Object.fromEntries(entries.filter(([name]) => PARTS.has(name))) };
  (innermost.children as Children).right = { Node: unsigned };
  path.token = outermost.token;
  path.node_type = outermost.node_type;
  path.children = {
    ...outermost.children,
    ...Object.fromEntries(entries.filter(([name]) => !PARTS.has(name))),
  };
}
