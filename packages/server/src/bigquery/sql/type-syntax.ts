import { identifierName } from './literals.js';
import type { ScalarType } from './plan.js';
import { child, invalid, keyword, list, need, notSupported, type SyntaxNode } from './syntax.js';
import { arrayOf, isBigNumeric, NO_BIGNUMERIC, SCALAR_TYPES, type SqlType, scalar } from './types.js';

const OTHER_NAMES: Readonly<Record<string, ScalarType>> = {
  INT: 'INT64',
  SMALLINT: 'INT64',
  INTEGER: 'INT64',
  BIGINT: 'INT64',
  TINYINT: 'INT64',
  BYTEINT: 'INT64',
  DECIMAL: 'NUMERIC',
  BOOLEAN: 'BOOL',
};

export function scalarNamed(name: string): ScalarType | undefined {
  const upper = name.toUpperCase();
  return SCALAR_TYPES.find((kind) => kind === upper) ?? OTHER_NAMES[upper];
}

/** A type as it is written in CAST and DECLARE, and within a type: a length or a precision would not be heeded there. */
export function typeOf(node: SyntaxNode): SqlType {
  const parameter = child(node, 'parameter');
  if (parameter !== undefined)
    throw notSupported(`${keyword(node)} with parameters in this place`, parameter);
  return columnTypeOf(node);
}

/** The type of a column, which may have parameters. */
export function columnTypeOf(node: SyntaxNode): SqlType {
  const name = keyword(node);
  if (name === 'ARRAY') {
    const inner = child(node, 'type_declaration');
    if (inner === undefined) throw invalid(node, 'Syntax error: Expected "<" after ARRAY');
    const element = typeOf(need(inner, 'type'));
    if (element.kind === 'ARRAY') throw invalid(node, 'Array of array types are not supported');
    return arrayOf(element);
  }
  if (name === 'STRUCT') {
    const inner = child(node, 'type_declaration');
    if (inner === undefined) throw invalid(node, 'Syntax error: Expected "<" after STRUCT');
    return { kind: 'STRUCT', fields: list(inner, 'declarations').map(structField) };
  }
  const kind = scalarNamed(name);
  if (kind !== undefined) return scalar(kind);
  if (isBigNumeric(name)) throw invalid(node, NO_BIGNUMERIC);
  if (['GEOGRAPHY', 'RANGE', 'ANY'].includes(name)) throw notSupported(`The type ${name}`, node);
  throw invalid(node, `Type not found: ${name}`);
}

/** Of a field without a name, the parser gives the type alone. */
function structField(declaration: SyntaxNode): { name: string; type: SqlType } {
  if (declaration.node_type === 'Type') return { name: '', type: typeOf(declaration) };
  const type = need(declaration, 'type');
  return { name: declaration.token === null ? '' : identifierName(declaration), type: typeOf(type) };
}
