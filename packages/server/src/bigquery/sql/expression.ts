import { type Position, SqlError } from './plan.js';
import type { SqlType } from './types.js';

/** What functions within functions may grow to: some write an argument more than once. */
const CHARACTERS_MAX = 4_000_000;

export function tooComplex(): SqlError {
  return new SqlError(
    'invalidQuery',
    'Not enough resources for query planning - too many subqueries or query is too complex.',
  );
}

export function checkLength(sql: string): void {
  if (sql.length > CHARACTERS_MAX) throw tooComplex();
}

/** A column that an expression reads, of the query level that `level` stands for. */
export interface ColumnReference {
  readonly level: object;
  readonly name: string;
  readonly position: Position;
}

/** An expression, translated: `sql` can stand anywhere as one operand. */
export interface Expression {
  readonly sql: string;
  readonly type: SqlType;
  /** Literals and parameters are converted to more types than other expressions. */
  readonly coercible: boolean;
  /** Of a literal or a parameter; `value` is undefined for those that need none (BYTES). */
  readonly literal?: { readonly value: unknown };
  /** Columns outside of aggregates and grouping keys. */
  readonly references: readonly ColumnReference[];
  /** Elements or fields of a constructor, to convert them one by one. */
  readonly parts?: readonly Expression[];
  /** Holds an aggregate or a query, which DuckDB does not take within TRY. */
  readonly closed?: boolean;
  /** Reads a column, an aggregate or a query: it may be another in each row. */
  readonly varies?: boolean;
  /** What a SELECT calls it where no alias is given. */
  readonly name?: string;
}

/** How large a value may be that a function makes. */
export interface Limits {
  /** Of texts that grow out of a number: REPEAT, LPAD. */
  readonly bytes: number;
  /** Of texts that are put together of others. */
  readonly joinedBytes: number;
  readonly elements: number;
}

/** Of one value for all rows: BigQuery's. */
const CONSTANT: Limits = { bytes: 1_048_576, joinedBytes: 16_777_216, elements: 1_048_575 };
/** DuckDB makes those of 2048 rows at once, and cannot be interrupted meanwhile: no more than some gigabytes. */
const VARYING: Limits = { bytes: 262_144, joinedBytes: 1_048_576, elements: 131_072 };

export function limitsOf(values: readonly Expression[]): Limits {
  return values.some(isVarying) ? VARYING : CONSTANT;
}

export function isVarying({ varies, closed }: Expression): boolean {
  return varies === true || closed === true;
}

export function literalExpression(sql: string, type: SqlType, value: unknown): Expression {
  return { sql, type, coercible: true, literal: { value }, references: [] };
}

export function isNull(expression: Expression): boolean {
  return expression.literal !== undefined && expression.literal.value === null;
}

/** An expression made of others. */
export function composed(sql: string, type: SqlType, ...parts: readonly Expression[]): Expression {
  checkLength(sql);
  const references = parts.flatMap((part) => part.references);
  const closed = parts.some((part) => part.closed === true);
  const varies = parts.some(isVarying);
  return {
    sql,
    type,
    coercible: false,
    references,
    ...(closed ? { closed } : {}),
    ...(varies ? { varies } : {}),
  };
}

/** A column of a query's result; `sqlName` is quoted and unique within the query. */
export interface QueryColumn {
  readonly name: string;
  readonly sqlName: string;
  readonly type: SqlType;
  /** Of a literal: set operations convert it as one. */
  readonly value?: Expression;
}

/** `sqlOf` of the arguments, for SQL with TRY in it: what TRY does not take is computed outside of it. */
export function attempted(values: readonly Expression[], sqlOf: (sqls: readonly string[]) => string): string {
  const sqls = values.map(({ sql }) => sql);
  return values.some(({ closed }) => closed === true) ? boundOnce(sqls, sqlOf) : sqlOf(sqls);
}

/** Longer SQL is not written twice: calls within calls would grow like a power. */
const COPIED_MAX = 200;

/**
 * `sqlOf` of SQL that it writes more than once: what is long is computed once and read from there. Only for what is
 * computed in any case; `sqlOf` may add no query and no aggregate of its own.
 */
export function once(sqls: readonly string[], sqlOf: (sqls: readonly string[]) => string): string {
  return sqls.every(isShort) ? sqlOf(sqls) : boundOnce(sqls, sqlOf);
}

/** May be written more than once. */
export function isShort(sql: string): boolean {
  return sql.length <= COPIED_MAX;
}

const LITERAL = /^\s*(?:-?[\d.]+|'(?:[^']|'')*'|NULL|true|false)\s*$/i;

/** As the element of a list, which a lambda reads; literals stay where they are, since some functions ask for them. */
export function boundOnce(sqls: readonly string[], sqlOf: (sqls: readonly string[]) => string): string {
  const name = freeName(sqls);
  const fields: string[] = [];
  const given = sqls.map((sql, i) => {
    if (LITERAL.test(sql)) return sql;
    fields.push(`'a${i}': ${sql}`);
    return `struct_extract(${name}, 'a${i}')`;
  });
  if (fields.length === 0) return sqlOf(sqls);
  return `list_transform([{${fields.join(', ')}}], lambda ${name}: ${sqlOf(given)})[1]`;
}

/** The same for the same SQL, since DuckDB compares grouping keys by it; another one than those of lambdas around. */
function freeName(sqls: readonly string[]): string {
  let most = 0;
  for (const sql of sqls)
    for (const [, number] of sql.matchAll(/\bonce_(\d+)\b/g)) most = Math.max(most, Number(number));
  return `once_${most + 1}`;
}

/** A query, translated. */
export interface Query {
  readonly sql: string;
  readonly columns: readonly QueryColumn[];
  readonly references: readonly ColumnReference[];
  /** `SELECT AS STRUCT` and `AS VALUE`: its single column is the row. */
  readonly isValue: boolean;
  /** Of a set operation that nothing stands around: what `sql` is made of. */
  readonly operation?: {
    readonly prefix: string;
    readonly operator: string;
    readonly sqls: readonly string[];
  };
}
