import { identifierName } from './literals.js';
import { type Column, type Plan, SqlError } from './plan.js';
import { Scope, type SessionNames, type UserFunction, type Variable } from './scope.js';
import {
  child,
  has,
  keyword,
  list,
  need,
  notSupported,
  only,
  positionOf,
  type SyntaxNode,
} from './syntax.js';
import { type Context, newTranslation } from './translate.js';
import { typeOf } from './type-syntax.js';
import { declaredVariables, variableNamed } from './variables.js';

/** What a script has made so far. */
export class Session implements SessionNames {
  readonly variables = new Map<string, Variable>();
  readonly temporaryTables: Map<string, readonly Column[]>;
  readonly functions: Map<string, UserFunction>;
  /** What the handler around the statement is there for. */
  error: string | undefined;

  constructor(
    temporaryTables = new Map<string, readonly Column[]>(),
    functions = new Map<string, UserFunction>(),
  ) {
    this.temporaryTables = temporaryTables;
    this.functions = functions;
  }

  /** The same for the statement of EXECUTE IMMEDIATE, which sees no variables. */
  withoutVariables(): Session {
    const session = new Session(this.temporaryTables, this.functions);
    session.error = this.error;
    return session;
  }

  /** Gives what forgets the variables that are declared from now on. */
  enterBlock(): () => void {
    const known = new Set(this.variables.keys());
    return () => {
      for (const name of this.variables.keys()) if (!known.has(name)) this.variables.delete(name);
    };
  }
}

export type ScriptContext = Context & { readonly session: Session };

/** What later statements know of a plan that was run. */
export function remember(plan: Plan, node: SyntaxNode, context: ScriptContext): void {
  const { session } = context;
  if (plan.kind === 'declare') {
    const scope = new Scope(newTranslation(context));
    for (const { name, type } of declaredVariables(node, scope))
      session.variables.set(name.toLowerCase(), variableNamed(name, type));
  } else if (plan.kind === 'ddl' && plan.temporary) {
    if (plan.operation === 'DROP_TABLE') session.temporaryTables.delete(plan.target.table);
    else if (!plan.skipped) session.temporaryTables.set(plan.target.table, plan.definition.columns ?? []);
  }
}

/** CREATE TEMP FUNCTION in SQL: known to the rest of the script, nothing to be run. */
export function applyFunction(node: SyntaxNode, context: ScriptContext): boolean {
  if (node.node_type !== 'CreateFunctionStatement') return false;
  if (!has(node, 'temp')) throw notSupported('CREATE FUNCTION without TEMP', node);
  const refused =
    child(node, 'language') ?? child(node, 'remote') ?? child(node, 'aggregate') ?? child(node, 'table');
  if (refused !== undefined) throw notSupported(`CREATE FUNCTION with ${keyword(refused)}`, refused);
  only(node, 'or_replace', 'temp', 'what', 'if_not_exists', 'ident', 'group', 'returns', 'as');
  const name = identifierName(need(node, 'ident'));
  if (context.session.functions.has(name.toLowerCase()) && !has(node, 'or_replace')) {
    throw new SqlError('duplicate', `Already Exists: Function ${name}`, positionOf(node));
  }
  const parameters = list(need(node, 'group'), 'declarations').map((one) => {
    const type = need(one, 'type');
    return { name: identifierName(one), ...(keyword(type) === 'ANY' ? {} : { type: typeOf(type) }) };
  });
  const returns = child(node, 'returns');
  const body = need(need(node, 'as'), 'group');
  context.session.functions.set(name.toLowerCase(), {
    name,
    parameters,
    body: body.node_type === 'GroupedExpr' ? need(body, 'expr') : body,
    ...(returns === undefined ? {} : { returns: typeOf(need(returns, 'type')) }),
  });
  return true;
}
