import { identifierName } from './literals.js';
import { parseStatements } from './parser.js';
import type {
  CatalogTable,
  CatalogView,
  Column,
  DdlPlan,
  Plan,
  Position,
  QueryPlan,
  TranslateOptions,
} from './plan.js';
import { SqlError } from './plan.js';
import { Scope, type SessionNames, type UserFunction, type Variable } from './scope.js';
import { statementText } from './statement-text.js';
import {
  child,
  has,
  invalid,
  keyword,
  list,
  need,
  notSupported,
  only,
  positionOf,
  type SyntaxNode,
} from './syntax.js';
import { type Context, newTranslation, translateCondition, translateStatement } from './translate.js';
import { typeOf } from './type-syntax.js';
import { declaredVariables, variableNamed } from './variables.js';

/** What a script has made so far. */
class Session implements SessionNames {
  readonly variables = new Map<string, Variable>();
  readonly temporaryTables = new Map<string, readonly Column[]>();
  readonly functions = new Map<string, UserFunction>();
}

/** Asks DuckDB for the one BOOL of a query; NULL counts as false. */
export type Evaluate = (condition: QueryPlan) => Promise<boolean>;

/** A statement of a script as it was written. */
export interface StatementSource {
  readonly text: string;
  readonly position: Position;
}

const REPETITIONS_MAX = 100_000;

/** Out of the innermost loop (BREAK, LEAVE), or on to its next turn (CONTINUE, ITERATE). */
type Jump = 'leave' | 'iterate';
const JUMPS: Readonly<Record<string, Jump>> = {
  BREAK: 'leave',
  LEAVE: 'leave',
  CONTINUE: 'iterate',
  ITERATE: 'iterate',
};

/**
 * The statements of a text, one after the other: each is translated when the one before it has been run, since it may
 * read what that one made. IF, CASE, loops and BEGIN are followed here, by what `evaluate` says of their conditions.
 * `onStatement` is told of each before its plan comes.
 */
export async function* planScript(
  text: string,
  options: TranslateOptions,
  evaluate: Evaluate,
  onStatement: (source: StatementSource) => void = () => {},
): AsyncGenerator<Plan> {
  const statements = parseStatements(text);
  if (statements.length === 0)
    throw new SqlError('invalidQuery', 'Syntax error: Unexpected end of statement');
  const script = new Script({ options, session: new Session(), source: text }, evaluate, onStatement);
  yield* script.run(statements);
}

/**
 * Everything of a text without running it: branches are all taken once, tables that it makes are known to what
 * follows. For dry runs.
 */
export function checkScript(text: string, options: TranslateOptions): Plan[] {
  const statements = parseStatements(text);
  if (statements.length === 0)
    throw new SqlError('invalidQuery', 'Syntax error: Unexpected end of statement');
  const catalog = new PendingCatalog(options.catalog);
  const context = { options: { ...options, catalog }, session: new Session(), source: text };
  const plans: Plan[] = [];
  for (const statement of flattened(statements)) {
    if (applyFunction(statement, context)) continue;
    const plan = translateStatement(statement, context);
    remember(plan, statement, context);
    if (plan.kind === 'ddl') catalog.apply(plan);
    plans.push(plan);
  }
  return plans;
}

class Script {
  readonly #context: Context & { readonly session: Session };
  readonly #evaluate: Evaluate;
  readonly #onStatement: (source: StatementSource) => void;
  #loops = 0;

  constructor(
    context: Context & { readonly session: Session },
    evaluate: Evaluate,
    onStatement: (source: StatementSource) => void,
  ) {
    this.#context = context;
    this.#evaluate = evaluate;
    this.#onStatement = onStatement;
  }

