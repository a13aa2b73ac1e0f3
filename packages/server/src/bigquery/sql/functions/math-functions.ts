import { once } from '../expression.js';
import type { FunctionRow } from './signature.js';

const NUMBERS = ['INT64', 'FLOAT64', 'NUMERIC'] as const;

/** NULL where one argument is NULL; DuckDB leaves NULLs out. */
const strict = (name: string) => (given: readonly string[]) =>
  once(given, (values) => {
    const missing = values.map((value) => `${value} IS NULL`).join(' OR ');
    return `(CASE WHEN ${missing} THEN NULL ELSE ${name}(${values.join(', ')}) END)`;
  });

/** DuckDB aggregates texts around constants only. */
function joinedText(array: string, between: string): string {
  const constant = /^'(?:[^']|'')*'$/.test(between);
  return `${constant ? 'bq_array_to_string' : 'bq_array_to_string_by'}(${array}, ${between})`;
}

function numeric(name: string, sql: string): FunctionRow {
  return [name, 'NUMERIC -> NUMERIC', `CAST(${sql} AS DECIMAL(38,9))`];
}

function floats(...names: readonly string[]): FunctionRow[] {
  return names.map((name) => [name, 'FLOAT64 -> FLOAT64', `${name.toLowerCase()}($1)`]);
}

/** Of NUMERIC they give NUMERIC, with the digits of FLOAT64. */
function numericToo(name: string, sql: string, count = 1): FunctionRow[] {
  const types = (type: string) => `${Array(count).fill(type).join(', ')} -> ${type}`;
  const ofFloats = sql.replace(/\$\d/g, (place) => `CAST(${place} AS DOUBLE)`);
  return [
    [name, types('NUMERIC'), `CAST(${ofFloats} AS DECIMAL(38,9))`],
    [name, types('FLOAT64'), sql],
  ];
}

function safeNumeric(name: string, sql: string): FunctionRow[] {
  return [[name, 'NUMERIC, NUMERIC -> NUMERIC', `TRY(CAST(${sql} AS DECIMAL(38,9)))`]];
}

