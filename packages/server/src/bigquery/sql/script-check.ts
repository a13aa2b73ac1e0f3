import { readExecute } from './execute-immediate.js';
import { forLoop } from './for-loop.js';
import type { CatalogTable, CatalogView, Column, DdlPlan, Plan, TranslateOptions } from './plan.js';
import { raisedMessage } from './raise.js';
import { applyFunction, remember, type ScriptContext, Session } from './script-session.js';
import { bodyOf, branchesOf, handlerOf, isReturn, jumpOf, scriptStatements } from './script-syntax.js';
import { list, type SyntaxNode } from './syntax.js';
import { translateStatement } from './translate.js';

/**
 * Everything of a text without running it: branches are all taken once, tables that it makes are known to what
 * follows. Behind EXECUTE IMMEDIATE nothing is checked, since what follows may depend on it. For dry runs.
 */
export function checkScript(text: string, options: TranslateOptions): Plan[] {
  const catalog = new PendingCatalog(options.catalog);
  const check = new Check(
    { options: { ...options, catalog }, session: new Session(), source: text },
    catalog,
  );
  check.all(scriptStatements(text));
  return check.plans;
}

class Check {
  readonly plans: Plan[] = [];
  readonly #context: ScriptContext;
  readonly #catalog: PendingCatalog;
  #loops = 0;
  #ended = false;

  constructor(context: ScriptContext, catalog: PendingCatalog) {
    this.#context = context;
    this.#catalog = catalog;
  }

  all(statements: readonly SyntaxNode[]): void {
    for (const statement of statements) if (!this.#ended) this.#one(statement);
  }

  #one(node: SyntaxNode): void {
    switch (node.node_type) {
      case 'IfStatement':
      case 'CaseStatement':
        for (const branch of branchesOf(node)) this.all(branch);
        return;
      case 'BeginStatement':
        this.#block(node);
        return;
      case 'WhileStatement':
      case 'LoopStatement':
      case 'RepeatStatement':
        this.#body(node);
        return;
      case 'ForStatement':
        this.#for(node);
        return;
      case 'BreakContinueStatement':
        jumpOf(node, this.#loops);
        return;
      case 'RaiseStatement':
        raisedMessage(node, this.#context);
        return;
      case 'ExecuteStatement':
        readExecute(node, this.#context);
        this.plans.push({ kind: 'set', sql: [], relations: [], tables: [] });
        this.#ended = true;
        return;
      default:
        this.#statement(node);
    }
  }

  #statement(node: SyntaxNode): void {
    if (isReturn(node) || applyFunction(node, this.#context)) return;
    const plan = translateStatement(node, this.#context);
    remember(plan, node, this.#context);
    if (plan.kind === 'ddl') this.#catalog.apply(plan);
    this.plans.push(plan);
  }

  #block(node: SyntaxNode): void {
    const { session } = this.#context;
    const leave = session.enterBlock();
    this.all(list(node, 'stmts'));
    leave();
    const handler = handlerOf(node);
    if (handler === undefined) return;
    const before = session.error;
    session.error = '';
    this.all(handler);
    session.error = before;
  }

  #body(node: SyntaxNode): void {
    this.#loops++;
    this.all(bodyOf(node));
    this.#loops--;
  }

  #for(node: SyntaxNode): void {
    const { session } = this.#context;
    const loop = forLoop(node, this.#context, 1);
    this.plans.push(loop.begin);
    session.variables.set(loop.name, loop.variable);
    this.#body(node);
    session.variables.delete(loop.name);
  }
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
