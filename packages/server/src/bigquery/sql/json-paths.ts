import { type Expression, isNull } from './expression.js';
import { invalid, type SyntaxNode } from './syntax.js';
import { quoteText } from './types.js';

/** A member of an object, or the place of an element. */
export type PathStep = { readonly name: string } | { readonly index: number };

/** `.name`, `."any name"`, `['any name']`, `[0]` */
const PATH_STEP = /\.([\p{L}\p{N}_-]+)|\."([^"]*)"|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/gu;

/** A JSONPath, which must be known; undefined for NULL. */
export function pathSteps(path: Expression, node: SyntaxNode): PathStep[] | undefined {
  if (isNull(path)) return undefined;
  const text = path.literal?.value;
  if (typeof text !== 'string') throw invalid(node, 'JSONPath must be a string literal or query parameter');
  const found = [...text.slice(1).matchAll(PATH_STEP)];
  if (!text.startsWith('$') || found.reduce((length, [step]) => length + step.length, 1) !== text.length) {
    throw invalid(node, `Invalid JSONPath: ${text}`);
  }
  return found.map(([, ...parts]) => {
    const index = parts.pop();
    return index === undefined ? { name: parts.find((one) => one !== undefined)! } : { index: Number(index) };
  });
}

/** As DuckDB reads it, as a text of SQL. */
export function duckDbPath(steps: readonly PathStep[]): string {
  const parts = steps.map((step) => ('index' in step ? `[${step.index}]` : `."${step.name}"`));
  return quoteText(`$${parts.join('')}`);
}
