import { parseStatements } from './parser.js';
import { SqlError } from './plan.js';
import { child, has, invalid, keyword, list, need, notSupported, type SyntaxNode } from './syntax.js';

/** Out of the innermost loop (BREAK, LEAVE), on to its next turn (CONTINUE, ITERATE), or out of the script. */
export type Jump = 'leave' | 'iterate' | 'return';
const JUMPS: Readonly<Record<string, Jump>> = {
  BREAK: 'leave',
  LEAVE: 'leave',
  CONTINUE: 'iterate',
  ITERATE: 'iterate',
};

/** The statements of a text: one at least. */
export function scriptStatements(text: string): readonly SyntaxNode[] {
  const statements = parseStatements(text);
  if (statements.length === 0)
    throw new SqlError('invalidQuery', 'Syntax error: Unexpected end of statement');
  return statements;
}

export function bodyOf(loop: SyntaxNode): readonly SyntaxNode[] {
  return list(child(loop, 'do') ?? loop, 'stmts');
}

/** What IF or CASE may come to. */
export function branchesOf(node: SyntaxNode): (readonly SyntaxNode[])[] {
  if (node.node_type === 'CaseStatement') return list(node, 'arms').map((arm) => list(arm, 'stmts'));
  const others = list(node, 'elseifs').map((one) => child(one, 'then'));
  return [child(node, 'then'), ...others, child(node, 'else')].flatMap((branch) =>
    branch === undefined ? [] : [list(branch, 'stmts')],
  );
}

/** The statements of EXCEPTION WHEN ERROR THEN. */
export function handlerOf(block: SyntaxNode): readonly SyntaxNode[] | undefined {
  return has(block, 'exception_when_error') ? list(need(block, 'then'), 'stmts') : undefined;
}

export function jumpOf(node: SyntaxNode, loops: number): Jump {
  if (has(node, 'label')) throw notSupported(`${keyword(node)} with a label`, node);
  if (loops === 0) throw invalid(node, `${keyword(node)} is only allowed inside of a loop body`);
  return JUMPS[keyword(node)]!;
}

/** RETURN: nothing that stands behind it is run. */
export function isReturn(node: SyntaxNode): boolean {
  return node.node_type === 'SingleTokenStatement' && keyword(node) === 'RETURN';
}

/** Of `CASE x WHEN y` it is `x = y`; undefined of ELSE. */
export function conditionOf(statement: SyntaxNode, arm: SyntaxNode): SyntaxNode | undefined {
  const value = child(arm, 'expr');
  const compared = child(statement, 'expr');
  if (value === undefined || compared === undefined) return value;
  const token = value.token === null ? null : { ...value.token, literal: '=' };
  return {
    token,
    node_type: 'BinaryOperator',
    children: { left: { Node: compared }, right: { Node: value } },
  };
}
