import { castSql } from './casts.js';
import { coerced, cost, fieldSql } from './coercion.js';
import { expression } from './compile.js';
import { composed, type Expression, isNull, limitsOf, once } from './expression.js';
import { boundedArray, jsonText } from './json-values.js';
import type { ScalarType } from './plan.js';
import type { Scope } from './scope.js';
import { invalid, list, notSupported, only, type SyntaxNode } from './syntax.js';
import { quoteText, type SqlType, STRING, scalar, typeName } from './types.js';

type Call = (node: SyntaxNode, scope: Scope, name: string) => Expression;

function values(node: SyntaxNode, scope: Scope): Expression[] {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  return list(node, 'args').map((one) => expression(one, scope));
}

function constantFormat(value: Expression | undefined, node: SyntaxNode, name: string): string {
  const given = value?.literal?.value;
  if (typeof given !== 'string')
    throw notSupported(`${name} with a format that is no constant`, list(node, 'args')[0] ?? node);
  return given;
}

/** Elements that DuckDB's strftime writes as BigQuery does. */
const SAME = new Set('aAbBdHIjmMpSUuVwWyYG'.split(''));
const LONGER: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  R: '%H:%M',
  h: '%b',
  E4Y: '%Y',
  c: '%a %b %e %H:%M:%S %Y',
};
const ELEMENT = /%(E\d[SY]|E\*S|Ez|.)|([^%]+)/gs;

/** `offset`: the SQL of minutes from UTC, for %z. */
function written(format: string, value: string, offset: string | undefined, node: SyntaxNode): string {
  const pieces: string[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') pieces.push(`strftime(${value}, ${quoteText(plain)})`);
    plain = '';
  };
  for (const [whole, element, text] of format.matchAll(ELEMENT)) {
    if (text !== undefined) plain += text;
    else if (element === '%') plain += '%%';
    else if (SAME.has(element!)) plain += whole;
    else {
      flush();
      pieces.push(elementSql(element!, value, offset, node));
    }
  }
  flush();
  return pieces.length === 0 ? "''" : `(${pieces.join(' || ')})`;
}

function elementSql(element: string, value: string, offset: string | undefined, node: SyntaxNode): string {
  const longer = LONGER[element];
  if (longer !== undefined) return written(longer, value, offset, node);
  const padded = (format: string) => `lpad(strftime(${value}, '${format}'), 2, ' ')`;
  const seconds = /^E(\d|\*)S$/.exec(element)?.[1];
  if (seconds === '*') return `(strftime(${value}, '%S') || rtrim(strftime(${value}, '.%f'), '0.'))`;
  if (seconds === '0') return `strftime(${value}, '%S')`;
  if (seconds !== undefined) return `left(strftime(${value}, '%S.%f'), ${Number(seconds) + 3})`;
  switch (element) {
    case 'e':
      return padded('%-d');
    case 'k':
      return padded('%-H');
    case 'l':
      return padded('%-I');
    case 'n':
      return 'chr(10)';
    case 't':
      return 'chr(9)';
    case 'P':
      return `lower(strftime(${value}, '%p'))`;
    case 'Q':
      return `CAST(quarter(${value}) AS VARCHAR)`;
    case 'C':
      return `lpad(CAST(year(${value}) // 100 AS VARCHAR), 2, '0')`;
    case 's':
      return offset === undefined
        ? unknown(element, node)
        : `CAST(bq_floor_div(epoch_us(${value}), 1000000) - 60 * ${offset} AS VARCHAR)`;
    case 'z':
    case 'Ez':
      return offset === undefined
        ? unknown(element, node)
        : `bq_offset_text(${offset}, '${element === 'z' ? '' : ':'}')`;
    case 'Z':
      return offset === '0' ? "'UTC'" : unknown(element, node);
    default:
      return unknown(element, node);
  }
}

function unknown(element: string, node: SyntaxNode): never {
  throw notSupported(`The format element %${element}`, node);
}

function asKind(value: Expression | undefined, kind: ScalarType, name: string, node: SyntaxNode): Expression {
  if (value === undefined || cost(value, scalar(kind)) === undefined) {
    throw invalid(
      node,
      `No matching signature for function ${name} for argument type: ${value === undefined ? 'none' : typeName(value.type)}`,
    );
  }
  return coerced(value, scalar(kind), node);
}

