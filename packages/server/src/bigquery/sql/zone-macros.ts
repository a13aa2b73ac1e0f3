/** `+05:30`, `-8`: DuckDB knows time zones by their names only. */
const OFFSET = '[+-](0?\\d|1[0-4])(:[0-5]?\\d)?';

/** Time zones: names of the tz database, and offsets from UTC in hours and minutes. */
export const ZONE_MACROS: Readonly<Record<string, string>> = {
  'bq_zone_name(z)': `(CASE WHEN regexp_full_match(z, '${OFFSET}') THEN 'UTC' ELSE z END)`,
  'bq_zone_shift(z)': `to_microseconds(CASE WHEN regexp_full_match(z, '${OFFSET}') THEN CAST(z[1] || '60000000' AS BIGINT) * (CAST(string_split(z[2:], ':')[1] AS BIGINT) * 60 + coalesce(TRY_CAST(string_split(z, ':')[2] AS BIGINT), 0)) ELSE 0 END)`,
  'bq_to_zone(z, t)': '(timezone(bq_zone_name(z), t) + bq_zone_shift(z))',
  'bq_from_zone(z, t)': 'timezone(bq_zone_name(z), t - bq_zone_shift(z))',
  'bq_zone_offset(t, z)': 'CAST((epoch_us(bq_to_zone(z, t)) - epoch_us(t)) // 60000000 AS INTEGER)',
  'bq_zoned_text(t, z)':
    "(bq_datetime_text(bq_to_zone(z, t)) || CASE WHEN bq_zone_offset(t, z) < 0 THEN '-' ELSE '+' END || format('{:02d}', abs(bq_zone_offset(t, z)) // 60) || CASE WHEN bq_zone_offset(t, z) % 60 = 0 THEN '' ELSE format(':{:02d}', abs(bq_zone_offset(t, z)) % 60) END)",
};
