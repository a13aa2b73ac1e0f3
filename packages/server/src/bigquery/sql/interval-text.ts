/**
 * An INTERVAL in BigQuery's canonical form, `[-]Y-M [-]D [-]H:M:S[.F]`: each of the three parts has a sign of its own.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#interval_type
 */
export function intervalText(interval: string): string {
  const part = (name: string) => `datepart('${name}', ${interval})`;
  const months = `(${part('year')} * 12 + ${part('month')})`;
  const micros = `((${part('hour')} * 60 + ${part('minute')}) * 60000000 + ${part('microsecond')})`;
  const sign = (sql: string) => `CASE WHEN ${sql} < 0 THEN '-' ELSE '' END`;
  const clock = `abs(${part('hour')}), abs(${part('minute')}), abs(${part('second')})`;
  const whole = `format('{}{}-{} {} {}{}:{}:{}', ${sign(months)}, abs(${part('year')}), abs(${part('month')}), ${part('day')}, ${sign(micros)}, ${clock})`;
  const fraction = `(abs(${micros}) % 1000000)`;
  return `(${whole} || CASE WHEN ${fraction} = 0 THEN '' WHEN ${fraction} % 1000 = 0 THEN format('.{:03d}', ${fraction} // 1000) ELSE format('.{:06d}', ${fraction}) END)`;
}
