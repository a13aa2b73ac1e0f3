import { arraySql, coerced, cost, structSql, superType } from './coercion.js';
import { expression, listed } from './compile.js';
import { composed, type Expression } from './expression.js';
import { identifierName } from './literals.js';
import type { Scope } from './scope.js';
import { child, invalid, list, need, only, type SyntaxNode } from './syntax.js';
import { typeOf } from './type-syntax.js';
import { arrayOf, INT64, type SqlType, typeName } from './types.js';

/** `[1, 2]`, `ARRAY[1, 2]`, `ARRAY<INT64>[1, 2]`. */
export function arrayLiteral(node: SyntaxNode, scope: Scope): Expression {
  const nodes = list(node, 'exprs');
  const typeNode = child(node, 'type');
  const declared =
    typeNode !== undefined && child(typeNode, 'type_declaration') !== undefined
      ? typeOf(typeNode)
      : undefined;
  const elements = nodes.map((one) => expression(one, scope));
  const element =
    declared?.kind === 'ARRAY' ? declared.element : elements.length === 0 ? INT64 : superType(elements);
  if (element === undefined) {
    const types = elements.map(({ type }) => typeName(type)).join(', ');
    throw invalid(node, `Array elements of types {${types}} do not have a common supertype`);
  }
  if (element.kind === 'ARRAY')
    throw invalid(
      node,
      'Cannot construct array with element type ARRAY because nested arrays are not supported',
    );
  for (const [i, one] of elements.entries()) {
    if (cost(one, element) === undefined) {
      throw invalid(
        nodes[i]!,
        `Array element type ${typeName(one.type)} does not coerce to ${typeName(element)}`,
      );
    }
  }
  const parts = elements.map((one, i) => coerced(one, element, nodes[i]!));
  const found = composed(arraySql(parts, element), arrayOf(element), ...parts);
  return { ...found, coercible: parts.every(({ coercible }) => coercible) && declared === undefined, parts };
}

/** `STRUCT(1 AS a)`, `STRUCT<a INT64>(1)`, `(1, 2)`. */
export function structLiteral(node: SyntaxNode, scope: Scope): Expression {
  const nodes = list(node, 'exprs');
  const typeNode = child(node, 'type');
  const declared =
    typeNode !== undefined && child(typeNode, 'type_declaration') !== undefined
      ? typeOf(typeNode)
      : undefined;
  const values = nodes.map((one) => listed(one, scope));
  if (declared?.kind === 'STRUCT') return typedStruct(declared, values, nodes, node);
  const named = typeNode !== undefined;
  const fields = values.map(({ type, name }, i) => {
    const alias = child(nodes[i]!, 'alias');
    if (alias !== undefined && !named) throw invalid(alias, 'Syntax error: Expected ")" but got keyword AS');
    return { name: alias === undefined ? (named ? (name ?? '') : '') : identifierName(alias), type };
  });
  return struct({ kind: 'STRUCT', fields }, values, node);
}

function typedStruct(
  type: Extract<SqlType, { kind: 'STRUCT' }>,
  values: readonly Expression[],
  nodes: readonly SyntaxNode[],
  node: SyntaxNode,
): Expression {
  if (values.length !== type.fields.length) {
    throw invalid(
      node,
      `STRUCT type has ${type.fields.length} fields but constructor call has ${values.length} fields`,
    );
  }
  const parts = values.map((one, i) => {
    const field = type.fields[i]!;
    if (cost(one, field.type) === undefined) {
      throw invalid(
        nodes[i]!,
        `Struct field ${i + 1} has type ${typeName(one.type)} which does not coerce to ${typeName(field.type)}`,
      );
    }
    return coerced(one, field.type, nodes[i]!);
  });
  return struct(type, parts, node);
}

function struct(
  type: Extract<SqlType, { kind: 'STRUCT' }>,
  parts: readonly Expression[],
  node: SyntaxNode,
): Expression {
  if (type.fields.length === 0) throw invalid(node, 'A STRUCT without fields is not supported here');
  const names = type.fields.map(({ name }) => name.toLowerCase()).filter((name) => name !== '');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw invalid(node, `A STRUCT with two fields named ${twice} is not supported here`);
  return { ...composed(structSql(parts, type), type, ...parts), parts };
}

/** The array of an `UNNEST(…)`, wherever it stands. */
export function unnestArgument(node: SyntaxNode, scope: Scope): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'with_offset');
  const [argument, ...others] = list(node, 'args');
  if (argument === undefined || others.length > 0) throw invalid(node, 'UNNEST takes one array');
  const value = expression(argument, scope);
  if (value.type.kind !== 'ARRAY') {
    throw invalid(
      argument,
      `Values referenced in UNNEST must be arrays. UNNEST contains expression of type ${typeName(value.type)}`,
    );
  }
  need(node, 'func');
  return value;
}
