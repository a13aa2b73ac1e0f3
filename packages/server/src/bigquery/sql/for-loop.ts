import { structSql } from './coercion.js';
import { query } from './compile.js';
import { queryPlan } from './finish.js';
import { identifierName } from './literals.js';
import { withoutGrowth } from './macro-calls.js';
import { type QueryPlan, SqlError, type VariablePlan } from './plan.js';
import { Scope, type Variable } from './scope.js';
import type { ScriptContext } from './script-session.js';
import { has, need, notSupported, only, positionOf, type SyntaxNode } from './syntax.js';
import { newTranslation, readCharacters } from './translate.js';
import { quoteName, type SqlType } from './types.js';
import { assignment, variableNamed } from './variables.js';

/** FOR … IN: its rows are kept while it runs, and come one by one by their places. */
export interface ForLoop {
  /** The variable's name in lower case, and what it is. */
  readonly name: string;
  readonly variable: Variable;
  /** Keeps the rows. */
  readonly begin: VariablePlan;
  /** How many there are, as text. */
  readonly count: QueryPlan;
  /** Gives the variable the row of that place, from 0. */
  take(place: number): VariablePlan;
  readonly end: VariablePlan;
}

/** `depth`: of loops within loops, from 1. */
export function forLoop(node: SyntaxNode, context: ScriptContext, depth: number): ForLoop {
  if (has(node, 'leading_label')) throw notSupported('FOR with a label', node);
  only(node, 'ident', 'in', 'do', 'end_for');
  const ident = need(node, 'ident');
  const name = identifierName(ident);
  if (context.session.variables.has(name.toLowerCase()))
    throw new SqlError('invalidQuery', `Variable '${name}' redeclaration`, positionOf(ident));
  const rows = need(need(node, 'in'), 'group');
  const translation = newTranslation(context);
  const found = query(rows, new Scope(translation));
  if (found.isValue) throw notSupported('FOR over values that are no rows (SELECT AS)', rows);
  if (found.columns.some((column) => column.name === ''))
    throw notSupported('FOR over columns without a name', rows);
  const { tables, relations } = queryPlan(found, translation, rows);
  const type: SqlType = {
    kind: 'STRUCT',
    fields: found.columns.map((column) => ({ name: column.name, type: column.type })),
  };
  const names = found.columns.map((_, i) => ({ sql: `c${i}` }));
  const kept = quoteName(`for ${depth};`);
  const plan = (sql: string): VariablePlan => ({ kind: 'set', sql: [sql], relations: [], tables: [] });
  const values = found.columns.map(({ sqlName }, i) => `q.${sqlName} AS c${i}`).join(', ');
  return {
    name: name.toLowerCase(),
    variable: variableNamed(name, type),
    begin: withoutGrowth(
      {
        ...plan(`CREATE OR REPLACE TEMP TABLE ${kept} AS SELECT ${values} FROM (${found.sql}) AS q`),
        relations,
        tables,
      },
      readCharacters(translation),
    ),
    count: {
      kind: 'query',
      sql: `SELECT CAST(COUNT(*) AS VARCHAR) AS n FROM ${kept}`,
      columns: [{ name: 'n', type: 'STRING' }],
      relations: [],
      tables: [],
    },
    take: (place) =>
      plan(assignment(name, `(SELECT ${structSql(names, type)} FROM ${kept} WHERE rowid = ${place})`)),
    end: plan(`DROP TABLE ${kept}`),
  };
}
