import { cost } from './coercion.js';
import { attempted, composed, type Expression, isNull } from './expression.js';
import { jsonChangeCalls } from './json-changes.js';
import { inMemberOrder } from './json-order.js';
import { duckDbPath, pathSteps } from './json-paths.js';
import {
  AS_JSON,
  boundedArray,
  functionArguments,
  JSON_TYPE,
  jsonArguments,
  jsonText,
  noMatch,
} from './json-values.js';
import type { Scope } from './scope.js';
import { invalid, notSupported, type SyntaxNode } from './syntax.js';
import { arrayOf, BOOL, FLOAT64, INT64, quoteText, type SqlType, STRING } from './types.js';

type Call = (node: SyntaxNode, scope: Scope, name: string) => Expression;

/** The JSON that a function looks into, and DuckDB's path. */
function looked(node: SyntaxNode, scope: Scope, name: string): { value: Expression; path: string } {
  const { values, nodes } = functionArguments(node, scope, name, { least: 1, most: 2 });
  const [value, path] = values as [Expression, Expression | undefined];
  if (value.type.kind !== 'JSON' && value.type.kind !== 'STRING' && !isNull(value))
    throw noMatch(name, [value], node);
  const steps = path === undefined ? [] : pathSteps(path, nodes[1] ?? node);
  return { value, path: steps === undefined ? 'CAST(NULL AS VARCHAR)' : duckDbPath(steps) };
}

/** What functions read that take texts too: NULL of a text that is no JSON. */
function readable({ sql, type }: Expression): string {
  return type.kind === 'JSON' ? sql : `bq_valid_json(${sql})`;
}

const scalarAt: Call = (node, scope, name) => {
  const { value, path } = looked(node, scope, name);
  return composed(`bq_json_value(${readable(value)}, ${path})`, STRING, value);
};

const valueAt: Call = (node, scope, name) => {
  const { value, path } = looked(node, scope, name);
  const sql = `json_extract(${readable(value)}, ${path})`;
  return value.type.kind === 'JSON'
    ? composed(sql, JSON_TYPE, value)
    : composed(`bq_nullif(CAST(${sql} AS VARCHAR), 'null')`, STRING, value);
};

const arrayAt: Call = (node, scope, name) => {
  const { value, path } = looked(node, scope, name);
  const sql = `bq_json_array(${readable(value)}, ${path})`;
  if (value.type.kind === 'JSON') return composed(sql, arrayOf(JSON_TYPE), value);
  return composed(`list_transform(${sql}, lambda e: CAST(e AS VARCHAR))`, arrayOf(STRING), value);
};

const scalarArrayAt: Call = (node, scope, name) => {
  const { value, path } = looked(node, scope, name);
  const sql = `bq_json_scalars(bq_json_array(${readable(value)}, ${path}))`;
  return composed(sql, arrayOf(STRING), value);
};

/** Which arrays JSON_KEYS looks into: as SQL, those in objects, and those in arrays. */
const KEY_MODES: Readonly<Record<string, string>> = {
  strict: 'false, false',
  lax: 'true, false',
  'lax recursive': 'true, true',
};

const keysOf: Call = (node, scope, name) => {
  const { values, flags } = jsonArguments(node, scope, name, {
    least: 1,
    most: 2,
    flags: { mode: 'strict' },
  });
  const [value, depth] = values as [Expression, Expression | undefined];
  if (depth !== undefined && cost(depth, INT64) === undefined) throw noMatch(name, values, node);
  const mode = flags.mode === null ? undefined : KEY_MODES[String(flags.mode)];
  if (mode === undefined && flags.mode !== null) throw invalid(node, `Invalid JSON mode: ${flags.mode}`);
  if (mode === undefined || isNull(value)) return composed('CAST(NULL AS VARCHAR[])', arrayOf(STRING), value);
  const isDeep = depth === undefined || isNull(depth);
  const sql = attempted(values, ([json, most]) => {
    const levels = isDeep ? `bq_json_levels(${json})` : `bq_json_levels_of(${most}, ${json})`;
    return `bq_json_keys(${json}, ${levels}, ${mode})`;
  });
  return composed(sql, arrayOf(STRING), ...values);
};

/** A constant text with its members in order. */
function memberOrdered({ literal, sql }: Expression): string {
  const text = literal?.value;
  return typeof text === 'string' ? quoteText(inMemberOrder(text)) : sql;
}

/** Calls of one JSON value. */
function of(sql: string, type: SqlType): Call {
  return (node, scope, name) => {
    const { values } = jsonArguments(node, scope, name, { least: 1, most: 1 });
    const [value] = values as [Expression];
    const call = attempted([value], ([json]) => sql.replaceAll('$1', () => json!));
    return composed(call, type, value);
  };
}

