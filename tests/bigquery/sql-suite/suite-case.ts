/**
 * One expression with what it must give: the function it tries, the expression, the type as REST names it, the value
 * as REST writes it (arrays as arrays, structs as lists of their fields). A value of `error(…)` is the message that it
 * must fail with.
 */
export type ExpressionCase = readonly [tried: string, expression: string, type: string, value: unknown];

/** An expression with its value, or with the message that it must fail with. */
export type EdgeCase = readonly [expression: string, value: unknown];

/** Expressions that follow one page of Google's reference; the function's name is the place on the page. */
export interface Section {
  readonly title: string;
  readonly page: string;
  readonly cases: readonly ExpressionCase[];
}

/** A whole statement, run after `setup`. */
export interface StatementCase {
  readonly name: string;
  readonly page: string;
  readonly setup?: string;
  readonly sql: string;
  /** `name TYPE, …` */
  readonly fields?: string;
  readonly rows?: readonly (readonly unknown[])[];
  readonly error?: string;
}

class ExpectedError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export function error(message: string): ExpectedError {
  return new ExpectedError(message);
}

export function expectedError(value: unknown): string | undefined {
  return value instanceof ExpectedError ? value.message : undefined;
}

/** A TIMESTAMP as REST writes it: microseconds since 1970. */
export function ts(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  return String(BigInt(Date.parse(`${whole.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0')));
}

const REFERENCE = 'https://cloud.google.com/bigquery/docs/reference/standard-sql';

export function address(page: string, place = ''): string {
  return `${REFERENCE}/${page}${place === '' ? '' : `#${place.toLowerCase()}`}`;
}