  async *run(statements: readonly SyntaxNode[]): AsyncGenerator<Plan, Jump | undefined> {
    for (const statement of statements) {
      const jump = yield* this.#statement(statement);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  async *#statement(node: SyntaxNode): AsyncGenerator<Plan, Jump | undefined> {
    switch (node.node_type) {
      case 'IfStatement':
        return yield* this.run(await this.#branch(node));
      case 'CaseStatement':
        return yield* this.run(await this.#arm(node));
      case 'BeginStatement':
        return yield* this.run(blockOf(node));
      case 'WhileStatement':
      case 'LoopStatement':
      case 'RepeatStatement':
        return yield* this.#loop(node);
      case 'BreakContinueStatement':
        return jumpOf(node, this.#loops);
      default: {
        if (applyFunction(node, this.#context)) return undefined;
        const plan = translateStatement(node, this.#context);
        this.#onStatement({
          text: statementText(node, new Scope(newTranslation(this.#context))),
          position: positionOf(node),
        });
        yield plan;
        remember(plan, node, this.#context);
        return undefined;
      }
    }
  }

  async #holds(node: SyntaxNode): Promise<boolean> {
    return this.#evaluate(translateCondition(node, this.#context));
  }

  async #branch(node: SyntaxNode): Promise<readonly SyntaxNode[]> {
    if (await this.#holds(need(node, 'condition'))) return list(need(node, 'then'), 'stmts');
    for (const other of list(node, 'elseifs')) {
      if (await this.#holds(need(other, 'condition'))) return list(need(other, 'then'), 'stmts');
    }
    const otherwise = child(node, 'else');
    return otherwise === undefined ? [] : list(otherwise, 'stmts');
  }

  async #arm(node: SyntaxNode): Promise<readonly SyntaxNode[]> {
    for (const arm of list(node, 'arms')) {
      const condition = conditionOf(node, arm);
      if (condition === undefined || (await this.#holds(condition))) return list(arm, 'stmts');
    }
    return [];
  }

  /** WHILE has its condition before a turn, REPEAT behind it, LOOP has none. */
  async *#loop(node: SyntaxNode): AsyncGenerator<Plan, undefined> {
    const before = child(node, 'condition');
    const until = child(node, 'until');
    this.#loops++;
    for (let turns = 1; before === undefined || (await this.#holds(before)); turns++) {
      if (turns > REPETITIONS_MAX) throw invalid(node, `${keyword(node)} has run ${REPETITIONS_MAX} times`);
      const jump = yield* this.run(bodyOf(node));
      if (jump === 'leave' || (until !== undefined && (await this.#holds(need(until, 'expr'))))) break;
    }
    this.#loops--;
    return undefined;
  }
}

function bodyOf(loop: SyntaxNode): readonly SyntaxNode[] {
  return list(child(loop, 'do') ?? loop, 'stmts');
}

function jumpOf(node: SyntaxNode, loops: number): Jump {
  if (has(node, 'label')) throw notSupported(`${keyword(node)} with a label`, node);
  if (loops === 0) throw invalid(node, `${keyword(node)} is only allowed inside of a loop body`);
  return JUMPS[keyword(node)]!;
}

/** Of `CASE x WHEN y` it is `x = y`; undefined of ELSE. */
function conditionOf(statement: SyntaxNode, arm: SyntaxNode): SyntaxNode | undefined {
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

function blockOf(node: SyntaxNode): readonly SyntaxNode[] {
  const handler = list(node, 'exception_when_error')[0];
  if (handler !== undefined) throw notSupported('BEGIN … EXCEPTION', handler);
  return list(node, 'stmts');
}

/** Every statement that could run, in the order of the text. */
function* flattened(statements: readonly SyntaxNode[], loops = 0): Generator<SyntaxNode> {
  for (const node of statements) {
    if (node.node_type === 'BeginStatement') yield* flattened(blockOf(node), loops);
    else if (/^(?:While|Loop|Repeat)Statement$/.test(node.node_type))
      yield* flattened(bodyOf(node), loops + 1);
    else if (node.node_type === 'BreakContinueStatement') jumpOf(node, loops);
    else if (node.node_type === 'CaseStatement') {
      for (const arm of list(node, 'arms')) yield* flattened(list(arm, 'stmts'), loops);
    } else if (node.node_type === 'IfStatement') {
      const branches = [
        child(node, 'then'),
        ...list(node, 'elseifs').map((one) => child(one, 'then')),
        child(node, 'else'),
      ];
      for (const branch of branches) if (branch !== undefined) yield* flattened(list(branch, 'stmts'), loops);
    } else yield node;
  }
}

/** What later statements know of a plan that was run. */
function remember(plan: Plan, node: SyntaxNode, context: Context & { readonly session: Session }): void {
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
function applyFunction(node: SyntaxNode, context: Context & { readonly session: Session }): boolean {
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

/** The catalog as it would be after the statements so far. */
class PendingCatalog implements CatalogView {
  readonly #catalog: CatalogView;
  readonly #datasets = new Map<string, boolean>();
  readonly #tables = new Map<string, CatalogTable | undefined>();

  constructor(catalog: CatalogView) {
    this.#catalog = catalog;
  }

  dataset(dataset: string): boolean {
    return this.#datasets.get(dataset) ?? this.#catalog.dataset(dataset);
  }

  table(dataset: string, table: string): CatalogTable | undefined {
    const key = `${dataset}.${table}`;
    return this.#tables.has(key) ? this.#tables.get(key) : this.#catalog.table(dataset, table);
  }

  tables(dataset: string): readonly string[] {
    const prefix = `${dataset}.`;
    const changed = [...this.#tables].filter(([key]) => key.startsWith(prefix));
    const made = changed.filter(([, table]) => table !== undefined);
    const kept = this.#catalog.tables(dataset).filter((name) => !this.#tables.has(prefix + name));
    return [...kept, ...made.map(([key]) => key.slice(prefix.length))];
  }

  model(dataset: string, model: string): boolean {
    return this.#catalog.model(dataset, model);
  }

  mlColumns(call: Parameters<CatalogView['mlColumns']>[0]): readonly Column[] {
    return this.#catalog.mlColumns(call);
  }

  apply({ operation, target, definition, skipped, temporary }: DdlPlan): void {
    if (skipped || temporary) return;
    const key = `${target.dataset}.${target.table}`;
    if (operation === 'CREATE_SCHEMA') this.#datasets.set(target.dataset, true);
    else if (operation === 'DROP_SCHEMA') this.#datasets.set(target.dataset, false);
    else if (operation.startsWith('DROP_')) this.#tables.set(key, undefined);
    else if (operation.startsWith('CREATE_')) {
      const { columns = [], viewQuery } = definition;
      this.#tables.set(key, {
        kind: operation === 'CREATE_VIEW' ? 'view' : 'table',
        columns,
        ...(viewQuery === undefined ? {} : { viewQuery }),
      });
    } else this.#alter(key, target.dataset, definition);
  }

  #alter(key: string, dataset: string, { columns, newName }: DdlPlan['definition']): void {
    const before = this.table(dataset, key.slice(dataset.length + 1));
    if (before === undefined) return;
    if (newName !== undefined) {
      this.#tables.set(key, undefined);
      this.#tables.set(`${dataset}.${newName}`, before);
    } else if (columns !== undefined) this.#tables.set(key, { ...before, columns });
  }
}
