import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { composed, type Expression, isNull } from './expression.js';
import type { Scope } from './scope.js';
import { invalid, keyword, list, need, type SyntaxNode } from './syntax.js';
import { duckDbType, INT64, scalar, typeName } from './types.js';

const POSITIONS: Readonly<Record<string, string>> = {
  OFFSET: 'bq_offset',
  SAFE_OFFSET: 'bq_safe_offset',
  ORDINAL: 'bq_ordinal',
  SAFE_ORDINAL: 'bq_safe_ordinal',
};

/** `array[OFFSET(1)]`, `array[1]`, `json['name']`, `json[0]`, `struct[0]`. */
export function access(node: SyntaxNode, scope: Scope): Expression {
  const left = expression(need(node, 'left'), scope);
  const right = need(node, 'right');
  const { type } = left;
  if (type.kind === 'JSON') return jsonMember(left, right, scope);
  if (type.kind !== 'ARRAY') {
    throw invalid(node, `Element access using [] is not supported on values of type ${typeName(type)}`);
  }
  const positioned =
    right.node_type === 'CallingFunction' ? POSITIONS[keyword(need(right, 'func'))] : undefined;
  const indexNode = positioned === undefined ? right : list(right, 'args')[0];
  if (indexNode === undefined) throw invalid(right, 'An array position is missing');
  const index = expression(indexNode, scope);
  if (cost(index, INT64) === undefined) {
    throw invalid(
      indexNode,
      `Array position in [] must be coercible to INT64 type, but has type ${typeName(index.type)}`,
    );
  }
  const at = coerced(index, INT64, indexNode);
  const sql = `${positioned ?? 'bq_offset'}(${left.sql}, ${at.sql})`;
  return composed(
    isNull(index) ? `CAST(${sql} AS ${duckDbType(type.element)})` : sql,
    type.element,
    left,
    at,
  );
}

function jsonMember(left: Expression, right: SyntaxNode, scope: Scope): Expression {
  const index = expression(right, scope);
  if (index.type.kind === 'INT64') {
    return composed(`json_extract(${left.sql}, bq_json_index(${index.sql}))`, scalar('JSON'), left, index);
  }
  if (index.type.kind === 'STRING') {
    return composed(`json_extract(${left.sql}, bq_json_member(${index.sql}))`, scalar('JSON'), left, index);
  }
  throw invalid(
    right,
    `Subscript access using [${typeName(index.type)}] is not supported on values of type JSON`,
  );
}
