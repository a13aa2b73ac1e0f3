import { dynamicStatement, INTO_END, INTO_HAS_MORE, intoPlan, readExecute } from './execute-immediate.js';
import { forLoop } from './for-loop.js';
import type { Plan, Position, QueryPlan, TranslateOptions } from './plan.js';
import { errorText, isRefusal, RaisedError, raisedMessage } from './raise.js';
import { Scope } from './scope.js';
import { applyFunction, remember, type ScriptContext, Session } from './script-session.js';
import {
  bodyOf,
  conditionOf,
  handlerOf,
  isReturn,
  type Jump,
  jumpOf,
  scriptStatements,
} from './script-syntax.js';
import { statementText } from './statement-text.js';
import { child, invalid, keyword, list, need, positionOf, type SyntaxNode } from './syntax.js';
import { newTranslation, translateCondition, translateStatement } from './translate.js';

/** Asks DuckDB for the first row of a query. */
export type Evaluate = (query: QueryPlan) => Promise<readonly unknown[] | undefined>;

/** A statement of a script as it was written. */
export interface StatementSource {
  readonly text: string;
  readonly position: Position;
}

/** What a script tells and heeds besides its plans. */
export interface ScriptListener {
  /** Told of each statement before its plan comes. */
  readonly onStatement?: (source: StatementSource) => void;
  /** Once it is aborted no error is handled any more. */
  readonly signal?: AbortSignal;
}

const REPETITIONS_MAX = 100_000;

/**
 * The statements of a text, one after the other: each is translated when the one before it has been run, since it may
 * read what that one made. IF, CASE, loops and BEGIN are followed here, by what `evaluate` says of their conditions.
 * Whoever runs a plan and fails throws the error back (`followScript`), since the script may handle it.
 */
export async function* planScript(
  text: string,
  options: TranslateOptions,
  evaluate: Evaluate,
  listener: ScriptListener = {},
): AsyncGenerator<Plan> {
  const statements = scriptStatements(text);
  const script = new Script({ options, session: new Session(), source: text }, evaluate, listener);
  yield* script.run(statements);
}

/** Runs the plans of a script; rejects with what no handler of the script takes. */
export async function followScript(
  plans: AsyncGenerator<Plan>,
  run: (plan: Plan) => Promise<void>,
): Promise<void> {
  for (let step = await plans.next(); step.done !== true; ) {
    const failure = await run(step.value).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    step = await (failure === undefined ? plans.next() : plans.throw(failure.error));
  }
}

type Steps = AsyncGenerator<Plan, Jump | undefined>;

class Script {
  readonly #context: ScriptContext;
  readonly #evaluate: Evaluate;
  readonly #listener: ScriptListener;
  #loops = 0;
  #forLoops = 0;
  #handled: unknown;

  constructor(context: ScriptContext, evaluate: Evaluate, listener: ScriptListener) {
    this.#context = context;
    this.#evaluate = evaluate;
    this.#listener = listener;
  }

