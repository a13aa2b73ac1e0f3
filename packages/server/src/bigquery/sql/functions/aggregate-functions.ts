import type { FunctionRow } from './signature.js';

/**
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/aggregate_functions. As SQL stands the name of DuckDB's
 * function, and behind a bar what is made of its answer; $2 is the number of pairs without NULL.
 */
export const AGGREGATE_FUNCTIONS: readonly FunctionRow[] = [
  ['ANY_VALUE', 'T -> T', 'any_value'],
  ['APPROX_COUNT_DISTINCT', 'T -> INT64', 'count'],
  ['AVG', 'FLOAT64 -> FLOAT64', 'avg'],
  ['AVG', 'INT64 -> FLOAT64', 'avg'],
  ['AVG', 'NUMERIC -> NUMERIC', 'avg|CAST($1 AS DECIMAL(38,9))'],
  ['BIT_AND', 'INT64 -> INT64', 'bit_and'],
  ['BIT_OR', 'INT64 -> INT64', 'bit_or'],
  ['BIT_XOR', 'INT64 -> INT64', 'bit_xor'],
  ['CORR', 'FLOAT64, FLOAT64 -> FLOAT64', 'corr|CASE WHEN $2 > 1 THEN $1 END'],
  ['COUNT', 'T -> INT64', 'count'],
  ['COUNTIF', 'BOOL -> INT64', 'count_if|coalesce(CAST($1 AS BIGINT), 0)'],
  ['COVAR_POP', 'FLOAT64, FLOAT64 -> FLOAT64', 'covar_pop'],
  ['COVAR_SAMP', 'FLOAT64, FLOAT64 -> FLOAT64', 'covar_samp'],
  ['LOGICAL_AND', 'BOOL -> BOOL', 'bool_and'],
  ['LOGICAL_OR', 'BOOL -> BOOL', 'bool_or'],
  ['MAX', 'T -> T', 'max'],
  ['MAX_BY', 'T, ANY -> T', 'arg_max_null'],
  ['MIN', 'T -> T', 'min'],
  ['MIN_BY', 'T, ANY -> T', 'arg_min_null'],
  ['STDDEV', 'FLOAT64 -> FLOAT64', 'stddev_samp'],
  ['STDDEV_POP', 'FLOAT64 -> FLOAT64', 'stddev_pop'],
  ['STDDEV_SAMP', 'FLOAT64 -> FLOAT64', 'stddev_samp'],
  ['SUM', 'FLOAT64 -> FLOAT64', 'sum'],
  ['SUM', 'INT64 -> INT64', 'sum|CAST($1 AS BIGINT)'],
  ['SUM', 'NUMERIC -> NUMERIC', 'sum|CAST($1 AS DECIMAL(38,9))'],
  ['VARIANCE', 'FLOAT64 -> FLOAT64', 'var_samp'],
  ['VAR_POP', 'FLOAT64 -> FLOAT64', 'var_pop'],
  ['VAR_SAMP', 'FLOAT64 -> FLOAT64', 'var_samp'],
];

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/numbering_functions and navigation_functions */
export const WINDOW_FUNCTIONS: readonly FunctionRow[] = [
  ['CUME_DIST', '-> FLOAT64', 'cume_dist'],
  ['DENSE_RANK', '-> INT64', 'dense_rank'],
  ['FIRST_VALUE', 'T -> T', 'first_value'],
  ['LAG', 'T -> T', 'lag'],
  ['LAG', 'T, INT64 -> T', 'lag'],
  ['LAG', 'T, INT64, T -> T', 'lag'],
  ['LAST_VALUE', 'T -> T', 'last_value'],
  ['LEAD', 'T -> T', 'lead'],
  ['LEAD', 'T, INT64 -> T', 'lead'],
  ['LEAD', 'T, INT64, T -> T', 'lead'],
  ['NTH_VALUE', 'T, INT64 -> T', 'nth_value'],
  ['NTILE', 'INT64 -> INT64', 'ntile'],
  ['PERCENT_RANK', '-> FLOAT64', 'percent_rank'],
  ['RANK', '-> INT64', 'rank'],
  ['ROW_NUMBER', '-> INT64', 'row_number'],
  ['PERCENTILE_CONT', 'FLOAT64, FLOAT64 -> FLOAT64', 'quantile_cont'],
  ['PERCENTILE_DISC', 'T, FLOAT64 -> T', 'quantile_disc'],
];
