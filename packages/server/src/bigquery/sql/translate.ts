import { required } from './coercion.js';
import { ddlStatement } from './ddl.js';
import { dmlStatement } from './dml.js';
import type { Expression } from './expression.js';
import { expression, listed } from './expressions.js';
import { queryPlan } from './finish.js';
import { withoutGrowth } from './macro-calls.js';
import { createModel, dropModel } from './models.js';
import type { Plan, QueryPlan, TranslateOptions } from './plan.js';
import { query } from './query.js';
import {
  type Compiler,
  EXPRESSIONS_PER_CHARACTER,
  Scope,
  type SessionNames,
  type Translation,
} from './scope.js';
import { keyword, need, notSupported, type SyntaxNode } from './syntax.js';
import { BOOL, type SqlType } from './types.js';
import { declareOrSet } from './variables.js';

const COMPILER: Compiler = { expression, listed, query };

/** What statements are translated with. */
export interface Context {
  readonly options: TranslateOptions;
  readonly session: SessionNames;
  /** The whole text. */
  readonly source: string;
}

/** Expressions that a statement may translate, besides those of its text and of the views that it reads. */
const EXPRESSIONS_MIN = 3_000;

/** What a statement that is new shares. */
export function newTranslation({ options, session, source }: Context, leftOut = false): Translation {
  return {
    compiler: COMPILER,
    source,
    options,
    session,
    counters: { aliases: 0, parameters: 0, relations: 0 },
    budget: { left: EXPRESSIONS_MIN + EXPRESSIONS_PER_CHARACTER * source.length },
    relations: [],
    tables: new Map(),
    views: new Map(),
    viewDepth: 0,
    costly: { inReach: false, read: false, leftOut },
  };
}

type Translator = (node: SyntaxNode, scope: Scope) => Plan;

const STATEMENTS: Readonly<Record<string, Translator>> = {
  SelectStatement: queryStatement,
  SetOperator: queryStatement,
  GroupedStatement: queryStatement,
  PipeStatement: queryStatement,
  FromStatement: queryStatement,
  InsertStatement: dmlStatement,
  UpdateStatement: dmlStatement,
  DeleteStatement: dmlStatement,
  MergeStatement: dmlStatement,
  TruncateStatement: dmlStatement,
  CreateSchemaStatement: ddlStatement,
  CreateTableStatement: ddlStatement,
  CreateViewStatement: ddlStatement,
  AlterTableStatement: ddlStatement,
  AlterSchemaStatement: ddlStatement,
  AlterViewStatement: ddlStatement,
  DropStatement: (node, scope) =>
    keyword(need(node, 'what')) === 'MODEL' ? dropModel(node, scope) : ddlStatement(node, scope),
  CreateModelStatement: createModel,
  DeclareStatement: declareOrSet,
  SetStatement: declareOrSet,
};

/** One statement, parsed, as a plan. */
export function translateStatement(node: SyntaxNode, context: Context): Plan {
  const translator = STATEMENTS[node.node_type];
  if (translator === undefined) throw notSupported(statementName(node), node);
  const shared = newTranslation(context);
  const plan = translator(node, new Scope(shared));
  if (plan.kind !== 'query' || !shared.costly.inReach || shared.costly.read)
    return withoutGrowth(plan, readCharacters(shared));
  const lean = newTranslation(context, true);
  return withoutGrowth(translator(node, new Scope(lean)), readCharacters(lean));
}

/** The condition of IF or WHILE: a query of one BOOL. */
export function translateCondition(node: SyntaxNode, context: Context): QueryPlan {
  return translateValue(node, BOOL, 'A condition', context);
}

/** A query of the one value of an expression, of that type; `what` it is stands in the message where it is another. */
export function translateValue(node: SyntaxNode, type: SqlType, what: string, context: Context): QueryPlan {
  return translateValues(context, (scope) => [required(expression(node, scope), type, node, what)], node);
}

/** A query of one row with the values of `read`. */
export function translateValues(
  context: Context,
  read: (scope: Scope) => readonly Expression[],
  node: SyntaxNode,
): QueryPlan {
  const shared = newTranslation(context);
  const values = read(new Scope(shared));
  const columns = values.map(({ type }, i) => ({ name: `v${i}`, sqlName: `v${i}`, type }));
  const sql = `SELECT ${values.map((value, i) => `${value.sql} AS v${i}`).join(', ')}`;
  const found = { sql, columns, references: [], isValue: false };
  return withoutGrowth(queryPlan(found, shared, node), readCharacters(shared));
}

export function readCharacters({ source, views }: Translation): number {
  return [...views.keys()].reduce((sum, text) => sum + text.length, source.length);
}

function queryStatement(node: SyntaxNode, scope: Scope): Plan {
  return queryPlan(query(node, scope), scope.translation, node);
}

function statementName(node: SyntaxNode): string {
  const what = node.children.what?.Node ?? node.children.what?.NodeVec?.[0];
  return `${keyword(node)}${what === undefined ? '' : ` ${keyword(what)}`}`;
}
