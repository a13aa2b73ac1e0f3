import { coerced, cost } from './coercion.js';
import { expression } from './compile.js';
import { composed, type Expression, once } from './expression.js';
import { intervalOf } from './operators.js';
import type { ScalarType } from './plan.js';
import type { Scope } from './scope.js';
import { child, has, invalid, keyword, list, need, only, type SyntaxNode } from './syntax.js';
import { INT64, type SqlType, scalar, typeName } from './types.js';

/** Days from Monday, on which DuckDB's weeks begin, to the day on which a week begins. */
const WEEK_STARTS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const DATE_PARTS = ['DAY', 'WEEK', 'ISOWEEK', 'MONTH', 'QUARTER', 'YEAR', 'ISOYEAR'];
const CLOCK_PARTS = ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR'];
const MICROS: Readonly<Record<string, number>> = {
  MICROSECOND: 1,
  MILLISECOND: 1000,
  SECOND: 1_000_000,
  MINUTE: 60_000_000,
  HOUR: 3_600_000_000,
  DAY: 86_400_000_000,
};

interface Part {
  readonly name: string;
  /** Of WEEK: days after Monday. */
  readonly weekStart: number;
}

/** `MONTH`, `WEEK(TUESDAY)`. */
function partOf(node: SyntaxNode): Part {
  if (node.node_type === 'CallingFunction') {
    const name = keyword(need(node, 'func'));
    const day = list(node, 'args')[0];
    const weekStart = day === undefined ? -1 : WEEK_STARTS.indexOf(keyword(day));
    if (name !== 'WEEK' || weekStart < 0)
      throw invalid(node, `A valid date part name is required but found ${name}`);
    return { name, weekStart };
  }
  const name = keyword(node);
  return { name, weekStart: name === 'WEEK' ? 6 : 0 };
}

function checkPart(part: Part, allowed: readonly string[], name: string, at: SyntaxNode): void {
  if (allowed.includes(part.name)) return;
  if (
    ![...DATE_PARTS, ...CLOCK_PARTS, 'DAYOFWEEK', 'DAYOFYEAR', 'DATE', 'TIME', 'DATETIME'].includes(part.name)
  ) {
    throw invalid(at, `A valid date part name is required but found ${part.name}`);
  }
  throw invalid(at, `${name} does not support the ${part.name} date part`);
}

const PARTS_OF: Readonly<Record<string, readonly string[]>> = {
  DATE: DATE_PARTS,
  DATETIME: [...CLOCK_PARTS, ...DATE_PARTS],
  TIMESTAMP: [...CLOCK_PARTS, ...DATE_PARTS],
  TIME: CLOCK_PARTS,
};

function argument(node: SyntaxNode, kind: ScalarType, name: string, scope: Scope): Expression {
  return argumentOf(expression(node, scope), node, kind, name);
}

function argumentOf(value: Expression, node: SyntaxNode, kind: ScalarType, name: string): Expression {
  const type = scalar(kind);
  if (cost(value, type) === undefined) {
    throw invalid(
      node,
      `No matching signature for function ${name} for argument type: ${typeName(value.type)}`,
    );
  }
  return coerced(value, type, node);
}

function args(node: SyntaxNode, name: string, least: number, most: number): readonly SyntaxNode[] {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const found = list(node, 'args');
  if (found.length < least || found.length > most) {
    throw invalid(
      node,
      `No matching signature for function ${name}: it takes ${least === most ? least : `${least} to ${most}`} arguments, not ${found.length}`,
    );
  }
  return found;
}

const WHOLE_DAYS = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'];
const ADDED: Readonly<Record<string, readonly string[]>> = {
  DATE: WHOLE_DAYS,
  DATETIME: [...CLOCK_PARTS, ...WHOLE_DAYS],
  TIMESTAMP: [...CLOCK_PARTS, 'DAY'],
  TIME: CLOCK_PARTS,
};