/** INT64 becomes FLOAT64 by these, as BigQuery has it. */
function rounding(name: string, sql: string): FunctionRow[] {
  return [[name, 'FLOAT64 -> FLOAT64', `${sql}($1)`], numeric(name, `${sql}($1)`)];
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/mathematical_functions */
export const MATH_FUNCTIONS: readonly FunctionRow[] = [
  ...NUMBERS.map((type): FunctionRow => ['ABS', `${type} -> ${type}`, 'abs($1)']),
  ['ACOS', 'FLOAT64 -> FLOAT64', 'acos(bq_within($1, abs($1) <= 1))'],
  ['ACOSH', 'FLOAT64 -> FLOAT64', 'acosh(bq_within($1, $1 >= 1))'],
  ['ASIN', 'FLOAT64 -> FLOAT64', 'asin(bq_within($1, abs($1) <= 1))'],
  ['ATANH', 'FLOAT64 -> FLOAT64', 'atanh(bq_within($1, abs($1) < 1))'],
  ...floats('ASINH', 'ATAN', 'TANH'),
  ...['COS', 'SIN', 'TAN'].map(
    (name): FunctionRow => [name, 'FLOAT64 -> FLOAT64', `${name.toLowerCase()}(bq_trig($1))`],
  ),
  ['COSH', 'FLOAT64 -> FLOAT64', 'bq_finite(cosh($1), $1)'],
  ['SINH', 'FLOAT64 -> FLOAT64', 'bq_finite(sinh($1), $1)'],
  ['COT', 'FLOAT64 -> FLOAT64', 'bq_reciprocal(tan(bq_trig($1)), $1)'],
  ...numericToo('CBRT', 'bq_cbrt($1)'),
  ['ATAN2', 'FLOAT64, FLOAT64 -> FLOAT64', 'atan2($1, $2)'],
  ...rounding('CEIL', 'ceil'),
  ...rounding('CEILING', 'ceil'),
  ...rounding('FLOOR', 'floor'),
  ['DIV', 'INT64, INT64 -> INT64', 'bq_div($1, $2)'],
  ['DIV', 'NUMERIC, NUMERIC -> NUMERIC', 'bq_div_numeric($1, $2)'],
  ...numericToo('EXP', 'bq_exp($1)'),
  ['GREATEST', 'T... -> T', strict('greatest')],
  ['IEEE_DIVIDE', 'FLOAT64, FLOAT64 -> FLOAT64', 'bq_ieee_divide($1, $2)'],
  ['IS_INF', 'FLOAT64 -> BOOL', 'isinf($1)'],
  ['IS_NAN', 'FLOAT64 -> BOOL', 'isnan($1)'],
  ['LEAST', 'T... -> T', strict('least')],
  ...numericToo('LN', 'ln($1)'),
  ...numericToo('LOG', 'ln($1)'),
  ...numericToo('LOG', 'bq_log($1, $2)', 2),
  ...numericToo('LOG10', 'log10($1)'),
  ['MOD', 'INT64, INT64 -> INT64', 'bq_mod_int64($1, $2)'],
  ['MOD', 'NUMERIC, NUMERIC -> NUMERIC', 'CAST(bq_mod($1, $2) AS DECIMAL(38,9))'],
  ...numericToo('POW', 'bq_pow($1, $2)', 2),
  ...numericToo('POWER', 'bq_pow($1, $2)', 2),
  ['RAND', '-> FLOAT64', 'random()'],
  ['RANGE_BUCKET', 'T, ARRAY<T> -> INT64', 'bq_range_bucket($1, $2)'],
  ...rounding('ROUND', 'round'),
  ['ROUND', 'FLOAT64, INT64 -> FLOAT64', 'round($1, CAST($2 AS INTEGER))'],
  // DuckDB rounds a DECIMAL to a number of digits that it knows.
  [
    'ROUND',
    'NUMERIC, INT64 -> NUMERIC',
    ([value, digits]) =>
      /^\d::BIGINT$/.test(digits!)
        ? `CAST(round(${value}, ${digits![0]}) AS DECIMAL(38,9))`
        : `bq_numeric_round(${value}, ${digits})`,
  ],
  ['ROUND', 'NUMERIC, INT64, STRING -> NUMERIC', 'bq_numeric_round_by($1, $2, $3)'],
  ...safeNumeric('SAFE_ADD', '$1 + $2'),
  ...safeNumeric('SAFE_SUBTRACT', '$1 - $2'),
  ...safeNumeric('SAFE_MULTIPLY', '$1 * $2'),
  ['SAFE_ADD', 'INT64, INT64 -> INT64', 'TRY($1 + $2)'],
  ['SAFE_ADD', 'FLOAT64, FLOAT64 -> FLOAT64', '($1 + $2)'],
  ['SAFE_NEGATE', 'NUMERIC -> NUMERIC', 'CAST(- $1 AS DECIMAL(38,9))'],
  ['SAFE_DIVIDE', 'NUMERIC, NUMERIC -> NUMERIC', 'TRY(bq_divide_numeric($1, $2))'],
  ['SAFE_DIVIDE', 'FLOAT64, FLOAT64 -> FLOAT64', 'bq_safe_divide($1, $2)'],
  ['SAFE_MULTIPLY', 'INT64, INT64 -> INT64', 'TRY($1 * $2)'],
  ['SAFE_MULTIPLY', 'FLOAT64, FLOAT64 -> FLOAT64', '($1 * $2)'],
  ['SAFE_NEGATE', 'INT64 -> INT64', 'TRY(- $1)'],
  ['SAFE_NEGATE', 'FLOAT64 -> FLOAT64', '(- $1)'],
  ['SAFE_SUBTRACT', 'INT64, INT64 -> INT64', 'TRY($1 - $2)'],
  ['SAFE_SUBTRACT', 'FLOAT64, FLOAT64 -> FLOAT64', '($1 - $2)'],
  ['SIGN', 'INT64 -> INT64', 'CAST(sign($1) AS BIGINT)'],
  ['SIGN', 'FLOAT64 -> FLOAT64', 'bq_sign($1)'],
  ['SIGN', 'NUMERIC -> NUMERIC', 'CAST(sign($1) AS DECIMAL(38,9))'],
  ...numericToo('SQRT', 'sqrt($1)'),
  ...rounding('TRUNC', 'trunc'),
  ['TRUNC', 'FLOAT64, INT64 -> FLOAT64', 'bq_trunc($1, $2)'],
  ['TRUNC', 'NUMERIC, INT64 -> NUMERIC', 'bq_numeric_trunc($1, $2)'],
  ['BIT_COUNT', 'INT64 -> INT64', 'CAST(bit_count($1) AS BIGINT)'],
  ['COTH', 'FLOAT64 -> FLOAT64', 'bq_reciprocal(tanh($1), $1)'],
  ['CSC', 'FLOAT64 -> FLOAT64', 'bq_reciprocal(sin($1), $1)'],
  ['CSCH', 'FLOAT64 -> FLOAT64', 'bq_reciprocal(sinh($1), $1)'],
  ['SEC', 'FLOAT64 -> FLOAT64', 'bq_reciprocal(cos($1), $1)'],
  ['SECH', 'FLOAT64 -> FLOAT64', 'bq_reciprocal(cosh($1), $1)'],
  ['PARSE_NUMERIC', 'STRING -> NUMERIC', 'bq_parse_numeric($1)'],
];

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/conditional_expressions */
export const CONDITIONAL_FUNCTIONS: readonly FunctionRow[] = [
  ['COALESCE', 'T... -> T', 'coalesce($*)'],
  ['IF', 'BOOL, T, T -> T', '(CASE WHEN $1 THEN $2 ELSE $3 END)'],
  ['IFNULL', 'T, T -> T', 'coalesce($1, $2)'],
  ['NULLIF', 'T, T -> T', 'bq_nullif($1, $2)'],
  ['ERROR', 'STRING -> INT64', 'bq_fail($1)'],
  ['GENERATE_UUID', '-> STRING', 'CAST(uuid() AS VARCHAR)'],
  ['SESSION_USER', '-> STRING', "'user@localhost'"],
];

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/array_functions */
export const ARRAY_FUNCTIONS: readonly FunctionRow[] = [
  [
    'ARRAY_CONCAT',
    'ARRAY<T>... -> ARRAY<T>',
    (values, { elements }) => values.reduce((one, other) => `bq_array_concat(${one}, ${other}, ${elements})`),
  ],
  ['ARRAY_FIRST', 'ARRAY<T> -> T', 'bq_array_end($1, 1)'],
  ['ARRAY_LAST', 'ARRAY<T> -> T', 'bq_array_end($1, -1)'],
  ['ARRAY_IS_DISTINCT', 'ARRAY<T> -> BOOL', 'bq_array_is_distinct($1)'],
  ['ARRAY_LENGTH', 'ARRAY<T> -> INT64', 'len($1)'],
  ['ARRAY_REVERSE', 'ARRAY<T> -> ARRAY<T>', 'list_reverse($1)'],
  ['ARRAY_SLICE', 'ARRAY<T>, INT64, INT64 -> ARRAY<T>', 'bq_array_slice($1, $2, $3)'],
  ['ARRAY_TO_STRING', 'ARRAY<STRING>, STRING -> STRING', ([array, between]) => joinedText(array!, between!)],
  [
    'ARRAY_TO_STRING',
    'ARRAY<STRING>, STRING, STRING -> STRING',
    ([array, between, missing]) =>
      once([missing!], ([text]) =>
        joinedText(`list_transform(${array}, lambda e: coalesce(e, ${text}))`, between!),
      ),
  ],
  ['GENERATE_ARRAY', 'INT64, INT64 -> ARRAY<INT64>', 'bq_generate_array($1, $2, 1, $elements)'],
  ['GENERATE_ARRAY', 'INT64, INT64, INT64 -> ARRAY<INT64>', 'bq_generate_array($1, $2, $3, $elements)'],
  [
    'GENERATE_ARRAY',
    'FLOAT64, FLOAT64, FLOAT64 -> ARRAY<FLOAT64>',
    'bq_generate_floats($1, $2, $3, $elements)',
  ],
  [
    'GENERATE_ARRAY',
    'FLOAT64, FLOAT64 -> ARRAY<FLOAT64>',
    'bq_generate_floats($1, $2, 1::DOUBLE, $elements)',
  ],
  [
    'GENERATE_DATE_ARRAY',
    'DATE, DATE -> ARRAY<DATE>',
    'list_transform(bq_generate_times($1, $2, INTERVAL 1 DAY, $elements), lambda e: CAST(e AS DATE))',
  ],
  [
    'GENERATE_DATE_ARRAY',
    'DATE, DATE, INTERVAL -> ARRAY<DATE>',
    'list_transform(bq_generate_times($1, $2, $3, $elements), lambda e: CAST(e AS DATE))',
  ],
  [
    'GENERATE_TIMESTAMP_ARRAY',
    'TIMESTAMP, TIMESTAMP, INTERVAL -> ARRAY<TIMESTAMP>',
    'bq_generate_times($1, $2, $3, $elements)',
  ],
];
