import type { SyntaxNode } from './syntax.js';

/** A function's call by a name without a dot. */
const CALL = /([A-Za-z_]\w*)[ \t]*\(/y;
/** What the parser reads otherwise than as a call of values, or as no call at all. */
const OTHER_CALLS = new Set(
  'ALL AND ANY ARRAY CASE CAST EXISTS EXTRACT IN INTERVAL NOT OR SAFE_CAST SELECT SOME STRUCT UNNEST WITH'.split(
    ' ',
  ),
);
const DEPTH_MAX = 20;
/** Shorter texts are read whole by the parser. */
const CHARACTERS_MIN = 4_000;
const HEAD = /^\s*INSERT\s+(?:INTO\s+)?[\w`.-]+\s*(?:\([\w`,\s]*\)\s*)?VALUES\s*/i;
const SPACE = /\s*/y;
const LITERAL =
  /(NULL|TRUE|FALSE)\b|(-?)(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?!\w)|(?:(DATE|DATETIME|TIMESTAMP)[ \t]+)?('(?!'')(?:[^'\\\n]|\\.)*'|"(?!"")(?:[^"\\\n]|\\.)*")/iy;

export interface BulkInsert {
  /** The statement with its first row, for the parser. */
  readonly head: string;
  /** The other rows, as the parser would have given them. */
  readonly rows: readonly SyntaxNode[];
}

/**
 * `INSERT … VALUES` of thousands of rows. The parser takes milliseconds for each kilobyte, and whatever else the
 * process does would wait: so the first row goes to it with the statement, and the others are read here: literals,
 * arrays, structs and calls of functions of those. Undefined where anything else stands in them.
 */
export function readBulkInsert(text: string): BulkInsert | undefined {
  if (text.length < CHARACTERS_MIN) return undefined;
  const start = HEAD.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  const reader = new RowReader(text, start);
  if (reader.row() === undefined) return undefined;
  const headEnd = reader.at;
  const rows: SyntaxNode[] = [];
  while (reader.take(',')) {
    const row = reader.row();
    if (row === undefined) return undefined;
    rows.push(row);
  }
  reader.take(';');
  return reader.at === text.length ? { head: text.slice(0, headEnd), rows } : undefined;
}

class RowReader {
  readonly #text: string;
  at: number;
  #line = 1;
  #lineStart = 0;
  /** Where the line ends; before `#lineStart` while that is not looked up. */
  #nextLine = -1;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  /** One of the marks between values, and the space around it. */
  take(mark: string): boolean {
    this.#space();
    if (this.#text[this.at] !== mark) return false;
    this.at++;
    this.#space();
    return true;
  }

  row(): SyntaxNode | undefined {
    const token = this.#token('(');
    if (!this.take('(')) return undefined;
    const values = this.#values(')', 0);
    if (values === undefined) return undefined;
    return { token, node_type: 'GroupedExprs', children: { exprs: { NodeVec: values } } };
  }

  /** One or more, up to what closes them. */
  #values(close: string, depth: number): SyntaxNode[] | undefined {
    const values: SyntaxNode[] = [];
    do {
      const value = this.#value(depth);
      if (value === undefined) return undefined;
      values.push(value);
    } while (this.take(','));
    return this.take(close) ? values : undefined;
  }

  #value(depth: number): SyntaxNode | undefined {
    if (depth > DEPTH_MAX) return undefined;
    if (this.#text[this.at] === '[') return this.#list('[', ']', 'ArrayLiteral', depth);
    return this.#literal() ?? this.#call(depth);
  }

  /** Not empty: those are read by the parser. */
  #list(open: string, close: string, kind: string, depth: number): SyntaxNode | undefined {
    const token = this.#token(open);
    this.take(open);
    const values = this.#values(close, depth + 1);
    return values === undefined
      ? undefined
      : { token, node_type: kind, children: { exprs: { NodeVec: values } } };
  }

  /** `name(…)`, `STRUCT(…)`. */
  #call(depth: number): SyntaxNode | undefined {
    CALL.lastIndex = this.at;
    const [whole, name] = CALL.exec(this.#text) ?? [];
    if (whole === undefined || name === undefined) return undefined;
    const word = name.toUpperCase();
    if (word !== 'STRUCT' && OTHER_CALLS.has(word)) return undefined;
    const named = { token: this.#token(name), children: {} };
    this.at += whole.length - 1;
    const token = this.#token('(');
    if (word === 'STRUCT') {
      const struct = this.#list('(', ')', 'StructLiteral', depth);
      return (
        struct && {
          ...struct,
          children: { ...struct.children, type: { Node: { ...named, node_type: 'Type' } } },
        }
      );
    }
    const func = { Node: { ...named, node_type: 'Identifier' } };
    this.take('(');
    if (this.take(')')) return { token, node_type: 'CallingFunction', children: { func } };
    const values = this.#values(')', depth + 1);
    return values && { token, node_type: 'CallingFunction', children: { func, args: { NodeVec: values } } };
  }

  #literal(): SyntaxNode | undefined {
    LITERAL.lastIndex = this.at;
    const found = LITERAL.exec(this.#text);
    if (found === null) return undefined;
    const [whole, word, minus, number, type, text] = found;
    const leaf = (kind: string, literal: string): SyntaxNode => ({
      token: this.#token(literal, whole.length - literal.length),
      node_type: kind,
      children: {},
    });
    const before = (operator: string, right: SyntaxNode): SyntaxNode => ({
      token: this.#token(operator),
      node_type: 'UnaryOperator',
      children: { right: { Node: right } },
    });
    let node: SyntaxNode;
    if (word !== undefined)
      node = leaf(word.toUpperCase() === 'NULL' ? 'NullLiteral' : 'BooleanLiteral', word);
    else if (number !== undefined) {
      node = leaf('NumericLiteral', number);
      if (minus === '-') node = before('-', node);
    } else {
      node = leaf('StringLiteral', text!);
      if (type !== undefined) node = before(type, node);
    }
    this.at += whole.length;
    return node;
  }

  #space(): void {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  /** A token that begins here, or some characters further in the line, with its place. */
  #token(literal: string, further = 0): { line: number; column: number; literal: string } {
    for (;;) {
      if (this.#nextLine < this.#lineStart) this.#nextLine = this.#endOfLine();
      if (this.#nextLine >= this.at) break;
      this.#line++;
      this.#lineStart = this.#nextLine + 1;
    }
    return { line: this.#line, column: this.at - this.#lineStart + 1 + further, literal };
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#lineStart);
    return end < 0 ? Number.POSITIVE_INFINITY : end;
  }
}
