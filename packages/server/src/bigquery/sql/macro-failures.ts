/**
 * A macro fails by converting a text that is no number: unlike DuckDB's error() that can stand within TRY, which is
 * what SAFE. is made of. runtime-errors.ts finds the text again.
 */
export const FAILURE = 'bigquery: ';

/** SQL of a type that fails with a text, which is SQL too. */
export const fail = (text: string, type = 'BIGINT') => `CAST('${FAILURE}' || ${text} AS ${type})`;