const formatTime: Call = (node, scope, name) => {
  const [formatValue, value, zone, ...more] = values(node, scope);
  const format = constantFormat(formatValue, node, name);
  const given = value?.type.kind;
  const own = name === 'FORMAT_DATE' && (given === 'DATETIME' || given === 'TIMESTAMP');
  const kind = (own ? given : name.slice('FORMAT_'.length)) as ScalarType;
  const time = asKind(value, kind, name, node);
  if (more.length > 0 || (zone !== undefined && kind !== 'TIMESTAMP'))
    throw invalid(node, `No matching signature for function ${name}: it takes fewer arguments`);
  if (kind !== 'TIMESTAMP') {
    const sql = kind === 'TIME' ? `(DATE '1970-01-01' + ${time.sql})` : time.sql;
    const text = once([sql], ([value]) => written(format, value!, undefined, node));
    return composed(text, STRING, time);
  }
  const zoneSql = zone === undefined ? "'UTC'" : asKind(zone, 'STRING', name, node).sql;
  const text = once([time.sql, zoneSql], ([at, name]) => {
    const offset = zone === undefined ? '0' : `bq_zone_offset(${at}, ${name})`;
    const local = zone === undefined ? `bq_utc(${at})` : `bq_to_zone(${name}, ${at})`;
    return written(format, local, offset, node);
  });
  return composed(text, STRING, time, ...(zone === undefined ? [] : [zone]));
};

/** DuckDB reads what it writes; a year that is not given is 1970. */
function readFormat(format: string, node: SyntaxNode): string {
  let found = '';
  for (const [whole, element, text] of format.matchAll(ELEMENT)) {
    if (text !== undefined) found += text;
    else if (element === '%' || SAME.has(element!)) found += whole;
    else if (LONGER[element!] !== undefined) found += readFormat(LONGER[element!]!, node);
    else if (element === 'e') found += '%-d';
    else if (element === 'k') found += '%-H';
    else if (element === 'l') found += '%-I';
    else if (/^E[\d*]S$/.test(element!)) found += element === 'E0S' ? '%S' : '%S.%f';
    else if (element === 'z' || element === 'Ez') found += '%z';
    else if (element === 'Z') found += '%Z';
    else unknown(element!, node);
  }
  return found;
}

const parseTime: Call = (node, scope, name) => {
  const [formatValue, value, zone, ...more] = values(node, scope);
  const text = asKind(value, 'STRING', name, node);
  const kind = name.slice('PARSE_'.length) as ScalarType;
  if (more.length > 0 || (zone !== undefined && kind !== 'TIMESTAMP'))
    throw invalid(node, `No matching signature for function ${name}: it takes fewer arguments`);
  const given = constantFormat(formatValue, node, name);
  // Seconds since 1970, which DuckDB does not read.
  if (given === '%s' && kind === 'TIMESTAMP')
    return composed(`bq_timestamp_of(bq_to_int64(${text.sql}), 1000000)`, scalar(kind), text);
  const format = readFormat(given, node);
  const hasYear = /%[YyGE]/.test(format);
  const sql = hasYear
    ? `strptime(${text.sql}, ${quoteText(format)})`
    : `strptime('1970 ' || ${text.sql}, ${quoteText(`%Y ${format}`)})`;
  const type = scalar(kind);
  if (kind !== 'TIMESTAMP')
    return composed(`CAST(${sql} AS ${kind === 'DATETIME' ? 'TIMESTAMP' : kind})`, type, text);
  if (/%[zZ]/.test(format)) return composed(`CAST(${sql} AS TIMESTAMPTZ)`, type, text);
  if (zone === undefined) return composed(`timezone('UTC', ${sql})`, type, text);
  return composed(`bq_from_zone(${asKind(zone, 'STRING', name, node).sql}, ${sql})`, type, text, zone);
};

