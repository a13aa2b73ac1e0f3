import { macroFailure } from './macros.js';
import { SqlError } from './plan.js';

/** DuckDB's messages and what BigQuery says instead. */
const MESSAGES: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [
    /Overflow in (addition|subtraction|multiplication) of INT64 \((\S+) (.) (\S+)\)/,
    (_, __, a, sign, b) => `int64 overflow: ${a} ${sign} ${b}`,
  ],
  [/Overflow in division of (\S+) \/ (\S+)/, (_, a, b) => `int64 overflow: ${a} / ${b}`],
  [/Type DOUBLE with value (\S+) can't be cast .* INT64/, (_, value) => `int64 out of range: ${value}`],
  [/Overflow in negation|Overflow on abs\((\S+)\)/, () => 'int64 overflow'],
  [/Type (?:INT128|HUGEINT) with value (\S+) can't be cast .* INT64/, () => 'int64 overflow in SUM'],
  [/Overflow in (?:addition|subtraction|multiplication) of DECIMAL/, () => 'numeric overflow'],
  [
    /Could not cast value .* to DECIMAL|Casting value .* to type DECIMAL|can't be cast .* DECIMAL/,
    () => 'numeric overflow',
  ],
  [
    /More than one row returned by a subquery used as an expression/,
    () => 'Scalar subquery produced more than one element',
  ],
  [/NOT NULL constraint failed: \S+\.(\S+)/, (_, column) => `Required field ${column} cannot be null`],
  [
    /CHECK constraint failed on table (\S+)/,
    (_, table) => `A value of table ${table} is longer than its column allows`,
  ],
  [
    /Could not parse string "(.*)" according to format specifier/,
    (_, text = '') => `Failed to parse input string ${JSON.stringify(text.replace(/^1970 /, ''))}`,
  ],
  [
    /cannot take logarithm of (zero|a negative number)/,
    () => 'Floating point error in function: LOG of a number that is not positive',
  ],
  [/cannot take square root of a negative number/, () => 'Argument to SQRT cannot be negative'],
  [/invalid UTF-?8|Invalid (?:UTF-8|unicode)/i, () => 'Invalid UTF-8 in a conversion of BYTES to STRING'],
  [/Could not decode string "(.*)" as base64/s, () => 'Failed to decode invalid base64 string'],
  [
    /Invalid input for hex digit: (.*)/s,
    (_, digit) => `Failed to decode invalid hexadecimal string due to character ${digit}`,
  ],
  [/Time out of range: (\S+)/, (_, time) => `Input calculates to invalid time: ${time}`],
  [/Can't bucket using zero/, () => 'The width of a bucket must be greater than zero'],
  [/Argument for ntile must be greater than zero/, () => 'The number of buckets of NTILE must be positive'],
  [/Malformed JSON at byte (\d+)/, (_, byte) => `Invalid JSON: syntax error at byte ${byte}`],
  [
    /(?:date|timestamp|time) field value out of range[^"]*"([^"]*)"/i,
    (_, text) => `Invalid date or time: '${text}'`,
  ],
  [/[Tt]imestamp.*out of range|Date.*out of range|interval.*out of range/, () => 'Date or time overflow'],
  [/Unknown TimeZone '(.*)'/, (_, zone) => `Invalid time zone: ${zone}`],
  [/Could not convert string '(.*)' to (?:INT64|INT32)/s, (_, text) => `Bad int64 value: ${text}`],
  [/Could not convert string '(.*)' to DOUBLE/s, (_, text) => `Bad double value: ${text}`],
  [
    /(?:invalid|missing|unexpected|bad) .*(?:regexp|escape|repetition|parenthes|\)|\])/i,
    () => 'Cannot parse regular expression',
  ],
];

/** A failure of DuckDB while a translated statement ran, in BigQuery's words; undefined where it has none. */
export function runtimeError(message: string): SqlError | undefined {
  const own = macroFailure(message);
  if (own !== undefined) return new SqlError('invalidQuery', own);
  for (const [pattern, words] of MESSAGES) {
    const found = pattern.exec(message);
    if (found !== null) return new SqlError('invalidQuery', words(...found));
  }
  return undefined;
}
