import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import type { Expression } from './expression.js';
import { identifierName } from './literals.js';
import { type Plan, SqlError } from './plan.js';
import type { Scope, SessionNames, Variable } from './scope.js';
import { child, invalid, list, need, only, positionOf, type SyntaxNode } from './syntax.js';
import { typeOf } from './type-syntax.js';
import { duckDbType, quoteName, quoteText, type SqlType, typeName } from './types.js';

export interface KnownVariable {
  readonly name: string;
  readonly type: SqlType;
}

/** Where DuckDB keeps a variable: on the connection, so scripts of others never see it. */
export function variableNamed(name: string, type: SqlType): Variable {
  return { sql: `CAST(getvariable(${quoteText(storedName(name))}) AS ${duckDbType(type)})`, type };
}

function storedName(name: string): string {
  return `bq_${name.toLowerCase()}`;
}

/** The variables that a DECLARE makes, with their types. */
export function declaredVariables(node: SyntaxNode, scope: Scope): { name: string; type: SqlType }[] {
  const typeNode = child(node, 'variable_type');
  const defaultNode = child(node, 'default');
  const type = typeNode === undefined ? initialValue(defaultNode, node, scope).type : typeOf(typeNode);
  return list(node, 'idents').map((one) => {
    const name = identifierName(one);
    if (scope.translation.session.variables.has(name.toLowerCase())) {
      throw new SqlError('invalidQuery', `Variable '${name}' redeclaration`, positionOf(one));
    }
    return { name, type };
  });
}

function initialValue(node: SyntaxNode | undefined, at: SyntaxNode, scope: Scope): Expression {
  if (node === undefined) throw invalid(at, 'DECLARE needs a type or a default');
  return expression(need(node, 'expr'), scope);
}

export function declareOrSet(node: SyntaxNode, scope: Scope): Plan {
  return node.node_type === 'DeclareStatement' ? declare(node, scope) : set(node, scope);
}

function plan(kind: 'declare' | 'set', sql: readonly string[], scope: Scope): Plan {
  return {
    kind,
    sql,
    relations: scope.translation.relations,
    tables: [...scope.translation.tables.values()],
  };
}

function declare(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'idents', 'variable_type', 'default');
  const [first, ...others] = declaredVariables(node, scope);
  const defaultNode = child(node, 'default');
  const value =
    defaultNode === undefined
      ? `CAST(NULL AS ${duckDbType(first!.type)})`
      : converted(initialValue(defaultNode, node, scope), first!, defaultNode);
  const copies = others.map(({ name }) =>
    assignment(name, `getvariable(${quoteText(storedName(first!.name))})`),
  );
  return plan('declare', [assignment(first!.name, value), ...copies], scope);
}

/** Gives a variable the value of that SQL. */
export function assignment(name: string, sql: string): string {
  return `SET VARIABLE ${quoteName(storedName(name))} = ${sql}`;
}

/** The SQL of a value for a variable; throws where it is of a type that cannot be. */
export function converted(value: Expression, { name, type }: KnownVariable, node: SyntaxNode): string {
  if (cost(value, type) === undefined) {
    throw invalid(
      node,
      `Cannot coerce expression of type ${typeName(value.type)} to type ${typeName(type)} of variable ${name}`,
    );
  }
  return coerced(value, type, node).sql;
}

/** `SET x = 1`, `SET (x, y) = (1, 2)`: all values are taken before any is given. */
function set(node: SyntaxNode, scope: Scope): Plan {
  only(node, 'expr');
  const assign = need(node, 'expr');
  if (assign.node_type !== 'BinaryOperator' || assign.token?.literal !== '=')
    throw invalid(assign, 'Syntax error: Expected "="');
  const [left, right] = [need(assign, 'left'), need(assign, 'right')];
  const value = expression(right, scope);
  if (left.node_type === 'Identifier') {
    const target = known(left, scope.translation.session);
    return plan('set', [assignment(target.name, converted(value, target, right))], scope);
  }
  const targets = list(left, 'exprs').map((one) => known(one, scope.translation.session));
  const { type } = value;
  if (targets.length === 0 || type.kind !== 'STRUCT' || type.fields.length !== targets.length) {
    throw invalid(assign, `SET of ${targets.length} variables needs as many values`);
  }
  const struct = {
    kind: 'STRUCT' as const,
    fields: targets.map((target, i) => ({ name: `v${i}`, type: target.type })),
  };
  if (cost(value, struct) === undefined)
    throw invalid(right, `Cannot assign ${typeName(type)} to these variables`);
  const all = assignment('$all', coerced(value, struct, right).sql);
  const each = targets.map((target, i) =>
    assignment(target.name, `struct_extract(getvariable(${quoteText(storedName('$all'))}), 'v${i}')`),
  );
  return plan('set', [all, ...each], scope);
}

/** A variable that was declared. */
export function known(node: SyntaxNode, session: SessionNames): KnownVariable {
  const name = identifierName(node);
  const variable = session.variables.get(name.toLowerCase());
  if (variable === undefined) throw invalid(node, `Undeclared variable: ${name}`);
  return { name, type: variable.type };
}