/** DATE_ADD, TIMESTAMP_SUB and their like. */
export function addOrSubtract(node: SyntaxNode, scope: Scope, name: string): Expression {
  const [kindName, action] = name.split('_') as [string, string];
  const [first, second] = args(node, name, 2, 2) as [SyntaxNode, SyntaxNode];
  if (second.node_type !== 'IntervalLiteral')
    throw invalid(second, `${name} needs an INTERVAL as its second argument`);
  const given = expression(first, scope);
  // DATE_ADD of a DATETIME or TIMESTAMP is that type's own function.
  const own = name.startsWith('DATE_') && ['DATETIME', 'TIMESTAMP'].includes(given.type.kind);
  const kind = (own ? given.type.kind : kindName) as ScalarType;
  const value = argumentOf(given, first, kind, name);
  const part = keyword(need(second, 'date_part'));
  checkPart({ name: part, weekStart: 0 }, ADDED[kind]!, name, second);
  const amount = argument(need(second, 'expr'), 'INT64', name, scope);
  const sign = action === 'ADD' ? '+' : '-';
  const interval = intervalOf(amount, part, second).sql;
  const sql = `(${value.sql} ${sign} ${interval})`;
  return composed(
    withinRange(kind === 'DATE' ? `CAST(${sql} AS DATE)` : sql, kind),
    scalar(kind),
    value,
    amount,
  );
}

const RANGES: Partial<Record<ScalarType, string>> = {
  DATE: 'bq_date',
  DATETIME: 'bq_datetime',
  TIMESTAMP: 'bq_timestamp',
};

/** What is counted from the present stays: DuckDB knows which rows lie behind such a time without reading them. */
function withinRange(sql: string, kind: ScalarType): string {
  const check = RANGES[kind];
  return check === undefined || sql.includes('now()') ? sql : `${check}(${sql})`;
}

/** DATE_DIFF(later, earlier, part) and its like. */
export function difference(node: SyntaxNode, scope: Scope, name: string): Expression {
  const [first, second, third] = args(node, name, 3, 3) as [SyntaxNode, SyntaxNode, SyntaxNode];
  const given = expression(first, scope);
  const own = name === 'DATE_DIFF' && ['DATETIME', 'TIMESTAMP'].includes(given.type.kind);
  const kind = (own ? given.type.kind : name.split('_')[0]) as ScalarType;
  const part = partOf(third);
  checkPart(part, kind === 'TIMESTAMP' ? [...CLOCK_PARTS, 'DAY'] : PARTS_OF[kind]!, name, third);
  const [a, b] = [argumentOf(given, first, kind, name), argument(second, kind, name, scope)];
  return composed(differenceSql(a.sql, b.sql, part, kind), INT64, a, b);
}

function differenceSql(a: string, b: string, part: Part, kind: ScalarType): string {
  const unit = MICROS[part.name];
  if (kind === 'TIMESTAMP') return `((epoch_us(${a}) - epoch_us(${b})) // ${unit})`;
  if (part.name === 'ISOYEAR') return `(isoyear(${a}) - isoyear(${b}))`;
  if (part.name === 'WEEK' || part.name === 'ISOWEEK') {
    // Moved so that the week's first day falls on a Monday.
    const days = part.name === 'WEEK' ? (7 - part.weekStart) % 7 : 0;
    const moved = (sql: string) => (days === 0 ? sql : `(${sql} + to_days(${days}))`);
    const week = (sql: string) => `CAST(date_trunc('week', ${moved(sql)}) AS DATE)`;
    return `((${week(a)} - ${week(b)}) // 7)`;
  }
  return `date_diff('${part.name.toLowerCase()}', ${b}, ${a})`;
}