export const jsonCalls: Readonly<Record<string, Call>> = {
  JSON_VALUE: scalarAt,
  JSON_EXTRACT_SCALAR: scalarAt,
  JSON_QUERY: valueAt,
  JSON_EXTRACT: valueAt,
  JSON_QUERY_ARRAY: arrayAt,
  JSON_EXTRACT_ARRAY: arrayAt,
  JSON_VALUE_ARRAY: scalarArrayAt,
  JSON_EXTRACT_STRING_ARRAY: scalarArrayAt,
  PARSE_JSON: (node, scope, name) => {
    const { values, flags } = functionArguments(node, scope, name, {
      least: 1,
      most: 1,
      flags: { wide_number_mode: 'exact' },
    });
    const [value] = values as [Expression];
    if (value.type.kind !== 'STRING' && !isNull(value)) throw noMatch(name, [value], node);
    const mode = flags.wide_number_mode;
    if (mode === 'round') return composed(`bq_parse_rounded_json(${value.sql})`, JSON_TYPE, value);
    if (mode !== 'exact') throw invalid(node, `Invalid wide_number_mode: ${mode}`);
    return composed(`bq_parse_json(${memberOrdered(value)}, true)`, JSON_TYPE, value);
  },
  TO_JSON: (node, scope, name) => {
    const { values, flags } = functionArguments(node, scope, name, {
      least: 1,
      most: 1,
      flags: { stringify_wide_numbers: false },
    });
    const [value] = values as [Expression];
    const form = { ...AS_JSON, wideAsText: flags.stringify_wide_numbers === true };
    const text = jsonText(boundedArray(value), value.type, form);
    return composed(`CAST(${text} AS JSON)`, JSON_TYPE, value);
  },
  TO_JSON_STRING: (node, scope, name) => {
    const { values } = functionArguments(node, scope, name, { least: 1, most: 2 });
    const [value, pretty] = values as [Expression, Expression | undefined];
    if (pretty !== undefined && pretty.literal?.value !== false)
      throw notSupported('TO_JSON_STRING with pretty_print', node);
    return composed(jsonText(boundedArray(value), value.type), STRING, value);
  },
  JSON_ARRAY: (node, scope, name) => {
    const { values } = functionArguments(node, scope, name, { least: 0, most: 1000 });
    const texts = values.map(({ sql, type }) => jsonText(sql, type, AS_JSON));
    return composed(joined('[', texts, ']'), JSON_TYPE, ...values);
  },
  JSON_OBJECT: (node, scope, name) => {
    const { values } = functionArguments(node, scope, name, { least: 0, most: 1000 });
    const [first, second] = values;
    if (values.length === 2 && first?.type.kind === 'ARRAY' && second?.type.kind === 'ARRAY')
      return zippedObject(first, second, node, name);
    const [keys, members] = keysAndMembers(values, node, name);
    const texts = keys.map(
      (key, i) => `CAST(to_json(bq_json_present(${key})) AS VARCHAR) || ':' || ${members[i]}`,
    );
    if (texts.length > 1) return composed(`bq_json_of_pairs([${texts.join(', ')}])`, JSON_TYPE, ...values);
    return composed(joined('{', texts, '}'), JSON_TYPE, ...values);
  },
  JSON_KEYS: keysOf,
  JSON_TYPE: of('bq_json_type($1)', STRING),
  JSON_FLATTEN: of('bq_json_flatten($1)', arrayOf(JSON_TYPE)),
  BOOL: of('bq_json_bool($1)', BOOL),
  INT64: of('bq_json_int64($1)', INT64),
  FLOAT64: of('bq_json_float64($1)', FLOAT64),
  LAX_BOOL: of('bq_json_lax_bool($1)', BOOL),
  LAX_INT64: of('bq_json_lax_int64($1)', INT64),
  LAX_FLOAT64: of('bq_json_lax_float64($1)', FLOAT64),
  LAX_STRING: of("bq_json_value($1, '$')", STRING),
  ...jsonChangeCalls,
};

function joined(open: string, texts: readonly string[], close: string): string {
  const inner = texts.map((text, i) => `|| ${i === 0 ? '' : "',' || "}${text} `).join('');
  return `CAST('${open}' ${inner}|| '${close}' AS JSON)`;
}

/** `JSON_OBJECT(keys, values)`, two arrays. */
function zippedObject(keys: Expression, values: Expression, node: SyntaxNode, name: string): Expression {
  if (keys.type.kind !== 'ARRAY' || values.type.kind !== 'ARRAY' || keys.type.element.kind !== 'STRING')
    throw noMatch(name, [keys, values], node);
  const texts = `list_transform(${values.sql}, lambda e: ${jsonText('e', values.type.element, AS_JSON)})`;
  return composed(`bq_json_zipped(${keys.sql}, ${texts})`, JSON_TYPE, keys, values);
}

/** `JSON_OBJECT(key, value, …)` */
function keysAndMembers(
  values: readonly Expression[],
  node: SyntaxNode,
  name: string,
): [keys: string[], members: string[]] {
  const keys = values.filter((_, i) => i % 2 === 0);
  if (values.length % 2 === 1 || keys.some((key) => key.type.kind !== 'STRING' && !isNull(key)))
    throw noMatch(name, values, node);
  return [
    keys.map(({ sql }) => sql),
    keys.map((_, i) => jsonText(values[2 * i + 1]!.sql, values[2 * i + 1]!.type, AS_JSON)),
  ];
}
