import { castSql } from './casts.js';
import { listed } from './compile.js';
import { composed, type Expression } from './expression.js';
import { identifierName } from './literals.js';
import { parseStatements } from './parser.js';
import { type QueryParameter, type QueryPlan, SqlError, type VariablePlan } from './plan.js';
import type { ScriptContext } from './script-session.js';
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
import { translateValue, translateValues } from './translate.js';
import { columnType, quoteName, type SqlType, STRING, typeName } from './types.js';
import { assignment, converted, type KnownVariable, known } from './variables.js';

/** What EXECUTE IMMEDIATE asks for before its statement is known. */
export interface ExecuteImmediate {
  /** The query of the statement's text. */
  readonly text: QueryPlan;
  /** The query of one row with the values of USING, as text; absent without USING. */
  readonly values?: QueryPlan;
  /** The parameters, when these values are there. */
  parameters(values: readonly unknown[]): readonly QueryParameter[];
  /** The variables of INTO; empty without it. */
  readonly into: readonly KnownVariable[];
}

export function readExecute(node: SyntaxNode, context: ScriptContext): ExecuteImmediate {
  only(node, 'immediate', 'sql_expr', 'into', 'using');
  const text = translateValue(need(node, 'sql_expr'), STRING, 'The statement of EXECUTE IMMEDIATE', context);
  const into = intoVariables(child(node, 'into'), context);
  const using = child(node, 'using');
  if (using === undefined) return { text, parameters: () => [], into };
  const given = list(using, 'exprs');
  const names = parameterNames(given, node);
  const types: SqlType[] = [];
  const values = translateValues(
    context,
    (scope) =>
      given.map((one) => {
        const value = listed(one, scope);
        types.push(value.type);
        return asText(value, one);
      }),
    using,
  );
  const parameters = (found: readonly unknown[]) =>
    types.map(({ kind }, i) => ({
      ...(names[i] === undefined ? {} : { name: names[i] }),
      parameterType: { type: kind },
      parameterValue: { value: found[i] as string | null },
    }));
  return { text, values, parameters, into };
}

function intoVariables(into: SyntaxNode | undefined, { session }: ScriptContext): KnownVariable[] {
  if (into === undefined) return [];
  const nodes = list(into, 'exprs');
  const found = nodes.map((one) => known(one, session));
  const names = found.map(({ name }) => name.toLowerCase());
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice < 0) return found;
  throw invalid(
    nodes[twice]!,
    'EXECUTE IMMEDIATE with INTO clause cannot assign to the same variable multiple times',
  );
}

/** All have one, or none. */
function parameterNames(given: readonly SyntaxNode[], node: SyntaxNode): (string | undefined)[] {
  const names = given.map((one) => {
    const alias = child(one, 'alias');
    return alias === undefined ? undefined : identifierName(alias);
  });
  const named = names.filter((name) => name !== undefined).map((name) => name.toLowerCase());
  if (named.length > 0 && named.length < names.length) {
    throw invalid(node, 'EXECUTE IMMEDIATE USING parameters must be all positional or all named');
  }
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice !== undefined) {
    throw invalid(
      node,
      `EXECUTE IMMEDIATE USING parameters must have unique names, found duplicate name: ${twice}`,
    );
  }
  return names;
}

/** As a parameter's value is written. */
function asText(value: Expression, node: SyntaxNode): Expression {
  const { type, sql } = value;
  if (type.kind === 'ARRAY' || type.kind === 'STRUCT' || type.kind === 'INTERVAL')
    throw notSupported(`USING with a value of type ${typeName(type)}`, node);
  const text =
    type.kind === 'BYTES'
      ? `base64(${sql})`
      : type.kind === 'JSON'
        ? `CAST(${sql} AS VARCHAR)`
        : castSql(sql, type, STRING)!;
  return composed(text, STRING, value);
}

/** The one statement of a text: a query, a change of rows or a definition. */
export function dynamicStatement(text: unknown, node: SyntaxNode): SyntaxNode {
  const at = need(node, 'sql_expr');
  if (typeof text !== 'string') throw invalid(at, 'EXECUTE IMMEDIATE sql string cannot be NULL');
  const statements = parsed(text, at);
  const [statement] = statements;
  if (statement === undefined) throw invalid(at, 'Empty EXECUTE IMMEDIATE sql string cannot be executed');
  if (statements.length > 1)
    throw invalid(at, 'EXECUTE IMMEDIATE sql string must contain exactly one statement');
  if (OF_SCRIPTS.test(statement.node_type))
    throw notSupported(`${keyword(statement)} within EXECUTE IMMEDIATE`, at);
  return statement;
}

const OF_SCRIPTS =
  /^(?:Begin|If|Case|While|Loop|Repeat|For|BreakContinue|SingleToken|Raise|Execute|Declare|Set|Call|Transaction)Statement$/;

function parsed(text: string, at: SyntaxNode): SyntaxNode[] {
  try {
    return parseStatements(text);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const message = `Invalid EXECUTE IMMEDIATE sql string \`${text}\`, ${error.message}`;
    throw new SqlError(error.reason, message, positionOf(at));
  }
}

const ROWS = quoteName('into;');

/** What INTO does with a query: its first row is kept and goes into the variables; NULL where there is none. */
export function intoPlan(
  { sql, columns, relations, tables }: QueryPlan,
  into: readonly KnownVariable[],
  node: SyntaxNode,
): VariablePlan {
  if (columns.length !== into.length) {
    throw invalid(
      node,
      `Variables returned by Dynamic SQL do not match number of variables in INTO clause, expected ${into.length} columns, but got ${columns.length}`,
    );
  }
  const names = columns.map((_, i) => `c${i}`);
  const keep = `CREATE OR REPLACE TEMP TABLE ${ROWS} AS SELECT * FROM (${sql}) AS q(${names.join(', ')}) LIMIT 2`;
  const each = into.map((target, i) => {
    const value = converted(composed(names[i]!, columnType(columns[i]!)), target, node);
    return assignment(target.name, `(SELECT ${value} FROM ${ROWS} WHERE rowid = 0)`);
  });
  return { kind: 'set', sql: [keep, ...each], relations, tables };
}

/** Whether there was more than one row. */
export const INTO_HAS_MORE: QueryPlan = {
  kind: 'query',
  sql: `SELECT COUNT(*) > 1 AS more FROM ${ROWS}`,
  columns: [{ name: 'more', type: 'BOOL' }],
  relations: [],
  tables: [],
};

export const INTO_END: VariablePlan = {
  kind: 'set',
  sql: [`DROP TABLE ${ROWS}`],
  relations: [],
  tables: [],
};
