/**
 * Whether what was typed so far is to be run: it ends with a semicolon that is outside of texts, names, comments and
 * blocks. DECLARE and SET wait for the statement that uses their variables, since they last no longer than one input.
 */
export function isWholeInput(text: string): boolean {
  const reader = new StatementReader();
  for (const [token] of text.matchAll(TOKENS)) reader.take(token);
  return reader.isWhole;
}

/** Nothing but spaces and comments. */
export function isBlankInput(text: string): boolean {
  return [...text.matchAll(TOKENS)].every(([token]) => COMMENT.test(token));
}

/** A text that does not end yet is one token to the end. */
const TOKENS = new RegExp(
  [
    /(?:--|#)[^\n]*/,
    /\/\*[\s\S]*?(?:\*\/|$)/,
    /"""(?:\\[\s\S]|(?!""")[^\\])*(?:"""|\\?$)/,
    /'''(?:\\[\s\S]|(?!''')[^\\])*(?:'''|\\?$)/,
    /"(?:\\[\s\S]|[^"\\])*(?:"|\\?$)/,
    /'(?:\\[\s\S]|[^'\\])*(?:'|\\?$)/,
    /`(?:\\[\s\S]|[^`\\])*(?:`|\\?$)/,
    /\w+/,
    /[^\s\w]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
const COMMENT = /^(?:--|#|\/\*)/;
/** What begins a block that has its own END, where a statement begins. */
const BLOCKS = new Set(['IF', 'BEGIN', 'WHILE', 'LOOP', 'REPEAT', 'FOR', 'CASE']);
/** After these, inside of a block, a statement begins. */
const BEFORE_STATEMENTS = new Set(['THEN', 'ELSE', 'DO', 'BEGIN', 'LOOP', 'REPEAT']);

class StatementReader {
  #depth = 0;
  /** CASE … END within a statement. */
  #caseDepth = 0;
  #atStart = true;
  #first = '';
  #last = '';
  #lastFirst = '';

  get isWhole(): boolean {
    return this.#last === ';' && this.#depth === 0 && !['DECLARE', 'SET'].includes(this.#lastFirst);
  }

  take(token: string): void {
    if (COMMENT.test(token)) return;
    const word = token.toUpperCase();
    if (word === ';') this.#endStatement();
    else if (this.#atStart) this.#startStatement(word);
    else this.#goOn(word);
    this.#last = word;
  }

  #endStatement(): void {
    // BEGIN; and BEGIN TRANSACTION; are no blocks.
    if (this.#last === 'BEGIN' || (this.#first === 'BEGIN' && this.#last === 'TRANSACTION')) this.#depth--;
    this.#lastFirst = this.#first;
    this.#atStart = true;
    this.#caseDepth = 0;
  }

  #startStatement(word: string): void {
    this.#first = word;
    this.#atStart = BEFORE_STATEMENTS.has(word);
    if (word === 'END') this.#depth = Math.max(0, this.#depth - 1);
    else if (BLOCKS.has(word)) this.#depth++;
    // BEGIN TRANSACTION; and the words of an END.
    if (word === 'TRANSACTION') this.#first = 'BEGIN';
  }

  #goOn(word: string): void {
    if (this.#first === 'END') return;
    if (word === 'CASE') this.#caseDepth++;
    else if (word === 'END' && this.#caseDepth > 0) this.#caseDepth--;
    else if (this.#caseDepth === 0 && this.#depth > 0 && BEFORE_STATEMENTS.has(word)) this.#atStart = true;
  }
}
