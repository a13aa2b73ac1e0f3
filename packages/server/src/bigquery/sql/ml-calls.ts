import { expression, query } from './compile.js';
import type { Query } from './expression.js';
import { queryPlan } from './finish.js';
import type { FromItem } from './from-items.js';
import { identifierName } from './literals.js';
import type { Column, MlCallShape, MlFunction, QueryPlan, Relation } from './plan.js';
import { SqlError } from './plan.js';
import { relationItem } from './relations.js';
import { pathNames, Scope, type Translation } from './scope.js';
import {
  child,
  invalid,
  keyword,
  list,
  need,
  notSupported,
  only,
  positionOf,
  type SyntaxNode,
} from './syntax.js';
import { described, fullName, notFound } from './table-names.js';
import { tableSource } from './tables.js';
import { surroundingTables } from './with.js';

const FUNCTIONS: ReadonlySet<string> = new Set<MlFunction>([
  'FORECAST',
  'DETECT_ANOMALIES',
  'EVALUATE',
  'ARIMA_EVALUATE',
  'ARIMA_COEFFICIENTS',
  'EXPLAIN_FORECAST',
]);

/** `ML.FORECAST(MODEL m, STRUCT(…))` and its like: a relation that is filled before the statement runs. */
export function mlSource(node: SyntaxNode, scope: Scope): FromItem {
  only(node, 'func', 'args', 'as', 'alias');
  const names = pathNames(need(node, 'func'))?.map((one) => identifierName(one)) ?? [];
  const name = (names[1] ?? '').toUpperCase();
  if (names.length !== 2 || names[0]!.toUpperCase() !== 'ML' || !FUNCTIONS.has(name)) {
    throw notSupported(`The table function ${names.join('.').toUpperCase()}`, node);
  }
  const { translation } = scope;
  const [modelNode, ...others] = list(node, 'args');
  if (modelNode === undefined || keyword(modelNode) !== 'MODEL')
    throw invalid(node, `ML.${name} needs MODEL and a model's name as its first argument`);
  const model = fullName(need(modelNode, 'right'), translation.options);
  if (!translation.options.catalog.model(model.dataset, model.table))
    throw notFound('Model', model, translation.options, modelNode);
  const settingsNode = others.find(isStruct);
  const inputs = others.filter((one) => one !== settingsNode);
  if (inputs.length > 1) throw invalid(inputs[1]!, `ML.${name} takes one table or query`);
  const input = inputs[0] === undefined ? undefined : inputPlan(inputs[0], scope);
  const shape: MlCallShape = {
    function: name as MlFunction,
    model,
    settings: settingsNode === undefined ? {} : settings(settingsNode, scope),
    ...(input === undefined ? {} : { inputColumns: input.columns }),
  };
  return relation(shape, input, node, scope);
}

function relation(
  shape: MlCallShape,
  input: QueryPlan | undefined,
  node: SyntaxNode,
  scope: Scope,
): FromItem {
  const { options, relations, counters, tables } = scope.translation;
  let columns: readonly Column[];
  try {
    columns = options.catalog.mlColumns(shape);
  } catch (error) {
    if (error instanceof SqlError && error.position === undefined)
      throw new SqlError(error.reason, error.message, positionOf(node));
    throw error;
  }
  for (const table of input?.tables ?? []) tables.set(described(table), table);
  const name = `seismo_ml_${++counters.relations}`;
  const one: Relation = {
    ...shape,
    kind: 'ml',
    relation: name,
    columns,
    position: positionOf(node),
    ...(input === undefined ? {} : { input }),
  };
  relations.push(one);
  const alias = child(node, 'alias');
  return relationItem(`temp.${name}`, columns, alias === undefined ? '' : identifierName(alias), scope);
}

function isStruct(node: SyntaxNode): boolean {
  return node.node_type === 'StructLiteral';
}

/** `TABLE name` or a query in brackets; it runs by itself, before the rest. */
function inputPlan(node: SyntaxNode, scope: Scope): QueryPlan {
  const { counters } = scope.translation;
  const translation: Translation = { ...scope.translation, relations: [], tables: new Map(), counters };
  const level = new Scope(translation);
  const { prefix, tables } = surroundingTables(scope);
  for (const [name, table] of tables) level.commonTables.set(name, table);
  const plan = queryPlan(inputQuery(node, level), translation, node);
  // A query with a WITH of its own stands in brackets behind that of what is around it.
  return prefix === '' ? plan : { ...plan, sql: `${prefix}SELECT * FROM (${plan.sql})` };
}

function inputQuery(node: SyntaxNode, level: Scope): Query {
  if (node.node_type === 'UnaryOperator' && keyword(node) === 'TABLE') {
    const item = tableSource(need(node, 'right'), level);
    const columns = item.columns.map(({ name, type }) => ({
      name,
      type,
      sqlName: `"${name.replaceAll('"', '""')}"`,
    }));
    const names = item.columns.map(({ sql }, i) => `${sql} AS ${columns[i]!.sqlName}`).join(', ');
    return { sql: `SELECT ${names} FROM ${item.sql}`, columns, references: [], isValue: false };
  }
  if (node.node_type !== 'GroupedStatement' && node.node_type !== 'SelectStatement') {
    throw invalid(node, 'A table (TABLE name) or a query in brackets was expected');
  }
  return query(node, level);
}

/** The fields of a STRUCT of constants. */
function settings(node: SyntaxNode, scope: Scope): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const level = new Scope(scope.translation);
  for (const one of list(node, 'exprs')) {
    const alias = child(one, 'alias');
    if (alias === undefined)
      throw invalid(one, 'Arguments of an ML function need names: STRUCT(value AS name)');
    const { as: _as, alias: _alias, ...children } = one.children;
    const value = expression({ ...one, children }, level);
    const name = identifierName(alias).toLowerCase();
    if (name in found) throw invalid(alias, `Duplicate argument ${name}`);
    found[name] = constantOf(value, one);
  }
  return found;
}

/** The value of a constant: whole numbers as numbers. */
function constantOf(
  value: { literal?: { value: unknown }; parts?: readonly { literal?: { value: unknown } }[] },
  node: SyntaxNode,
): unknown {
  if (value.parts !== undefined) return value.parts.map((part) => constantOf(part, node));
  if (value.literal === undefined) throw invalid(node, 'A constant or a query parameter was expected');
  const given = value.literal.value;
  return typeof given === 'bigint' ? Number(given) : given;
}
