import { castSql } from './casts.js';
import { coerced, fieldSql } from './coercion.js';
import { expression } from './compile.js';
import { type Expression, isNull, isVarying, limitsOf, once } from './expression.js';
import { SqlError } from './plan.js';
import type { Scope } from './scope.js';
import { invalid, keyword, list, need, notSupported, only, type SyntaxNode } from './syntax.js';
import { fieldName, quoteText, type SqlType, STRING, scalar, typeName } from './types.js';

export const JSON_TYPE = scalar('JSON');

type Flag = boolean | string;

export interface ArgumentRules {
  readonly least: number;
  readonly most: number;
  /** Named arguments with their defaults; they must be known. */
  readonly flags?: Readonly<Record<string, Flag>>;
}

export interface Arguments {
  readonly values: readonly Expression[];
  readonly nodes: readonly SyntaxNode[];
  /** NULL where that was given. */
  readonly flags: Readonly<Record<string, Flag | null>>;
}

/** What a function is called with. */
export function functionArguments(
  node: SyntaxNode,
  scope: Scope,
  name: string,
  { least, most, flags = {} }: ArgumentRules,
): Arguments {
  only(node, 'func', 'args', 'as', 'alias', 'order', 'null_order');
  const isNamed = (one: SyntaxNode) => one.node_type === 'BinaryOperator' && keyword(one) === '=>';
  const nodes = list(node, 'args').filter((one) => !isNamed(one));
  const given: Record<string, Flag | null> = { ...flags };
  for (const one of list(node, 'args').filter(isNamed)) {
    const flag = keyword(need(one, 'left')).toLowerCase();
    const fallback = flags[flag];
    if (fallback === undefined) throw notSupported(`The argument ${flag} of ${name}`, one);
    given[flag] = flagOf(expression(need(one, 'right'), scope), typeof fallback, flag, one);
  }
  const values = nodes.map((one) => expression(one, scope));
  if (values.length < least || values.length > most) throw noMatch(name, values, node);
  return { values, nodes, flags: given };
}

function flagOf(value: Expression, type: string, flag: string, node: SyntaxNode): Flag | null {
  const found = value.literal?.value;
  if (found === null) return null;
  if (typeof found === type && (typeof found === 'boolean' || typeof found === 'string')) return found;
  throw invalid(
    node,
    `Argument ${flag} must be a ${type === 'boolean' ? 'BOOL' : 'STRING'} literal or query parameter`,
  );
}

/** Those of a function of JSON. */
export function jsonArguments(node: SyntaxNode, scope: Scope, name: string, rules: ArgumentRules): Arguments {
  const found = functionArguments(node, scope, name, rules);
  const [json, ...others] = found.values as [Expression, ...Expression[]];
  if (json.type.kind !== 'JSON' && !isNull(json)) throw noMatch(name, found.values, node);
  return { ...found, values: [coerced(json, JSON_TYPE, node), ...others] };
}

export function noMatch(name: string, values: readonly Expression[], node: SyntaxNode): Error {
  return invalid(
    node,
    `No matching signature for function ${name} for argument types: ${values.map(({ type }) => typeName(type)).join(', ')}`,
  );
}

/** The texts of the elements of an array that varies would take as much memory again. */
export function boundedArray(value: Expression): string {
  const { sql, type } = value;
  return type.kind === 'ARRAY' && isVarying(value)
    ? `bq_bounded_array(${sql}, ${limitsOf([value]).elements / 8})`
    : sql;
}

/** How a value becomes JSON. */
export interface JsonForm {
  /** Numbers that FLOAT64 does not hold are texts. */
  readonly wideAsText: boolean;
  /** Fields stand by their names, as the members of a JSON value do. */
  readonly sorted: boolean;
}

const AS_TEXT: JsonForm = { wideAsText: true, sorted: false };
export const AS_JSON: JsonForm = { wideAsText: false, sorted: true };

/** What a value of a type is in JSON, as text; 'null' for NULL. */
export function jsonText(sql: string, type: SqlType, form: JsonForm = AS_TEXT): string {
  return `coalesce(${present(sql, type, form)}, 'null')`;
}

function present(sql: string, type: SqlType, form: JsonForm): string {
  const { wideAsText } = form;
  switch (type.kind) {
    case 'INT64':
      return wideAsText ? `bq_json_integer(${sql})` : `CAST(${sql} AS VARCHAR)`;
    case 'FLOAT64':
      return `bq_json_float(${sql})`;
    case 'NUMERIC':
      return wideAsText ? `bq_json_numeric(${sql})` : castSql(sql, type, STRING)!;
    case 'BOOL':
      return castSql(sql, type, STRING)!;
    case 'JSON':
      return `CAST(${sql} AS VARCHAR)`;
    case 'STRING':
      return `CAST(to_json(${sql}) AS VARCHAR)`;
    case 'BYTES':
      return `('"' || to_base64(${sql}) || '"')`;
    case 'TIMESTAMP':
      return `('"' || replace(bq_datetime_text(bq_utc(${sql})), ' ', 'T') || 'Z"')`;
    case 'DATETIME':
      return `('"' || replace(bq_datetime_text(${sql}), ' ', 'T') || '"')`;
    case 'ARRAY':
      return `('[' || bq_array_to_string(list_transform(${sql}, lambda e: ${jsonText('e', type.element, form)}), ',') || ']')`;
    case 'STRUCT':
      return structText(sql, type, form);
    case 'INTERVAL':
      throw new SqlError(
        'invalidQuery',
        'INTERVAL in JSON is not supported here; docs/sql.md lists what is.',
      );
    default:
      return `('"' || CAST(${sql} AS VARCHAR) || '"')`;
  }
}

function structText(sql: string, type: Extract<SqlType, { kind: 'STRUCT' }>, form: JsonForm): string {
  const named = type.fields.map((field, i) => ({ name: fieldName(field, i), type: field.type, i }));
  if (form.sorted) named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return once([sql], ([value]) => {
    const fields = named.map(
      (field) =>
        `${quoteText(`${JSON.stringify(field.name)}:`)} || ${jsonText(fieldSql(value!, type, field.i), field.type, form)}`,
    );
    return `(CASE WHEN ${value} IS NOT NULL THEN '{' || ${fields.join(" || ',' || ")} || '}' END)`;
  });
}
