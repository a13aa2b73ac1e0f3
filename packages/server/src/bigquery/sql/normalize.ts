import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { composed, type Expression } from './expression.js';
import type { Scope } from './scope.js';
import { invalid, keyword, list, notSupported, only, type SyntaxNode } from './syntax.js';
import { STRING, typeName } from './types.js';

/** `NORMALIZE(text[, NFC])`: the store knows one of the four forms. */
export function normalize(node: SyntaxNode, scope: Scope): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const [textNode, mode, ...more] = list(node, 'args');
  if (textNode === undefined || more.length > 0)
    throw invalid(node, 'No matching signature for function NORMALIZE: it takes 1 to 2 arguments');
  const text = expression(textNode, scope);
  if (cost(text, STRING) === undefined)
    throw invalid(
      node,
      `No matching signature for function NORMALIZE for argument type: ${typeName(text.type)}`,
    );
  const form = mode === undefined ? 'NFC' : keyword(mode);
  if (!['NFC', 'NFD', 'NFKC', 'NFKD'].includes(form))
    throw invalid(node, `A valid normalization mode is required but found ${form}`);
  if (form !== 'NFC') throw notSupported(`NORMALIZE with ${form}`, node);
  return composed(`nfc_normalize(${coerced(text, STRING, node).sql})`, STRING, text);
}
