import { fail } from './macro-failures.js';

/** DuckDB macros for JSON, which DuckDB itself only reads; see macros.ts. */
export const JSON_MACROS: Readonly<Record<string, string>> = {
  'bq_json_value(j, p)':
    "(CASE WHEN json_type(j, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE json_extract_string(j, p) END)",
  'bq_json_array(j, p)': "(CASE WHEN json_type(j, p) = 'ARRAY' THEN json_extract(j, p || '[*]') END)",
  'bq_json_type(j)':
    "coalesce(['object', 'array', 'string', 'boolean', 'null'][list_position(['OBJECT', 'ARRAY', 'VARCHAR', 'BOOLEAN', 'NULL'], json_type(j))], CASE WHEN json_type(j) IS NOT NULL THEN 'number' END)",
  'bq_valid_json(s)': '(CASE WHEN json_valid(s) THEN s END)',
  'bq_parse_json(s, exact)': `(CASE WHEN exact AND regexp_matches(CASE WHEN json_valid(s) THEN bq_json_hidden(s) ELSE '' END, '(^|[\\[:,])\\s*-?\\d{20,}(?:$|[\\s,\\]}])') THEN CAST(${fail("'Invalid input to PARSE_JSON: a number of 20 digits cannot round-trip through string representation'")} AS JSON) ELSE json(s) END)`,
  // A number of at most 15 digits is what it says as FLOAT64 too.
  'bq_rounded_number(n)':
    "(CASE WHEN regexp_matches(n, '^-?\\d+$') AND TRY_CAST(n AS HUGEINT) >= -9223372036854775808 AND TRY_CAST(n AS HUGEINT) <= 18446744073709551615 OR NOT regexp_matches(n, '[eE]') AND length(regexp_replace(n, '\\D', '', 'g')) <= 15 THEN n ELSE CAST(CAST(n AS DOUBLE) AS VARCHAR) END)",
  'bq_parse_rounded_json(s)': `(CASE WHEN json_valid(s) THEN json(bq_array_to_string(list_transform(regexp_extract_all(s, '"(?:[^"\\\\]|\\\\.)*"|-?\\d[-+.eE\\d]*|[^"\\d-]+'), lambda e: CASE WHEN regexp_matches(e, '^-?\\d') THEN bq_rounded_number(e) ELSE e END), '')) ELSE json(s) END)`,
  'bq_json_present(k)': `(CASE WHEN k IS NULL THEN CAST(${fail("'Invalid input to JSON_OBJECT: A key cannot be NULL'")} AS VARCHAR) ELSE k END)`,
  'bq_json_zipped(k, v)': `(CASE WHEN k IS NULL OR v IS NULL OR len(k) <> len(v) THEN CAST(${fail("'Invalid input to JSON_OBJECT: The number of keys and values must match'")} AS JSON) ELSE bq_json_of_pairs(list_transform(list_zip(k, v), lambda e: CAST(to_json(bq_json_present(e[1])) AS VARCHAR) || ':' || e[2])) END)`,
  // Of one that holds no more than scalar values.
  'bq_json_scalars(l)':
    "(CASE WHEN len(list_filter(l, lambda e: json_type(e) IN ('OBJECT', 'ARRAY'))) = 0 THEN list_transform(l, lambda e: bq_json_value(e, '$')) END)",
  'bq_json_lax_bool(j)':
    "(CASE WHEN json_type(j) = 'BOOLEAN' THEN CAST(CAST(j AS VARCHAR) AS BOOLEAN) WHEN json_type(j) = 'VARCHAR' THEN TRY(bq_to_bool(json_extract_string(j, '$'))) WHEN json_type(j) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN CAST(CAST(j AS VARCHAR) AS DOUBLE) <> 0 END)",
  'bq_json_lax_float64(j)':
    "(CASE WHEN json_type(j) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN CAST(CAST(j AS VARCHAR) AS DOUBLE) WHEN json_type(j) = 'VARCHAR' THEN TRY(bq_to_float64(json_extract_string(j, '$'))) END)",
  'bq_json_lax_int64(j)':
    "(CASE WHEN json_type(j) = 'BOOLEAN' THEN CAST(CAST(CAST(j AS VARCHAR) AS BOOLEAN) AS BIGINT) WHEN json_type(j) = 'BIGINT' THEN CAST(CAST(j AS VARCHAR) AS BIGINT) WHEN json_type(j) = 'VARCHAR' AND regexp_full_match(json_extract_string(j, '$'), '[+-]?\\d+') THEN TRY(CAST(json_extract_string(j, '$') AS BIGINT)) ELSE TRY(bq_float_to_int64(bq_json_lax_float64(j))) END)",
  'bq_json_numeric(x)':
    "(CASE WHEN x = trunc(x) AND abs(x) <= 9007199254740992 THEN bq_numeric_text(x) ELSE '\"' || bq_numeric_text(x) || '\"' END)",
  'bq_json_integer(x)':
    "(CASE WHEN abs(CAST(x AS HUGEINT)) <= 9007199254740992 THEN CAST(x AS VARCHAR) ELSE '\"' || x || '\"' END)",
  'bq_json_float(x)':
    '(CASE WHEN isnan(x) THEN \'"NaN"\' WHEN isinf(x) THEN CASE WHEN x > 0 THEN \'"Infinity"\' ELSE \'"-Infinity"\' END ELSE bq_double_text(x) END)',
  'bq_json_bool(j)': `(CASE WHEN json_type(j) = 'BOOLEAN' THEN CAST(CAST(j AS VARCHAR) AS BOOLEAN) WHEN j IS NOT NULL THEN ${fail("'The provided JSON input is not a boolean'")} = 0 END)`,
  'bq_json_int64(j)': `(CASE WHEN json_type(j) NOT IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN ${fail("'The provided JSON input is not an integer'")} WHEN json_type(j) <> 'DOUBLE' THEN coalesce(TRY_CAST(CAST(j AS VARCHAR) AS BIGINT), ${fail("'The provided JSON number: ' || j || ' is outside the range of INT64'")}) WHEN TRY_CAST(CAST(j AS VARCHAR) AS DOUBLE) = trunc(TRY_CAST(CAST(j AS VARCHAR) AS DOUBLE)) THEN coalesce(TRY_CAST(TRY_CAST(CAST(j AS VARCHAR) AS DOUBLE) AS BIGINT), ${fail("'The provided JSON number: ' || j || ' is outside the range of INT64'")}) WHEN j IS NOT NULL THEN ${fail("'The provided JSON input is not an integer'")} END)`,
  'bq_json_string(j)': `(CASE WHEN json_type(j) = 'VARCHAR' THEN json_extract_string(j, '$') WHEN j IS NOT NULL THEN CAST(${fail("'The provided JSON input is not a string'")} AS VARCHAR) END)`,
  'bq_json_float64(j)': `(CASE WHEN json_type(j) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN CAST(CAST(j AS VARCHAR) AS DOUBLE) WHEN j IS NOT NULL THEN ${fail("'The provided JSON input is not a number'", 'DOUBLE')} END)`,
  'bq_json_index(i)': "('$[' || i || ']')",
  'bq_json_member(s)': `('$."' || replace(s, '"', '\\"') || '"')`,
  'bq_json_elements(j)':
    "(CASE WHEN json_type(j) = 'ARRAY' THEN json_extract(j, '$[*]') ELSE CAST([] AS JSON[]) END)",
  'bq_json_of_elements(l)': "CAST('[' || bq_array_to_string(l, ',') || ']' AS JSON)",
  'bq_json_pairs(j, k)':
    "list_transform(list_filter(json_keys(j), lambda n: n <> k), lambda n: CAST(to_json(n) AS VARCHAR) || ':' || CAST(json_extract(j, bq_json_member(n)) AS VARCHAR))",
  'bq_json_of_pairs(l)': "CAST('{' || bq_array_to_string(list_sort(l), ',') || '}' AS JSON)",
  'bq_json_put_member(j, k, v)':
    "bq_json_of_pairs(list_append(bq_json_pairs(j, k), CAST(to_json(k) AS VARCHAR) || ':' || CAST(v AS VARCHAR)))",
  'bq_json_drop_member(j, k)': 'bq_json_of_pairs(bq_json_pairs(j, k))',
  // As many elements as stand before a place, filled with null.
  'bq_json_before(j, i)': "list_resize(bq_json_elements(j)[1:i], i, json('null'))",
  'bq_json_put_element(j, i, v)':
    'bq_json_of_elements(list_concat(list_append(bq_json_before(j, i), v), bq_json_elements(j)[i + 2:]))',
  'bq_json_drop_element(j, i)':
    'bq_json_of_elements(list_concat(bq_json_elements(j)[1:i], bq_json_elements(j)[i + 2:]))',
  'bq_json_insert(j, i, l)':
    'bq_json_of_elements(list_concat(list_concat(bq_json_before(j, i), l), bq_json_elements(j)[i + 1:]))',
  'bq_json_append(j, l)': 'bq_json_of_elements(list_concat(bq_json_elements(j), l))',
  // One empty text for each level that there may be.
  'bq_json_levels(j)':
    "list_transform(range(least(500, len(regexp_extract_all(CAST(j AS VARCHAR), '[\\[{]')))), lambda i: '')",
  'bq_json_flatten(j)':
    "(CASE WHEN j IS NOT NULL THEN list_reduce(list_prepend([j], list_transform(bq_json_levels(j), lambda i: CAST([] AS JSON[]))), lambda l, i: flatten(list_transform(l, lambda e: CASE WHEN json_type(e) = 'ARRAY' THEN json_extract(e, '$[*]') ELSE [e] END))) END)",
  // Texts are hidden as hexadecimal digits, so that what is left are marks, numbers and words.
  'bq_json_hidden(t)':
    "bq_list_text(list_transform(regexp_extract_all(t, '\"(?:[^\"\\\\]|\\\\.)*\"|[^\"]+'), lambda s: CASE WHEN s[1] = '\"' THEN '\"' || hex(s[2:-2]) || '\"' ELSE s END), '')",
  'bq_json_shown(t)':
    "bq_list_text(list_transform(regexp_extract_all(t, '\"[0-9A-F]*\"|[^\"]+'), lambda s: CASE WHEN s[1] = '\"' THEN '\"' || decode(from_hex(s[2:-2])) || '\"' ELSE s END), '')",
  'bq_json_tidy(t)':
    "regexp_replace(regexp_replace(regexp_replace(t, ',{2,}', ',', 'g'), '([\\[{]),', '\\1', 'g'), ',([\\]}])', '\\1', 'g')",
  'bq_json_no_null(t, arrays)':
    "bq_json_tidy(replace(regexp_replace(t, '\"[0-9A-F]*\":null', '', 'g'), CASE WHEN arrays THEN 'null' ELSE '' END, ''))",
  'bq_json_no_empty(t, arrays)':
    "(CASE WHEN NOT contains(t, '{}') AND NOT (arrays AND contains(t, '[]')) THEN t WHEN arrays THEN bq_json_tidy(regexp_replace(t, '(\"[0-9A-F]*\":)?(\\{\\}|\\[\\])', '', 'g')) ELSE bq_json_tidy(regexp_replace(t, '\"[0-9A-F]*\":\\{\\}|^\\{\\}$', '', 'g')) END)",
  'bq_json_strip_nulls(j, arrays, empty)':
    "(CASE WHEN j IS NOT NULL THEN CAST(coalesce(bq_json_shown(list_reduce(list_prepend(bq_json_no_null(bq_json_hidden(CAST(json(CAST(j AS VARCHAR)) AS VARCHAR)), arrays), CASE WHEN empty THEN bq_json_levels(j) ELSE CAST([] AS VARCHAR[]) END), lambda t, i: bq_json_no_empty(t, arrays))), 'null') AS JSON) END)",
  'bq_json_levels_of(n, j)': `(CASE WHEN n <= 0 THEN [CAST(${fail("'max_depth of JSON_KEYS must be positive'")} AS VARCHAR)] WHEN n IS NULL THEN bq_json_levels(j) ELSE list_transform(range(least(500, n)), lambda i: '') END)`,
  // Keys, level by level: those that were found, and the objects that are left to be read.
  'bq_json_key(n)':
    "(CASE WHEN regexp_full_match(n, '[A-Za-z_][A-Za-z0-9_]*') THEN n ELSE CAST(to_json(n) AS VARCHAR) END)",
  'bq_json_objects(v, lax, deep)':
    "list_filter(CASE WHEN json_type(v) <> 'ARRAY' OR NOT lax THEN [v] WHEN deep THEN bq_json_flatten(v) ELSE json_extract(v, '$[*]') END, lambda o: json_type(o) = 'OBJECT')",
  'bq_json_children(s)':
    "flatten(list_transform(s, lambda e: list_transform(json_keys(e.v), lambda n: {'p': e.p || bq_json_key(n), 'v': json_extract(e.v, bq_json_member(n))})))",
  'bq_json_keys(j, levels, lax, deep)':
    "list_sort(list_distinct(list_reduce(list_prepend({'k': CAST([] AS VARCHAR[]), 't': list_transform(bq_json_objects(j, lax, deep), lambda o: {'p': '', 'v': o})}, list_transform(levels, lambda i: CAST(NULL AS STRUCT(k VARCHAR[], t STRUCT(p VARCHAR, v JSON)[])))), lambda s, i: {'k': list_concat(s.k, list_transform(bq_json_children(s.t), lambda c: c.p)), 't': flatten(list_transform(bq_json_children(s.t), lambda c: list_transform(bq_json_objects(c.v, lax, deep), lambda o: {'p': c.p || '.', 'v': o})))}).k))",
};