/** DATE_TRUNC(value, part) and its like; TIMESTAMP_TRUNC takes a time zone. */
export function truncate(node: SyntaxNode, scope: Scope, name: string): Expression {
  const [first, second, third] = args(node, name, 2, 3);
  const given = expression(first!, scope);
  // Each of them takes the others' values, but for TIME_TRUNC.
  const own = name !== 'TIME_TRUNC' && ['DATETIME', 'TIMESTAMP'].includes(given.type.kind);
  const kind = (own ? given.type.kind : name.split('_')[0]) as ScalarType;
  const value = argumentOf(given, first!, kind, name);
  const part = partOf(second!);
  checkPart(part, PARTS_OF[kind]!, name, second!);
  if (third !== undefined && kind !== 'TIMESTAMP')
    throw invalid(third, `${name} takes a time zone of TIMESTAMP only`);
  if (kind === 'TIME')
    return composed(
      `CAST(date_trunc('${part.name.toLowerCase()}', DATE '1970-01-01' + ${value.sql}) AS TIME)`,
      value.type,
      value,
    );
  if (kind !== 'TIMESTAMP') {
    const type = kind === 'DATE' ? 'DATE' : 'TIMESTAMP';
    return composed(`CAST(${truncated(value.sql, part)} AS ${type})`, value.type, value);
  }
  const zone = third === undefined ? undefined : argument(third, 'STRING', name, scope);
  const unit = MICROS[part.name];
  // Of parts up to a day UTC needs no calendar, which takes ten times as long.
  if (zone === undefined) {
    const sql =
      unit === undefined
        ? `bq_at_utc(${truncated(`bq_utc(${value.sql})`, part)})`
        : `bq_truncate_micros(${value.sql}, ${unit})`;
    return composed(sql, value.type, value);
  }
  const sql = once(
    [value.sql, zone.sql],
    ([time, name]) => `bq_from_zone(${name}, ${truncated(`bq_to_zone(${name}, ${time})`, part)})`,
  );
  return composed(sql, value.type, value, zone);
}

function truncated(sql: string, part: Part): string {
  if (part.name === 'WEEK' && part.weekStart > 0) {
    const days = 7 - part.weekStart;
    return `(date_trunc('week', ${sql} + to_days(${days})) - to_days(${days}))`;
  }
  const name = part.name === 'ISOWEEK' ? 'week' : part.name.toLowerCase();
  return `date_trunc('${name}', ${sql})`;
}

/** LAST_DAY(date, part). */
export function lastDay(node: SyntaxNode, scope: Scope): Expression {
  const [first, second] = args(node, 'LAST_DAY', 1, 2);
  const given = expression(first!, scope);
  const value = argumentOf(given, first!, given.type.kind === 'DATETIME' ? 'DATETIME' : 'DATE', 'LAST_DAY');
  const part = second === undefined ? { name: 'MONTH', weekStart: 0 } : partOf(second);
  checkPart(part, DATE_PARTS.slice(1), 'LAST_DAY', second ?? node);
  const length = {
    WEEK: 'to_days(7)',
    ISOWEEK: 'to_days(7)',
    MONTH: 'to_months(1)',
    QUARTER: 'to_months(3)',
    YEAR: 'to_years(1)',
  };
  const add = length[part.name as keyof typeof length];
  if (add === undefined) throw invalid(node, `LAST_DAY does not support the ${part.name} date part`);
  return composed(`CAST(${truncated(value.sql, part)} + ${add} - to_days(1) AS DATE)`, scalar('DATE'), value);
}

const EXTRACTED: Readonly<Record<string, (sql: string) => string>> = {
  MICROSECOND: (sql) => `(extract(microsecond FROM ${sql}) % 1000000)`,
  MILLISECOND: (sql) => `(extract(millisecond FROM ${sql}) % 1000)`,
  SECOND: (sql) => `extract(second FROM ${sql})`,
  MINUTE: (sql) => `extract(minute FROM ${sql})`,
  HOUR: (sql) => `extract(hour FROM ${sql})`,
  DAYOFWEEK: (sql) => `(extract(dow FROM ${sql}) + 1)`,
  DAY: (sql) => `extract(day FROM ${sql})`,
  DAYOFYEAR: (sql) => `extract(doy FROM ${sql})`,
  ISOWEEK: (sql) => `extract(week FROM ${sql})`,
  MONTH: (sql) => `extract(month FROM ${sql})`,
  QUARTER: (sql) => `extract(quarter FROM ${sql})`,
  YEAR: (sql) => `extract(year FROM ${sql})`,
  ISOYEAR: (sql) => `extract(isoyear FROM ${sql})`,
};

