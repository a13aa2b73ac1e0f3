import { query } from './compile.js';
import type { Query } from './expression.js';
import { queryPlan } from './finish.js';
import { optionsList } from './options-list.js';
import { type Plan, type QueryPlan, SqlError } from './plan.js';
import { Scope, type Translation } from './scope.js';
import { child, has, invalid, need, notSupported, only, positionOf, type SyntaxNode } from './syntax.js';
import { described, fullName, notFound } from './table-names.js';

/** CREATE [OR REPLACE] MODEL [IF NOT EXISTS] name OPTIONS(…) AS query, or AS two queries with custom holidays. */
export function createModel(node: SyntaxNode, scope: Scope): Plan {
  const refused =
    child(node, 'transform') ?? child(node, 'remote') ?? child(node, 'input') ?? child(node, 'output');
  if (refused !== undefined)
    throw notSupported(`CREATE MODEL with ${refused.token?.literal.toUpperCase() ?? 'this clause'}`, refused);
  only(
    node,
    'or_replace',
    'what',
    'if_not_exists',
    'ident',
    'options',
    'query',
    'training_data_custom_holiday',
    'as',
  );
  const { options: given } = scope.translation;
  const target = fullName(need(node, 'ident'), given);
  if (!given.catalog.dataset(target.dataset))
    throw notFound('Dataset', { ...target, table: '' }, given, need(node, 'ident'));
  const exists = given.catalog.model(target.dataset, target.table);
  const [orReplace, ifNotExists] = [has(node, 'or_replace'), has(node, 'if_not_exists')];
  if (orReplace && ifNotExists)
    throw invalid(node, 'CREATE MODEL cannot have both OR REPLACE and IF NOT EXISTS');
  if (exists && !orReplace && !ifNotExists) {
    throw new SqlError(
      'duplicate',
      `Already Exists: Model ${described(target)}`,
      positionOf(need(node, 'ident')),
    );
  }
  return {
    kind: 'createModel',
    target,
    orReplace,
    skipped: exists && ifNotExists,
    options: modelOptions(node, scope),
    ...trainingQueries(node, scope),
  };
}

function modelOptions(node: SyntaxNode, scope: Scope): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { name, value, node: at } of optionsList(child(node, 'options'), scope)) {
    const key = name.toUpperCase();
    if (key in found) throw invalid(at, `Duplicate option ${name}`);
    found[key] = value;
  }
  return found;
}

function trainingQueries(node: SyntaxNode, scope: Scope): { query: QueryPlan; customHolidays?: QueryPlan } {
  const two = child(node, 'training_data_custom_holiday');
  if (two !== undefined) {
    const group = need(two, 'group');
    const [training, holidays] = [need(group, 'training_data'), need(group, 'custom_holiday')];
    return {
      query: alone(need(training, 'stmt'), scope),
      customHolidays: alone(need(holidays, 'stmt'), scope),
    };
  }
  const as = child(node, 'query');
  if (as === undefined) throw invalid(node, 'CREATE MODEL needs AS and a query');
  return { query: alone(child(as, 'stmt') ?? as, scope) };
}

/** A query with relations and tables of its own; parameters are counted on. */
export function alone(node: SyntaxNode, scope: Scope): QueryPlan {
  return queryAlone(node, scope, () => {});
}

/** One whose columns are those of what a statement makes: each must have a name. */
export function named(node: SyntaxNode, scope: Scope, statement: string): QueryPlan {
  return queryAlone(node, scope, ({ columns: [first, ...others], isValue }) => {
    const row = isValue && others.length === 0 && first?.type.kind === 'STRUCT';
    const columns = row ? first.type.fields : [first, ...others];
    const place = columns.findIndex((column) => column?.name === '');
    if (place >= 0)
      throw invalid(node, `${statement} columns must be named, but column ${place + 1} has no name`);
  });
}

function queryAlone(node: SyntaxNode, scope: Scope, check: (found: Query) => void): QueryPlan {
  const translation: Translation = { ...scope.translation, relations: [], tables: new Map() };
  const found = query(node, new Scope(translation));
  check(found);
  return queryPlan(found, translation, node);
}

export function dropModel(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'what', 'if_exists', 'ident');
  const { options } = scope.translation;
  const target = fullName(need(node, 'ident'), options);
  const exists = options.catalog.model(target.dataset, target.table);
  if (!exists && !has(node, 'if_exists')) throw notFound('Model', target, options, need(node, 'ident'));
  return { kind: 'dropModel', target, skipped: !exists };
}
