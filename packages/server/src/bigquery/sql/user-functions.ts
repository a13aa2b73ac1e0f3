import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { composed, type Expression } from './expression.js';
import { Scope, type UserFunction } from './scope.js';
import { invalid, list, notSupported, only, type SyntaxNode } from './syntax.js';
import { typeName } from './types.js';

/** Functions that call functions that call functions. */
const DEPTH_MAX = 32;

/** A call of a function that the script made: its body, with the arguments in the place of the parameters. */
export function userFunctionCall(called: UserFunction, node: SyntaxNode, scope: Scope): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const nodes = list(node, 'args');
  if (nodes.length !== called.parameters.length) {
    throw invalid(
      node,
      `No matching signature for function ${called.name}: it takes ${called.parameters.length} arguments, not ${nodes.length}`,
    );
  }
  if (scope.translation.viewDepth > DEPTH_MAX) throw notSupported('A function that calls itself', node);
  const values = nodes.map((one, i) => {
    const value = expression(one, scope);
    const { type } = called.parameters[i]!;
    if (type === undefined) return value;
    if (cost(value, type) === undefined)
      throw invalid(
        one,
        `Argument ${i + 1} of ${called.name} is ${typeName(value.type)}, not ${typeName(type)}`,
      );
    return coerced(value, type, one);
  });
  const variables = new Map(values.map((value, i) => [called.parameters[i]!.name.toLowerCase(), value]));
  const translation = { ...scope.translation, viewDepth: scope.translation.viewDepth + 1 };
  const body = expression(called.body, new Scope(translation, undefined, variables));
  const found = called.returns === undefined ? body : coerced(body, called.returns, node);
  return composed(found.sql, found.type, ...values);
}