  async *run(statements: readonly SyntaxNode[]): Steps {
    for (const statement of statements) {
      const jump = yield* this.#statement(statement);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  async *#statement(node: SyntaxNode): Steps {
    switch (node.node_type) {
      case 'IfStatement':
        return yield* this.run(await this.#branch(node));
      case 'CaseStatement':
        return yield* this.run(await this.#arm(node));
      case 'BeginStatement':
        return yield* this.#block(node);
      case 'WhileStatement':
      case 'LoopStatement':
      case 'RepeatStatement':
        return yield* this.#loop(node);
      case 'ForStatement':
        return yield* this.#for(node);
      case 'BreakContinueStatement':
        return jumpOf(node, this.#loops);
      case 'RaiseStatement':
        return this.#raise(node);
      case 'ExecuteStatement':
        yield* this.#execute(node);
        return undefined;
      default:
        if (isReturn(node)) return 'return';
        yield* this.#plain(node, this.#context);
        return undefined;
    }
  }

  /** `at`: the statement of the script, where the node is of another text. */
  async *#plain(node: SyntaxNode, context: ScriptContext, at = node): AsyncGenerator<Plan, void> {
    if (applyFunction(node, context)) return;
    const plan = translateStatement(node, context);
    this.#listener.onStatement?.({
      text: statementText(node, new Scope(newTranslation(context))),
      position: positionOf(at),
    });
    yield plan;
    remember(plan, node, context);
  }

  async #value(query: QueryPlan): Promise<unknown> {
    return (await this.#evaluate(query))?.[0];
  }

  async #holds(node: SyntaxNode): Promise<boolean> {
    return (await this.#value(translateCondition(node, this.#context))) === true;
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

  /** Variables that it declares end with it, also for its handler. */
  async *#block(node: SyntaxNode): Steps {
    const leave = this.#context.session.enterBlock();
    const handler = handlerOf(node);
    try {
      return yield* this.run(list(node, 'stmts'));
    } catch (error) {
      if (handler === undefined || isRefusal(error) || this.#listener.signal?.aborted === true) throw error;
      leave();
      return yield* this.#handle(handler, error);
    } finally {
      leave();
    }
  }

  async *#handle(handler: readonly SyntaxNode[], error: unknown): Steps {
    const { session } = this.#context;
    const before = { error: session.error, handled: this.#handled };
    session.error = errorText(error);
    this.#handled = error;
    try {
      return yield* this.run(handler);
    } finally {
      session.error = before.error;
      this.#handled = before.handled;
    }
  }

  async #raise(node: SyntaxNode): Promise<never> {
    const query = raisedMessage(node, this.#context);
    if (query === undefined) throw this.#handled;
    const message = await this.#value(query);
    if (typeof message !== 'string') throw invalid(node, 'The message of RAISE cannot be NULL');
    throw new RaisedError(message, positionOf(node));
  }

  async *#execute(node: SyntaxNode): AsyncGenerator<Plan, void> {
    const { text, values, parameters, into } = readExecute(node, this.#context);
    const source = await this.#value(text);
    const given = values === undefined ? [] : ((await this.#evaluate(values)) ?? []);
    const statement = dynamicStatement(source, node);
    const context = {
      source: source as string,
      options: { ...this.#context.options, parameters: parameters(given) },
      session: this.#context.session.withoutVariables(),
    };
    if (into.length === 0) {
      yield* this.#plain(statement, context, node);
      return;
    }
    const plan = translateStatement(statement, context);
    if (plan.kind !== 'query')
      throw invalid(node, 'EXECUTE IMMEDIATE with INTO clause must use a query statement');
    yield intoPlan(plan, into, node);
    const more = await this.#value(INTO_HAS_MORE);
    yield INTO_END;
    if (more === true) throw invalid(node, 'DynamicSQL may only return 0 or 1 rows with INTO clause');
  }

  /** WHILE has its condition before a turn, REPEAT behind it, LOOP has none. */
  async *#loop(node: SyntaxNode): Steps {
    const before = child(node, 'condition');
    const until = child(node, 'until');
    for (let turns = 1; before === undefined || (await this.#holds(before)); turns++) {
      const jump = yield* this.#turn(node, turns);
      if (jump === 'return') return jump;
      if (jump === 'leave' || (until !== undefined && (await this.#holds(need(until, 'expr'))))) break;
    }
    return undefined;
  }

  async *#turn(node: SyntaxNode, turns: number): Steps {
    if (turns > REPETITIONS_MAX) throw invalid(node, `${keyword(node)} has run ${REPETITIONS_MAX} times`);
    this.#loops++;
    try {
      return yield* this.run(bodyOf(node));
    } finally {
      this.#loops--;
    }
  }

  async *#for(node: SyntaxNode): Steps {
    const { session } = this.#context;
    const loop = forLoop(node, this.#context, this.#forLoops + 1);
    yield loop.begin;
    const count = Number(await this.#value(loop.count));
    session.variables.set(loop.name, loop.variable);
    this.#forLoops++;
    let jump: Jump | undefined;
    try {
      for (let place = 0; place < count && jump !== 'leave' && jump !== 'return'; place++) {
        yield loop.take(place);
        jump = yield* this.#turn(node, place + 1);
      }
    } finally {
      this.#forLoops--;
      session.variables.delete(loop.name);
    }
    yield loop.end;
    return jump === 'return' ? jump : undefined;
  }
}
