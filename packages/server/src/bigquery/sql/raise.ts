import { type Position, type QueryPlan, SqlError } from './plan.js';
import type { ScriptContext } from './script-session.js';
import { child, invalid, keyword, need, only, type SyntaxNode, syntaxError } from './syntax.js';
import { translateValue } from './translate.js';
import { STRING } from './types.js';

/** What RAISE USING MESSAGE fails with; `text` is what it was given. */
export class RaisedError extends SqlError {
  readonly text: string;

  constructor(text: string, position: Position) {
    super('invalidQuery', text, position);
    this.text = text;
  }
}

/** What `@@error.message` says of an error. */
export function errorText(error: unknown): string {
  if (error instanceof RaisedError) return error.text;
  return error instanceof Error ? error.message : String(error);
}

/** What is not there yet would not fail on Google Cloud: no handler may take it for an error. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof RaisedError || !(error instanceof Error)) return false;
  return /\b(?:is|are) not supported here\b/.test(error.message);
}

/** The query of RAISE's message; undefined where the error that is handled is raised again. */
export function raisedMessage(node: SyntaxNode, context: ScriptContext): QueryPlan | undefined {
  only(node, 'using');
  const using = child(node, 'using');
  if (using === undefined) {
    if (context.session.error === undefined)
      throw invalid(node, 'Cannot re-raise an existing exception outside of an exception handler');
    return undefined;
  }
  const equals = need(using, 'expr');
  if (equals.token?.literal !== '=' || keyword(need(equals, 'left')) !== 'MESSAGE')
    throw syntaxError(using, 'Expected "MESSAGE ="');
  return translateValue(need(equals, 'right'), STRING, 'The message of RAISE', context);
}