const SPECIFIER = /%([-+ #0']*)(\d*)((?:\.\d+)?)([diouxXfFeEgGsptT%])|%|[^%]+/gs;

/** FORMAT('%d of %s', …). */
const format: Call = (node, scope, name) => {
  const [formatValue, ...given] = values(node, scope);
  const pieces: string[] = [];
  let next = 0;
  for (const [whole, flags = '', width = '', precision = '', kind] of constantFormat(
    formatValue,
    node,
    name,
  ).matchAll(SPECIFIER)) {
    if (whole === '%' || whole.includes('*'))
      throw invalid(node, 'Invalid FORMAT string; a format specifier is incomplete');
    if (kind === undefined) pieces.push(quoteText(whole));
    else if (kind === '%') pieces.push("'%'");
    else {
      const value = given[next++];
      if (value === undefined)
        throw invalid(
          node,
          `Too few arguments to FORMAT for pattern ${JSON.stringify(formatValue?.literal?.value)}; Expected ${next}; Got ${given.length}`,
        );
      pieces.push(specifierSql(kind, flags, width, precision, value, node));
    }
  }
  if (next < given.length)
    throw invalid(
      node,
      `Too many arguments to FORMAT for pattern ${JSON.stringify(formatValue?.literal?.value)}; Expected ${next}; Got ${given.length}`,
    );
  return composed(pieces.length === 0 ? "''" : `(${pieces.join(' || ')})`, STRING, ...given);
};

function specifierSql(
  kind: string,
  flags: string,
  width: string,
  precision: string,
  value: Expression,
  node: SyntaxNode,
): string {
  const { bytes } = limitsOf([value]);
  if (Number(width) > bytes || Number(precision.slice(1)) > bytes)
    throw invalid(node, `Output of FORMAT exceeds the size that is possible here, ${bytes} bytes`);
  const form = quoteText(
    `%${flags.replace("'", '')}${width}${precision}${kind === 'i' ? 'd' : kind === 'F' ? 'f' : /[tT]/.test(kind) ? 's' : kind}`,
  );
  const wrong = () =>
    invalid(
      node,
      `Invalid type for argument to FORMAT; Expected ${/[diouxX]/.test(kind) ? 'integer' : /[fFeEgG]/.test(kind) ? 'floating point number' : 'STRING'}; Got ${typeName(value.type)}`,
    );
  if (/[diouxX]/.test(kind)) {
    if (value.type.kind !== 'INT64') throw wrong();
    if (flags.includes("'")) return `format('{:,}', ${value.sql})`;
    return `printf(${form}, ${value.sql})`;
  }
  if (/[fFeEgG]/.test(kind)) {
    if (value.type.kind !== 'FLOAT64' && value.type.kind !== 'NUMERIC') throw wrong();
    if (flags.includes("'"))
      return `format('{:,${precision === '' ? '.6' : precision}f}', CAST(${value.sql} AS DOUBLE))`;
    return `printf(${form}, CAST(${value.sql} AS DOUBLE))`;
  }
  if (kind === 's' && isNull(value)) return 'CAST(NULL AS VARCHAR)';
  if (kind === 's' && value.type.kind === 'STRING') return `printf(${form}, ${value.sql})`;
  if (kind === 't' || kind === 'T') return `printf(${form}, ${printed(value, kind)})`;
  if (kind === 'p' && value.type.kind === 'JSON') return `CAST(${value.sql} AS VARCHAR)`;
  throw wrong();
}

/** %t is what CAST writes, %T is what could be read again. */
function printed(value: Expression, kind: string): string {
  if (isNull(value)) return "'NULL'";
  return `coalesce(${text(boundedArray(value), value.type, kind === 'T')}, 'NULL')`;
}

function text(sql: string, type: SqlType, literal: boolean): string {
  if (type.kind === 'ARRAY') {
    return `('[' || bq_array_to_string(list_transform(${sql}, lambda e: coalesce(${text('e', type.element, literal)}, 'NULL')), ', ') || ']')`;
  }
  if (type.kind === 'STRUCT') return structText(sql, type, literal);
  if (type.kind === 'FLOAT64') return `bq_float_literal(${sql}, ${literal})`;
  if (type.kind === 'STRING')
    return literal ? `(CASE WHEN ${sql} IS NOT NULL THEN ${jsonText(sql, STRING)} END)` : sql;
  const plain = castSql(sql, type, STRING) ?? jsonText(sql, type);
  if (!literal || ['INT64', 'BOOL', 'INTERVAL'].includes(type.kind)) return plain;
  return type.kind === 'BYTES' ? `('b"' || ${plain} || '"')` : `('${type.kind} "' || ${plain} || '"')`;
}

/** `(1, a)` */
function structText(sql: string, type: Extract<SqlType, { kind: 'STRUCT' }>, literal: boolean): string {
  return once([sql], ([value]) => {
    const fields = type.fields.map(
      (field, i) => `coalesce(${text(fieldSql(value!, type, i), field.type, literal)}, 'NULL')`,
    );
    return `(CASE WHEN ${value} IS NOT NULL THEN '(' || ${fields.join(" || ', ' || ")} || ')' END)`;
  });
}

export const formatCalls: Readonly<Record<string, Call>> = {
  FORMAT: format,
  FORMAT_DATE: formatTime,
  FORMAT_DATETIME: formatTime,
  FORMAT_TIME: formatTime,
  FORMAT_TIMESTAMP: formatTime,
  PARSE_DATE: parseTime,
  PARSE_DATETIME: parseTime,
  PARSE_TIME: parseTime,
  PARSE_TIMESTAMP: parseTime,
};
