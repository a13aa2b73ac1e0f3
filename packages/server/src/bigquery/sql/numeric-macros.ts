import { fail } from './macro-failures.js';

/** DuckDB macros for NUMERIC, whose digits DOUBLE does not hold; see macros.ts. */
export const NUMERIC_MACROS: Readonly<Record<string, string>> = {
  // A NUMERIC in billionths, and back.
  'bq_numeric_units(x)': "CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)",
  'bq_numeric_digits(u)':
    "lpad(CAST(abs(u) AS VARCHAR), CAST(greatest(10, length(CAST(abs(u) AS VARCHAR))) AS INTEGER), '0')",
  'bq_numeric_of_units(u)':
    "CAST(CASE WHEN u < 0 THEN '-' ELSE '' END || bq_numeric_digits(u)[:-10] || '.' || bq_numeric_digits(u)[-9:] AS DECIMAL(38,9))",
  // How many billionths the last digit that is left is worth.
  'bq_numeric_step(n)':
    "(CASE WHEN n IS NOT NULL THEN CAST('1' || repeat('0', greatest(0, least(38, 9 - n))) AS HUGEINT) END)",
  'bq_numeric_trunc(x, n)':
    'bq_numeric_of_units(bq_numeric_units(x) // bq_numeric_step(n) * bq_numeric_step(n))',
  'bq_numeric_rounded(u, p, even)':
    'bq_numeric_of_units((u // p + CASE WHEN p > 1 AND (abs(u % p) > p - abs(u % p) OR (abs(u % p) = p - abs(u % p) AND (NOT even OR u // p % 2 <> 0))) THEN CAST(sign(u) AS HUGEINT) ELSE 0 END) * p)',
  'bq_numeric_round(x, n)': 'bq_numeric_rounded(bq_numeric_units(x), bq_numeric_step(n), false)',
  'bq_numeric_round_by(x, n, mode)': `bq_numeric_rounded(bq_numeric_units(x), bq_numeric_step(n), CASE WHEN upper(mode) = 'ROUND_HALF_EVEN' THEN true WHEN upper(mode) = 'ROUND_HALF_AWAY_FROM_ZERO' THEN false WHEN mode IS NOT NULL THEN ${fail("'Invalid rounding mode: ' || mode")} = 0 END)`,
  'bq_div_numeric(a, b)': `(CASE WHEN b = 0 THEN ${fail("'division by zero: ' || bq_numeric_text(a) || ' / ' || bq_numeric_text(b)", 'DECIMAL(38,9)')} ELSE CAST(bq_numeric_units(a) // bq_numeric_units(b) AS DECIMAL(38,9)) END)`,
};
