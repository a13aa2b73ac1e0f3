import { expression } from './compile.js';
import { attempted, composed, type Expression, isNull, once } from './expression.js';
import type { ScalarType } from './plan.js';
import type { Scope } from './scope.js';
import { invalid, notSupported, type SyntaxNode } from './syntax.js';
import { duckDbType, quoteText, type SqlType, STRING, typeName } from './types.js';

/**
 * `CAST(time AS STRING FORMAT '…')` and `CAST(text AS DATE FORMAT '…')`:
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements. What is read must stand there exactly
 * as the format says; other texts, of which BigQuery takes some, are errors.
 */
const TOKEN =
  /Y,YYY|YYYY|YYY|YY|Y|RRRR|RR|MONTH|MON|MM|MI|DAY|DDD|DD|DY|D|HH24|HH12|HH|SSSSS|SS|FF[1-9]|[AP]\.M\.|[AP]M|TZ[HM]|"(?:[^"\\]|\\["\\])*"|[-./,';: ]+|./gisu;

type Kind = 'DATE' | 'DATETIME' | 'TIME' | 'TIMESTAMP';
const KINDS: readonly ScalarType[] = ['DATE', 'DATETIME', 'TIME', 'TIMESTAMP'] satisfies Kind[];

const OF_DATES = new Set('YYYY YY RRRR RR MON MM DAY DDD DD DY D'.split(' '));
const OF_TIMES = new Set('HH24 HH12 HH MI SSSSS SS AM PM A.M. P.M.'.split(' '));

type Piece = { readonly literal: string } | { readonly element: string; readonly written: string };

function pieces(format: string, kind: Kind, node: SyntaxNode): Piece[] {
  return [...format.matchAll(TOKEN)].map(([token]) => {
    if (token.startsWith('"') && token.length > 1)
      return { literal: token.slice(1, -1).replace(/\\(["\\])/g, '$1') };
    if (/^[-./,';: ]+$/.test(token)) return { literal: token };
    const element = token.toUpperCase();
    const ofDate = OF_DATES.has(element);
    if (!ofDate && !OF_TIMES.has(element)) throw notSupported(`The format element ${token}`, node);
    if (kind === (ofDate ? 'TIME' : 'DATE'))
      throw invalid(node, `Format element ${token} does not apply to ${kind}`);
    return { element, written: token };
  });
}

/** The cast; `format` is the node of the format, which must be known. */
export function formattedCast(
  value: Expression,
  type: SqlType,
  format: SyntaxNode,
  scope: Scope,
  safe: boolean,
): Expression {
  const given = expression(format, scope);
  if (given.type.kind !== 'STRING' && !isNull(given))
    throw invalid(format, `FORMAT needs a STRING, not ${typeName(given.type)}`);
  const [from, to] = [isNull(value) ? type.kind : value.type.kind, type.kind];
  const writes = to === 'STRING' && KINDS.includes(from as ScalarType);
  const reads = (isNull(value) || from === 'STRING') && KINDS.includes(to as ScalarType);
  if (!writes && !reads)
    throw notSupported(`CAST of ${typeName(value.type)} as ${typeName(type)} with FORMAT`, format);
  if (isNull(given) || isNull(value)) return composed(`CAST(NULL AS ${duckDbType(type)})`, type, value);
  const text = given.literal?.value;
  if (typeof text !== 'string') throw notSupported('CAST with a FORMAT that is no constant', format);
  if (writes) return composed(writtenSql(value, text, from as Kind, format), STRING, value);
  const read = readSql(pieces(text, to as Kind, format), to as Kind, format);
  const attempt = safe ? (sql: string) => `TRY(${read(sql)})` : read;
  return composed(
    attempted([value], ([sql]) => attempt(sql!)),
    type,
    value,
  );
}

function writtenSql({ sql }: Expression, format: string, kind: Kind, node: SyntaxNode): string {
  const parts = pieces(format, kind, node);
  const time =
    kind === 'TIME' ? `(DATE '1970-01-01' + ${sql})` : kind === 'TIMESTAMP' ? `bq_utc(${sql})` : sql;
  return once([time], ([at]) => {
    const texts = parts.map((part) =>
      'literal' in part ? quoteText(part.literal) : elementSql(part.element, part.written, at!, node),
    );
    // Of NULL it is NULL also where the format holds nothing of the time.
    return `(CASE WHEN ${at} IS NOT NULL THEN ${texts.length === 0 ? "''" : texts.join(' || ')} END)`;
  });
}

/** DuckDB's elements of the same text, in both directions. */
const SAME: Readonly<Record<string, string>> = {
  YYYY: '%Y',
  RRRR: '%Y',
  YY: '%y',
  RR: '%y',
  MM: '%m',
  DD: '%d',
  DDD: '%j',
  HH: '%I',
  HH12: '%I',
  HH24: '%H',
  MI: '%M',
  SS: '%S',
};
const NAMES: Readonly<Record<string, string>> = { MON: '%b', DY: '%a', DAY: '%A' };

function elementSql(element: string, written: string, at: string, node: SyntaxNode): string {
  const same = SAME[element];
  if (same !== undefined) return `strftime(${at}, '${same}')`;
  const name = NAMES[element];
  if (name !== undefined) {
    const cased = inCase(written, `strftime(${at}, '${name}')`);
    return element === 'DAY' ? `rpad(${cased}, 9, ' ')` : cased;
  }
  if (element === 'D') return `CAST(dayofweek(${at}) + 1 AS VARCHAR)`;
  if (element === 'SSSSS')
    return `lpad(CAST(hour(${at}) * 3600 + minute(${at}) * 60 + second(${at}) AS VARCHAR), 5, '0')`;
  if (/^[AP]/.test(element)) {
    const [am, pm] = element.length === 2 ? ['AM', 'PM'] : ['A.M.', 'P.M.'];
    const lower = written.startsWith(element[0]!) ? '' : 'lower';
    return `${lower}(CASE WHEN hour(${at}) < 12 THEN '${am}' ELSE '${pm}' END)`;
  }
  throw notSupported(`The format element ${written}`, node);
}

/** As the first two letters of the element are written; names of one word come capitalized. */
function inCase(written: string, sql: string): string {
  if (/^\p{Ll}/u.test(written)) return `lower(${sql})`;
  return /^.\p{Ll}/u.test(written) ? sql : `upper(${sql})`;
}

/** Four digits but 0000, which is no year. */
const YEAR = '(?:\\d{3}[1-9]|\\d{2}[1-9]\\d|\\d[1-9]\\d{2}|[1-9]\\d{3})';
/** How a text of each element looks, to be read by DuckDB. */
const READ: Readonly<Record<string, string>> = {
  YYYY: YEAR,
  RRRR: YEAR,
  MM: '\\d{2}',
  MON: '[A-Za-z]{3}',
  DD: '\\d{2}',
  HH24: '\\d{2}',
  HH12: '\\d{2}',
  HH: '\\d{2}',
  MI: '\\d{2}',
  SS: '\\d{2}',
  AM: '[AaPp][Mm]',
  PM: '[AaPp][Mm]',
};

function readSql(parts: readonly Piece[], kind: Kind, node: SyntaxNode): (sql: string) => string {
  checkModel(parts, kind, node);
  const known = parts.map((part) => {
    if ('literal' in part) {
      const look = part.literal.replace(/[^\p{L}\p{N} ]/gu, '\\$&');
      return { look, format: part.literal.replaceAll('%', '%%') };
    }
    const look = READ[part.element];
    if (look === undefined) throw notSupported(`Reading the format element ${part.written}`, node);
    return { look, format: /^[AP]M$/.test(part.element) ? '%p' : (SAME[part.element] ?? '%b') };
  });
  const look = quoteText(known.map((one) => one.look).join(''));
  const format = known.map((one) => one.format).join('');
  const date = kind === 'TIME' ? { text: "'1970 ' || ", format: '%Y ' } : { text: '', format: '' };
  return (sql) => {
    const checked = `bq_in_format(${sql}, ${look})`;
    const time = `strptime(${date.text}${checked}, ${quoteText(date.format + format)})`;
    return kind === 'TIMESTAMP'
      ? `bq_at_utc(${time})`
      : `CAST(${time} AS ${kind === 'DATETIME' ? 'TIMESTAMP' : kind})`;
  };
}

/** What is left out would be the present year or month. */
function checkModel(parts: readonly Piece[], kind: Kind, node: SyntaxNode): void {
  const groups = parts.flatMap((part) => ('element' in part ? [groupOf(part.element)] : []));
  const twice = groups.find((one, i) => groups.indexOf(one) !== i);
  if (twice !== undefined) throw invalid(node, `The format has more than one element of the ${twice}`);
  const has = (group: string) => groups.includes(group);
  if (kind !== 'TIME' && !(has('year') && has('month')))
    throw notSupported(`CAST as ${kind} with a FORMAT without year or month`, node);
  const half = parts.some((part) => 'element' in part && /^HH(12)?$/.test(part.element));
  if (half !== has('meridian indicator'))
    throw invalid(node, 'HH and HH12 need a meridian indicator (AM or PM) in the format, and it needs them');
}

function groupOf(element: string): string {
  if (/^[YR]/.test(element)) return 'year';
  if (/^M[MO]/.test(element)) return 'month';
  if (/^D/.test(element)) return 'day';
  if (/^H/.test(element)) return 'hour';
  return /^[AP]/.test(element) ? 'meridian indicator' : element;
}
