import { fail } from './macro-failures.js';

/** DuckDB macros for BYTES, of which DuckDB has few functions: by their hexadecimal digits; see macros.ts. */
export const BYTES_MACROS: Readonly<Record<string, string>> = {
  'bq_each_byte(b)': "regexp_extract_all(hex(b), '..')",
  // With a space behind each byte, so that no text begins within one.
  'bq_spaced_bytes(b)': "regexp_replace(hex(b), '(..)', '\\1 ', 'g')",
  'bq_unspaced_bytes(s)': "from_hex(replace(s, ' ', ''))",
  'bq_left_bytes(b, n)': 'from_hex(bq_left(hex(b), n * 2))',
  'bq_right_bytes(b, n)': 'from_hex(bq_right(hex(b), n * 2))',
  'bq_reverse_bytes(b)': "from_hex(bq_array_to_string(list_reverse(bq_each_byte(b)), ''))",
  'bq_strpos_bytes(b, a)': '((strpos(bq_spaced_bytes(b), bq_spaced_bytes(a)) + 2) // 3)',
  'bq_replace_bytes(b, x, y, most)':
    'bq_unspaced_bytes(bq_replace(bq_spaced_bytes(b), bq_spaced_bytes(x), bq_spaced_bytes(y), most * 3))',
  'bq_split_bytes(b, d, most)':
    '(CASE WHEN octet_length(d) = 0 AND octet_length(b) > 0 THEN list_transform(bq_each_byte(b), lambda e: from_hex(e)) ELSE list_transform(bq_split(bq_spaced_bytes(b), bq_spaced_bytes(d), most), lambda e: bq_unspaced_bytes(e)) END)',
  'bq_bytes_to_code_points(b)': "list_transform(bq_each_byte(b), lambda e: CAST('0x' || e AS BIGINT))",
  // A text with a character for each byte, as RE2 reads bytes.
  'bq_bytes_text(b)':
    "bq_array_to_string(list_transform(bq_bytes_to_code_points(b), lambda e: chr(CAST(e AS INTEGER))), '')",
  'bq_text_bytes(s)':
    "(CASE WHEN s = '' THEN from_hex('') ELSE from_hex(bq_array_to_string(list_transform(string_split(s, ''), lambda e: format('{:02X}', unicode(e))), '')) END)",
  'bq_upper_bytes(b)':
    "from_hex(bq_array_to_string(list_transform(bq_each_byte(b), lambda e: CASE WHEN e >= '61' AND e <= '7A' THEN replace(replace(e[1], '6', '4'), '7', '5') || e[2] ELSE e END), ''))",
  'bq_lower_bytes(b)':
    "from_hex(bq_array_to_string(list_transform(bq_each_byte(b), lambda e: CASE WHEN e >= '41' AND e <= '5A' THEN replace(replace(e[1], '4', '6'), '5', '7') || e[2] ELSE e END), ''))",
  'bq_code_points_to_bytes(a)': `(CASE WHEN len(list_filter(a, lambda e: e IS NULL)) = 0 THEN from_hex(bq_array_to_string(list_transform(a, lambda e: format('{:02X}', CASE WHEN e >= 0 AND e < 256 THEN e ELSE ${fail("'Invalid extended ASCII code point ' || e")} END)), '')) END)`,
};