const INTERVAL_PARTS = ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR', 'DAY', 'MONTH', 'YEAR'];

/** EXTRACT(part FROM value [AT TIME ZONE zone]). */
export function extract(node: SyntaxNode, scope: Scope): Expression {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const found = list(node, 'args')[0];
  if (found?.node_type !== 'ExtractArgument') throw invalid(node, 'Syntax error: Expected keyword FROM');
  const part = partOf(need(found, 'extract_datepart'));
  const from = expression(need(found, 'extract_from'), scope);
  const zoneNode = child(found, 'time_zone');
  const zone = zoneNode === undefined ? undefined : argument(zoneNode, 'STRING', 'EXTRACT', scope);
  if (zone !== undefined && from.type.kind !== 'TIMESTAMP') {
    throw invalid(found, `EXTRACT from ${typeName(from.type)} does not support AT TIME ZONE`);
  }
  if (has(found, 'weekday')) throw invalid(found, 'EXTRACT takes WEEK(day) as one part');
  if (from.type.kind === 'INTERVAL') {
    checkPart(part, INTERVAL_PARTS, 'EXTRACT from INTERVAL', found);
    return composed(EXTRACTED[part.name]!(from.sql), INT64, from);
  }
  if (!['DATE', 'DATETIME', 'TIMESTAMP', 'TIME'].includes(from.type.kind)) {
    throw invalid(node, `EXTRACT does not support arguments of type ${typeName(from.type)}`);
  }
  const local = zone === undefined ? `bq_utc(${from.sql})` : `bq_to_zone(${zone.sql}, ${from.sql})`;
  const sql = from.type.kind === 'TIMESTAMP' ? local : from.sql;
  const [text, type] = extracted(sql, part, from.type, found);
  return composed(text, type, from, ...(zone === undefined ? [] : [zone]));
}

function extracted(sql: string, part: Part, from: SqlType, at: SyntaxNode): [string, SqlType] {
  const kind = from.kind as string;
  const whole: Record<string, [string, SqlType]> = {
    DATE: [`CAST(${sql} AS DATE)`, scalar('DATE')],
    TIME: [`CAST(${sql} AS TIME)`, scalar('TIME')],
    DATETIME: [sql, scalar('DATETIME')],
  };
  const value = whole[part.name];
  if (value !== undefined && (kind === 'TIMESTAMP' || (kind === 'DATETIME' && part.name !== 'DATETIME')))
    return value;
  const allowed = [...(PARTS_OF[kind] ?? []), ...(kind === 'TIME' ? [] : ['DAYOFWEEK', 'DAYOFYEAR'])];
  checkPart(part, allowed, `EXTRACT from ${kind}`, at);
  if (part.name === 'WEEK') {
    // Week 1 begins with the year's first day of that name; days before it are in week 0.
    const week = once([sql], ([time]) => {
      const day = `((extract(isodow FROM ${time}) - 1 - ${part.weekStart} + 7) % 7)`;
      return `((extract(doy FROM ${time}) + 6 - ${day}) // 7)`;
    });
    return [week, INT64];
  }
  return [EXTRACTED[part.name]!(sql), INT64];
}

/** TIMESTAMP_BUCKET(value, interval[, origin]) and its like. */
export function bucket(node: SyntaxNode, scope: Scope, name: string): Expression {
  const [first, second, third] = args(node, name, 2, 3);
  const kind = name.split('_')[0] as ScalarType;
  const value = argument(first!, kind, name, scope);
  const width = argument(second!, 'INTERVAL', name, scope);
  const literal =
    kind === 'TIMESTAMP'
      ? "TIMESTAMPTZ '1950-01-01 00:00:00+00'"
      : `${kind === 'DATE' ? 'DATE' : 'TIMESTAMP'} '1950-01-01'`;
  const origin = third === undefined ? undefined : argument(third, kind, name, scope);
  const sql = `time_bucket(${width.sql}, ${value.sql}, ${origin?.sql ?? literal})`;
  return composed(kind === 'DATE' ? `CAST(${sql} AS DATE)` : sql, scalar(kind), value, width);
}
