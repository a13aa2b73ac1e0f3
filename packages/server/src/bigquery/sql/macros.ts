import { BYTES_MACROS } from './bytes-macros.js';
import { intervalText } from './interval-text.js';
import { JSON_MACROS } from './json-macros.js';
import { FAILURE, fail } from './macro-failures.js';
import { NUMERIC_MACROS } from './numeric-macros.js';
import { ZONE_MACROS } from './zone-macros.js';

/**
 * What BigQuery's functions do otherwise than DuckDB's, as DuckDB macros: name with parameters → body. They are
 * temporary, made on each connection that runs translated SQL (`MACRO_STATEMENTS`), so a data folder keeps none.
 */

/** `most` is the largest size that a macro may give, in bytes or elements. */
const tooLarge = (name: string) =>
  `'Output of ${name} exceeds the size that is possible here, ' || most || ' bytes'`;

export const MACROS: Readonly<Record<string, string>> = {
  'bq_fail(m)': fail('m'),
  // Numbers
  'bq_double_text(x)':
    "(CASE WHEN abs(x) >= 1e15 AND abs(x) < 1e16 AND x = trunc(x) THEN regexp_replace(format('{:.15e}', x), '\\.?0*e', 'e') ELSE regexp_replace(CAST(x AS VARCHAR), '\\.0$', '') END)",
  'bq_numeric_text(x)':
    "regexp_replace(regexp_replace(CAST(x AS VARCHAR), '(\\.\\d*?)0+$', '\\1'), '\\.$', '')",
  'bq_divide(a, b)': `(CASE WHEN b = 0 THEN ${fail("'division by zero: ' || bq_double_text(a) || ' / ' || bq_double_text(b)", 'DOUBLE')} ELSE a / b END)`,
  'bq_divide_numeric(a, b)': `(CASE WHEN b = 0 THEN ${fail("'division by zero: ' || bq_numeric_text(a) || ' / ' || bq_numeric_text(b)", 'DECIMAL(38,9)')} ELSE CAST(a / b AS DECIMAL(38,9)) END)`,
  'bq_div(a, b)': `(CASE WHEN b = 0 THEN ${fail("'division by zero: ' || a || ' / ' || b")} ELSE a // b END)`,
  'bq_mod(a, b)': `(CASE WHEN b = 0 THEN ${fail("'division by zero: MOD(' || a || ', ' || b || ')'")} ELSE a % b END)`,
  // The smallest INT64 overflows.
  'bq_mod_int64(a, b)': '(CASE WHEN b = -1 THEN a - a ELSE bq_mod(a, b) END)',
  'bq_floor_div(a, n)': '(a // n - CASE WHEN a % n < 0 THEN 1 ELSE 0 END)',
  'bq_ieee_divide(a, b)': `(CASE WHEN b <> 0 THEN a / b WHEN a = 0 OR isnan(a) THEN CAST('nan' AS DOUBLE) WHEN a IS NULL OR b IS NULL THEN NULL ELSE sign(a) * CAST('inf' AS DOUBLE) END)`,
  'bq_finite(x, a)': `(CASE WHEN isinf(x) AND NOT isinf(a) THEN ${fail("'Floating point error in function: ' || bq_double_text(a)", 'DOUBLE')} ELSE x END)`,
  'bq_reciprocal(y, x)': `(CASE WHEN y = 0 THEN ${fail("'Floating point error in function: ' || bq_double_text(x)", 'DOUBLE')} ELSE 1 / y END)`,
  'bq_exp(x)': 'bq_finite(exp(x), x)',
  'bq_pow(a, b)': `(CASE WHEN isnan(pow(a, b)) AND NOT isnan(a) AND NOT isnan(b) THEN ${fail("'Floating point error in function: POW(' || bq_double_text(a) || ', ' || bq_double_text(b) || ')'", 'DOUBLE')} ELSE bq_finite(pow(a, b), a) END)`,
  // Beyond the numbers for which there is an answer.
  'bq_within(x, isWithin)': `(CASE WHEN NOT isWithin AND NOT isnan(x) THEN ${fail("'Floating point error in function: ' || bq_double_text(x)", 'DOUBLE')} ELSE x END)`,
  'bq_trig(x)': "(CASE WHEN isinf(x) THEN CAST('nan' AS DOUBLE) ELSE x END)",
  // DuckDB's is off in the last digit.
  'bq_cbrt(x)':
    '(CASE WHEN x = 0 OR isinf(x) THEN x ELSE cbrt(x) - (cbrt(x) * cbrt(x) * cbrt(x) - x) / (3 * cbrt(x) * cbrt(x)) END)',
  'bq_log(x, b)': `(CASE WHEN ln(b) = 0 THEN ${fail("'Floating point error in function: LOG(' || bq_double_text(x) || ', ' || bq_double_text(b) || ')'", 'DOUBLE')} ELSE ln(x) / ln(b) END)`,
  'bq_sign(x)': '(CASE WHEN isnan(x) THEN x ELSE CAST(sign(x) AS DOUBLE) END)',
  'bq_safe_divide(a, b)': '(CASE WHEN b <> 0 THEN a / b END)',
  // DuckDB's nullif and BETWEEN copy what they are given too.
  'bq_nullif(a, b)': '(CASE WHEN a = b THEN NULL ELSE a END)',
  'bq_between(x, a, b)': '(x >= a AND x <= b)',
  'bq_trunc(x, n)':
    '(CASE WHEN n >= 0 THEN trunc(x * power(10::DOUBLE, n)) / power(10::DOUBLE, n) ELSE trunc(x / power(10::DOUBLE, -n)) * power(10::DOUBLE, -n) END)',
  'bq_shift_left(a, n)': `(CASE WHEN n < 0 THEN ${fail("'Bitwise shift by negative offset.'")} WHEN n >= 64 THEN 0 ELSE CAST(CAST((CAST(CAST(a AS BIT) AS BIT) << CAST(n AS INTEGER)) AS BIT) AS BIGINT) END)`,
  'bq_shift_right(a, n)': `(CASE WHEN n < 0 THEN ${fail("'Bitwise shift by negative offset.'")} WHEN n >= 64 THEN 0 ELSE CAST(CAST((CAST(CAST(a AS BIT) AS BIT) >> CAST(n AS INTEGER)) AS BIT) AS BIGINT) END)`,
  'bq_without_months(i)': `(CASE WHEN (CASE WHEN datepart('year', i) <> 0 OR datepart('month', i) <> 0 THEN ${fail("'TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.'")} ELSE 0 END) = 0 THEN i END)`,
  'bq_range_bucket(x, bounds)':
    '(CASE WHEN x IS NOT NULL THEN CAST(len(list_filter(bounds, lambda e: e <= x)) AS BIGINT) END)',
  // Text
  // DuckDB's array_to_string is a macro that copies the array.
  'bq_list_text(a, d)': "list_aggregate(CAST(a AS VARCHAR[]), 'string_agg', d)",
  'bq_array_to_string(a, d)': "(CASE WHEN a IS NOT NULL THEN coalesce(bq_list_text(a, d), '') END)",
  'bq_like_any(l)':
    '(CASE WHEN len(list_filter(l, lambda e: e)) > 0 THEN true WHEN len(list_filter(l, lambda e: e IS NULL)) > 0 THEN NULL ELSE false END)',
  'bq_like_all(l)':
    '(CASE WHEN len(list_filter(l, lambda e: NOT e)) > 0 THEN false WHEN len(list_filter(l, lambda e: e IS NULL)) > 0 THEN NULL ELSE true END)',
  // Numbers of blocks: each by chance, and one where there would be none.
  'bq_sample_blocks(blocks, percent)':
    '(CASE WHEN percent > 0 AND blocks > 0 THEN list_transform([list_filter(range(blocks), lambda b: random() * 100 < percent)], lambda l: CASE WHEN len(l) = 0 THEN [CAST(floor(random() * blocks) AS BIGINT)] ELSE l END)[1] ELSE CAST([] AS BIGINT[]) END)',
  // DuckDB counts bytes: other characters than those of ASCII take the place of some of them.
  'bq_characters(s)': "list_distinct(string_split(s, ''))",
  'bq_as_ascii(s, l)': `(CASE WHEN len(l) > 126 THEN CAST(${fail("'EDIT_DISTANCE of more than 126 different characters is not possible here'")} AS VARCHAR) ELSE translate(s, list_aggregate(l, 'string_agg', ''), list_aggregate(list_transform(range(1, len(l) + 1), lambda i: chr(CAST(i AS INTEGER))), 'string_agg', '')) END)`,
  'bq_edit_distance(a, b)':
    '(CASE WHEN strlen(a) = length(a) AND strlen(b) = length(b) THEN levenshtein(a, b) ELSE levenshtein(bq_as_ascii(a, bq_characters(a || b)), bq_as_ascii(b, bq_characters(a || b))) END)',
  'bq_translate(s, a, b)': `(CASE WHEN len(string_split(a, '')) > len(list_distinct(string_split(a, ''))) THEN CAST(${fail("'Duplicate character in the second argument of TRANSLATE: ' || a")} AS VARCHAR) ELSE translate(s, a, b) END)`,
  'bq_instr_starts(s, t, most)': `list_filter(range(1, CASE WHEN length(s) > most THEN ${fail("'INSTR of a text of ' || length(s) || ' characters is not possible here: ' || most || ' at most'")} ELSE length(s) + 1 END), lambda i: starts_with(s[i:], t))`,
  'bq_instr_nth(s, t, p, n, most)': `(CASE WHEN p = 0 THEN ${fail("'INSTR position must not be 0.'")} WHEN n < 1 THEN ${fail("'INSTR occurrence must be positive.'")} WHEN s IS NULL OR t IS NULL OR p IS NULL OR n IS NULL THEN NULL WHEN p > 0 THEN coalesce(list_filter(bq_instr_starts(s, t, most), lambda i: i >= p)[n], 0) ELSE coalesce(list_reverse(list_filter(bq_instr_starts(s, t, most), lambda i: i <= length(s) + p + 1))[n], 0) END)`,
  'bq_float_literal(x, literal)':
    "(CASE WHEN isnan(x) OR isinf(x) THEN CASE WHEN literal THEN 'CAST(\"' || bq_double_text(x) || '\" AS FLOAT64)' ELSE bq_double_text(x) END ELSE regexp_replace(bq_double_text(x), '^(-?\\d+)$', '\\1.0') END)",
  'bq_spaces()':
    "(' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(8195) || chr(12288))",
  'bq_ascii(s)': `(CASE WHEN s = '' THEN 0 WHEN unicode(s) > 127 THEN ${fail("'Non-ASCII character at the start of input.'")} ELSE CAST(unicode(s) AS BIGINT) END)`,
  'bq_unicode(s)': "(CASE WHEN s = '' THEN 0 ELSE CAST(unicode(s) AS BIGINT) END)",
  'bq_code_point(n)': `CAST(CASE WHEN n < 0 OR n > 1114111 OR (n >= 55296 AND n < 57344) THEN ${fail("'Invalid codepoint ' || n")} ELSE n END AS INTEGER)`,
  'bq_chr(n)': "(CASE WHEN n = 0 THEN '' ELSE chr(bq_code_point(n)) END)",
  'bq_to_code_points(s, most)': `(CASE WHEN s = '' THEN CAST([] AS BIGINT[]) WHEN length(s) > most THEN [${fail("'TO_CODE_POINTS produced too many elements'")}] ELSE list_transform(string_split(s, ''), lambda e: CAST(unicode(e) AS BIGINT)) END)`,
  'bq_split(s, d, most)': `(CASE WHEN d IS NOT NULL THEN string_split(s, CASE WHEN strlen(s) > most AND (strlen(s) - strlen(replace(s, d, ''))) // greatest(strlen(d), 1) + CASE WHEN d = '' THEN length(s) ELSE 0 END > most THEN CAST(${fail("'SPLIT produced too many elements'")} AS VARCHAR) ELSE d END) END)`,
  'bq_code_points_to_string(a)':
    "(CASE WHEN len(list_filter(a, lambda e: e IS NULL)) = 0 THEN bq_array_to_string(list_transform(a, lambda e: bq_chr(e)), '') END)",
  'bq_initcap(s)':
    "bq_array_to_string(list_transform(regexp_extract_all(s, '[^\\s\\[\\](){}/|\\\\<>!?@\"^#$&~_,.:;*%+-]+|[\\s\\[\\](){}/|\\\\<>!?@\"^#$&~_,.:;*%+-]+'), lambda e: upper(e[1]) || lower(e[2:])), '')",
  'bq_instr(s, sub, p)': `(CASE WHEN p = 0 THEN ${fail("'INSTR position must not be 0.'")} WHEN p < 0 THEN (CASE WHEN strpos(reverse(s)[-p:], reverse(sub)) = 0 THEN 0 ELSE length(s) + p + 2 - strpos(reverse(s)[-p:], reverse(sub)) - length(sub) + 1 END) WHEN strpos(s[p:], sub) = 0 THEN 0 ELSE strpos(s[p:], sub) + p - 1 END)`,
  'bq_left(s, n)': `left(s, CASE WHEN n < 0 THEN ${fail("'LEFT length must be non-negative.'")} ELSE n END)`,
  'bq_right(s, n)': `(CASE WHEN n = 0 THEN '' ELSE right(s, CASE WHEN n < 0 THEN ${fail("'RIGHT length must be non-negative.'")} ELSE n END) END)`,
  'bq_pad_length(n, most)': `CAST(CASE WHEN n < 0 THEN ${fail("'Second argument (output size) for LPAD/RPAD cannot be negative'")} WHEN n > most THEN ${fail(tooLarge('LPAD/RPAD'))} ELSE n END AS INTEGER)`,
  'bq_pad_pattern(p)': `(CASE WHEN p = '' THEN CAST(${fail("'Third argument (pad pattern) for LPAD/RPAD cannot be empty'")} AS VARCHAR) ELSE p END)`,
  'bq_lpad(s, n, p, most)': 'lpad(s, bq_pad_length(n, most), bq_pad_pattern(p))',
  'bq_rpad(s, n, p, most)': 'rpad(s, bq_pad_length(n, most), bq_pad_pattern(p))',
  'bq_repeat(s, n, most)': `repeat(s, CASE WHEN n < 0 THEN ${fail("'Second argument in REPEAT must be non-negative.'")} WHEN n > most // greatest(strlen(s), 1) THEN ${fail(tooLarge('REPEAT'))} ELSE n END)`,
  // One after the other they would be copied again and again, which takes seconds of texts of megabytes.
  'bq_joined_all(l, most)': `(CASE WHEN list_position(l, NULL) IS NOT NULL THEN NULL WHEN list_sum(list_transform(l, lambda e: strlen(e))) > most THEN CAST(${fail(tooLarge('CONCAT'))} AS VARCHAR) ELSE list_aggregate(l, 'string_agg', '') END)`,
  'bq_joined(a, b, most)': `(CASE WHEN strlen(a) + strlen(b) > most THEN CAST(${fail(tooLarge('CONCAT'))} AS VARCHAR) ELSE a || b END)`,
  'bq_replace(s, a, b, most)': `(CASE WHEN strlen(b) > strlen(a) AND strlen(a) > 0 AND strlen(s) * strlen(b) > most AND strlen(s) + (strlen(s) - strlen(replace(s, a, ''))) // greatest(strlen(a), 1) * (strlen(b) - strlen(a)) > most THEN CAST(${fail(tooLarge('REPLACE'))} AS VARCHAR) ELSE replace(s, a, b) END)`,
  'bq_regexp_replace(s, r, t, most)': `(CASE WHEN strlen(s) * strlen(t) > most AND (contains(t, '\\') OR len(regexp_extract_all(s, r)) * strlen(t) > most) THEN CAST(${fail(tooLarge('REGEXP_REPLACE'))} AS VARCHAR) ELSE regexp_replace(s, r, t, 'g') END)`,
  'bq_substr(s, p)': '(CASE WHEN p = 0 OR p < -length(s) THEN s ELSE substring(s, p) END)',
  'bq_substr_length(s, p, n)': `(CASE WHEN n < 0 THEN substring(s, 1, ${fail("'Third argument in SUBSTR() cannot be negative'")}) WHEN p = 0 OR p < -length(s) THEN substring(s, 1, n) ELSE substring(s, p, n) END)`,
  'bq_substr_bytes(b, p, n)': `(CASE WHEN n < 0 THEN CAST(CAST(${fail("'Third argument in SUBSTR() cannot be negative'")} AS VARCHAR) AS BLOB) WHEN p IS NOT NULL THEN from_hex(substring(hex(b), CASE WHEN p < 0 THEN greatest(octet_length(b) + p, 0) ELSE greatest(p - 1, 0) END * 2 + 1, n * 2)) END)`,
  'bq_substr_bytes_from(b, p)': 'bq_substr_bytes(b, p, octet_length(b))',
  // As many characters as elements: it may find each of them.
  'bq_bounded_text(s, most)': `(CASE WHEN strlen(s) > most THEN CAST(${fail("'REGEXP_EXTRACT_ALL of a text of ' || strlen(s) || ' bytes is not possible here: ' || most || ' at most'")} AS VARCHAR) ELSE s END)`,
  'bq_regexp_extract(s, r, g)': '(CASE WHEN regexp_matches(s, r) THEN regexp_extract(s, r, g) END)',
  // `whole` has the groups before the place and at it; of an empty one Google's answer is not said.
  'bq_regexp_place(s, r, whole, after)': `(CASE WHEN NOT regexp_matches(s, r) OR s = '' THEN 0 WHEN regexp_extract(s, whole, 2) = '' THEN ${fail("'REGEXP_INSTR of an empty match is not possible here'")} ELSE length(regexp_extract(s, whole, 1)) + 1 + after * length(regexp_extract(s, whole, 2)) END)`,
  'bq_regexp_place_nth(s, r, whole, after, n, most)': `(CASE WHEN list_contains(regexp_extract_all(bq_bounded_text(s, most), r), '') THEN ${fail("'REGEXP_INSTR of an empty match is not possible here'")} WHEN len(regexp_extract_all(s, r)) < n THEN 0 ELSE bq_regexp_place(s, r, whole, after) END)`,
  'bq_place_from(place, p)': `(CASE WHEN p < 1 THEN ${fail("'Position must be positive in REGEXP_INSTR'")} WHEN p IS NULL THEN NULL WHEN place = 0 THEN 0 ELSE place + p - 1 END)`,
  'bq_in_format(s, look)': `(CASE WHEN regexp_full_match(s, look) THEN s WHEN s IS NOT NULL THEN CAST(${fail("'Failed to parse input string \"' || s || '\"'")} AS VARCHAR) END)`,
  // Arrays
  'bq_offset(a, i)': `a[CASE WHEN i < 0 OR i >= len(a) THEN ${fail("'Array index ' || i || ' is out of bounds'")} ELSE i + 1 END]`,
  'bq_safe_offset(a, i)': '(CASE WHEN i >= 0 THEN a[i + 1] END)',
  'bq_ordinal(a, i)': `a[CASE WHEN i < 1 OR i > len(a) THEN ${fail("'Array index ' || i || ' is out of bounds'")} ELSE i END]`,
  'bq_safe_ordinal(a, i)': '(CASE WHEN i >= 1 THEN a[i] END)',
  'bq_array_concat(a, b, most)': `(CASE WHEN len(a) + len(b) > most AND ${fail("'ARRAY_CONCAT produced too many elements: ' || (len(a) + len(b))")} = 0 THEN NULL WHEN a IS NULL OR b IS NULL THEN NULL ELSE list_concat(a, b) END)`,
  'bq_array_end(a, i)': `a[CASE WHEN len(a) = 0 THEN ${fail("'ARRAY_FIRST and ARRAY_LAST cannot get an element from an empty array'")} ELSE i END]`,
  'bq_array_slice(a, s, e)':
    'a[(CASE WHEN s < 0 THEN greatest(len(a) + s, 0) ELSE s END) + 1 : (CASE WHEN e < 0 THEN len(a) + e ELSE e END) + 1]',
  // For what DuckDB does not take: a text between that is no constant.
  'bq_array_to_string_by(a, d)':
    "substring(list_reduce(list_filter(a, lambda e: e IS NOT NULL), lambda x, y: x || d || y, ''), length(d) + 1)",
  'bq_bounded_array(a, most)': `CASE WHEN len(a) > most AND ${fail("'An array of ' || len(a) || ' elements cannot become a text here, where others may follow: ' || most || ' at most'")} = 0 THEN NULL ELSE a END`,
  'bq_array_is_distinct(a)':
    '(len(list_distinct(a)) + CAST(list_position(a, NULL) IS NOT NULL AS BIGINT) = len(a))',
  'bq_without_nulls(a)':
    '(CASE WHEN len(list_filter(a, lambda e: e IS NOT NULL)) > 0 THEN list_filter(a, lambda e: e IS NOT NULL) END)',
  'bq_generate_array(a, b, s, most)': `generate_series(a, b, CASE WHEN s = 0 THEN ${fail("'Sequence step cannot be 0.'")} WHEN (CAST(b AS HUGEINT) - a) // s >= most THEN ${fail("'GENERATE_ARRAY(' || a || ', ' || b || ', ' || s || ') produced too many elements'")} ELSE s END)`,
  'bq_generate_floats(a, b, s, most)': `(CASE WHEN s = 0 THEN [${fail("'Sequence step cannot be 0.'", 'DOUBLE')}] WHEN (b - a) / s >= most THEN [${fail("'GENERATE_ARRAY produced too many elements'", 'DOUBLE')}] WHEN (b - a) / s < 0 THEN CAST([] AS DOUBLE[]) ELSE list_transform(generate_series(0, CAST(floor((b - a) / s + 1e-9) AS BIGINT)), lambda e: a + e * s) END)`,
  'bq_months(s)': '(extract(year FROM s) * 12 + extract(month FROM s))',
  // Months are counted from the first one: of the 31st of January each further one is the last of its month.
  'bq_generate_times(a, b, s, most)': `(CASE WHEN bq_months(s) = 0 AND epoch_us(s) = 0 THEN generate_series(a, b, ${fail("'Sequence step cannot be 0.'", 'INTERVAL')}) WHEN bq_months(s) = 0 AND epoch_us(s) <> 0 AND (epoch_us(CAST(b AS TIMESTAMP)) - epoch_us(CAST(a AS TIMESTAMP))) // epoch_us(s) >= most THEN generate_series(a, b, ${fail("'GENERATE_TIMESTAMP_ARRAY produced too many elements'", 'INTERVAL')}) WHEN bq_months(s) > 0 THEN list_filter(list_transform(generate_series(0, greatest(date_diff('month', a, b), -1) // bq_months(s)), lambda i: a + to_months(CAST(i * bq_months(s) AS INTEGER))), lambda e: e <= b) ELSE generate_series(a, b, s) END)`,
  // The first and the last day that BigQuery has.
  'bq_date(d)': `(CASE WHEN d < DATE '0001-01-01' OR d > DATE '9999-12-31' THEN CAST('${FAILURE}Date overflow: ' || d AS DATE) ELSE d END)`,
  'bq_datetime(t)': `(CASE WHEN t < TIMESTAMP '0001-01-01 00:00:00' OR t >= TIMESTAMP '10000-01-01 00:00:00' THEN CAST('${FAILURE}Datetime overflow: ' || t AS TIMESTAMP) ELSE t END)`,
  'bq_timestamp(t)': `(CASE WHEN t < TIMESTAMPTZ '0001-01-01 00:00:00+00' OR t >= TIMESTAMPTZ '10000-01-01 00:00:00+00' THEN CAST('${FAILURE}Timestamp overflow: ' || t AS TIMESTAMPTZ) ELSE t END)`,
  // Conversions
  // DuckDB's time zones cost half a microsecond a value; UTC needs none.
  'bq_utc(t)': 'make_timestamp(epoch_us(t))',
  'bq_at_utc(t)': 'make_timestamptz(epoch_us(t))',
  // Counted from the year 1 no time is negative; of the smaller numbers since 1970 the remainder takes half the time.
  'bq_truncate_micros(t, n)':
    'make_timestamptz(epoch_us(t) - CASE WHEN epoch_us(t) >= 0 THEN epoch_us(t) % n ELSE (epoch_us(t) + 62135596800000000) % n END)',
  'bq_to_int64(s)': `(CASE WHEN regexp_full_match(trim(s), '[+-]?\\d+') THEN CAST(s AS BIGINT) WHEN regexp_full_match(trim(s), '[+-]?0[xX][0-9a-fA-F]+') THEN CAST(regexp_replace(trim(s), '^\\+', '') AS BIGINT) ELSE ${fail("'Bad int64 value: ' || s")} END)`,
  'bq_float_to_int64(x)': `(CASE WHEN isnan(x) OR isinf(x) THEN ${fail("'Illegal conversion of non-finite floating point number to an integer: ' || bq_double_text(x)")} ELSE CAST(round(x) AS BIGINT) END)`,
  'bq_to_bool(s)': `(CASE WHEN lower(s) = 'true' THEN true WHEN lower(s) = 'false' THEN false ELSE ${fail("'Bad bool value: ' || s", 'INTEGER')} = 0 END)`,
  'bq_to_float64(s)': `(CASE WHEN regexp_full_match(lower(trim(s)), '[+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?|[+-]?inf(inity)?|[+-]?nan') THEN CAST(s AS DOUBLE) ELSE ${fail("'Bad double value: ' || s", 'DOUBLE')} END)`,
  'bq_to_numeric(s)': `(CASE WHEN regexp_full_match(trim(s), '[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?') THEN CAST(s AS DECIMAL(38,9)) ELSE ${fail("'Invalid NUMERIC value: ' || s", 'DECIMAL(38,9)')} END)`,
  'bq_parse_numeric(s)': `(CASE WHEN regexp_full_match(replace(trim(s), ',', ''), '([+-]?\\s*(\\d+\\.?\\d*|\\.\\d+)|(\\d+\\.?\\d*|\\.\\d+)\\s*[+-])([eE][+-]?\\d+)?') THEN CAST(regexp_replace(replace(trim(s), ',', ''), '^([^+-]+?)\\s*([+-])$|^([+-])\\s+', '\\2\\3\\1') AS DECIMAL(38,9)) ELSE ${fail("'Invalid input to PARSE_NUMERIC: \"' || s || '\"'", 'DECIMAL(38,9)')} END)`,
  'bq_to_date(s)': `(CASE WHEN regexp_full_match(s, '\\d{4}-\\d{1,2}-\\d{1,2}') THEN CAST(s AS DATE) ELSE CAST('${FAILURE}Invalid date: ''' || s || '''' AS DATE) END)`,
  'bq_to_time(s)': `(CASE WHEN regexp_full_match(s, '\\d{1,2}:\\d{1,2}:\\d{1,2}(\\.\\d{0,9})?') THEN CAST(s AS TIME) ELSE CAST('${FAILURE}Invalid time string "' || s || '"' AS TIME) END)`,
  'bq_to_datetime(s)': `(CASE WHEN regexp_full_match(s, '\\d{4}-\\d{1,2}-\\d{1,2}([ Tt]\\d{1,2}:\\d{1,2}:\\d{1,2}(\\.\\d{0,9})?)?') THEN CAST(replace(replace(s, 'T', ' '), 't', ' ') AS TIMESTAMP) ELSE CAST('${FAILURE}Invalid datetime string "' || s || '"' AS TIMESTAMP) END)`,
  'bq_to_timestamp(s)': `(CASE WHEN regexp_full_match(s, '\\d{4}-\\d{1,2}-\\d{1,2}([ Tt]\\d{1,2}:\\d{1,2}:\\d{1,2}(\\.\\d{0,9})?)?( ?[zZ]| ?[+-]\\d{1,2}(:?\\d{2})?| [A-Za-z_]+(/[A-Za-z_+0-9-]+)*)?') THEN CAST(regexp_replace(regexp_replace(regexp_replace(s, '^([0-9-]+)[Tt]', '\\1 '), ' ?[zZ]$', '+00'), ' ([+-]\\d)', '\\1') AS TIMESTAMPTZ) ELSE CAST('${FAILURE}Invalid timestamp: ''' || s || '''' AS TIMESTAMPTZ) END)`,
  'bq_fraction(t)':
    "(CASE WHEN epoch_us(t) % 1000000 = 0 THEN '' WHEN epoch_us(t) % 1000 = 0 THEN strftime(t, '.%g') ELSE strftime(t, '.%f') END)",
  'bq_datetime_text(t)': "(strftime(t, '%Y-%m-%d %H:%M:%S') || bq_fraction(t))",
  'bq_timestamp_text(t)': "(bq_datetime_text(bq_utc(t)) || '+00')",
  'bq_interval_text(i)': intervalText('i'),
  'bq_time_text(t)': "bq_datetime_text(DATE '1970-01-01' + t)[12:]",
  'bq_timestamp_of(n, unit)': `(CASE WHEN n NOT BETWEEN -62135596800000000 // unit AND 253402300799999999 // unit THEN CAST('${FAILURE}Invalid timestamp value: ' || n AS TIMESTAMPTZ) ELSE make_timestamptz(n * unit) END)`,
  'bq_offset_text(m, colon)':
    "(CASE WHEN m < 0 THEN '-' ELSE '+' END || format('{:02d}', abs(m) // 60) || colon || format('{:02d}', abs(m) % 60))",
  ...JSON_MACROS,
  ...NUMERIC_MACROS,
  ...BYTES_MACROS,
  ...ZONE_MACROS,
};

const CLOSING = /\blambda\b|\bTRY\(/;
const closingMacros = new Set<string>();
for (let before = -1; before < closingMacros.size; ) {
  before = closingMacros.size;
  for (const [head, body] of Object.entries(MACROS))
    if (takesNoQueries(body)) closingMacros.add(head.slice(0, head.indexOf('(')));
}

/** Whether SQL has a lambda or TRY in it, also within a macro, where DuckDB takes no query and no aggregate. */
export function takesNoQueries(sql: string): boolean {
  return CLOSING.test(sql) || (sql.match(/\bbq_\w+/g) ?? []).some((name) => closingMacros.has(name));
}

/** To be run on each connection before any translated SQL. */
export const MACRO_STATEMENTS: readonly string[] = Object.entries(MACROS).map(
  ([head, body]) => `CREATE OR REPLACE TEMP MACRO ${head} AS ${body}`,
);

/** What a macro failed with, out of DuckDB's message. */
export function macroFailure(message: string): string | undefined {
  const start = message.indexOf(`'${FAILURE}`);
  if (start >= 0) {
    const rest = message.slice(start + FAILURE.length + 1);
    const end = /' to [A-Z]/.exec(rest);
    return end === null ? rest : rest.slice(0, end.index);
  }
  const quoted = message.indexOf(`"${FAILURE}`);
  if (quoted < 0) return undefined;
  const rest = message.slice(quoted + FAILURE.length + 1);
  const end = /",? (expected|to)/.exec(rest);
  return end === null ? rest : rest.slice(0, end.index);
}
