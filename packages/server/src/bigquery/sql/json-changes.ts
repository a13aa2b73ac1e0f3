import { attempted, composed, type Expression, isNull, once } from './expression.js';
import { duckDbPath, type PathStep, pathSteps } from './json-paths.js';
import { type Arguments, AS_JSON, JSON_TYPE, jsonArguments, jsonText } from './json-values.js';
import type { Scope } from './scope.js';
import { invalid, type SyntaxNode } from './syntax.js';
import { quoteText } from './types.js';

/** Functions that give a JSON value with something changed in it, one path after the other. */

type Call = (node: SyntaxNode, scope: Scope, name: string) => Expression;

/** What becomes of the value at the end of a path. */
type Leaf = (sql: string) => string;

const NULL = "json('null')";

/**
 * A value with what `leaf` makes of the one at a path; unchanged where the path meets a value of another kind, and
 * where there is none, unless it `creates` what is missing.
 */
function edited(sql: string, [step, ...rest]: readonly PathStep[], leaf: Leaf, creates: boolean): string {
  if (step === undefined) return leaf(sql);
  return once([sql], ([value]) => {
    const at = duckDbPath([step]);
    const inner = edited(`coalesce(json_extract(${value}, ${at}), ${NULL})`, rest, leaf, creates);
    const type = `json_type(${value})`;
    const [kind, empty] = 'name' in step ? ['OBJECT', "json('{}')"] : ['ARRAY', "json('[]')"];
    const base = creates ? `(CASE WHEN ${type} = 'NULL' THEN ${empty} ELSE ${value} END)` : value;
    const put =
      'name' in step
        ? `bq_json_put_member(${base}, ${quoteText(step.name)}, ${inner})`
        : `bq_json_put_element(${base}, ${step.index}, ${inner})`;
    const fits = creates
      ? `${type} IN ('${kind}', 'NULL')`
      : `${type} = '${kind}' AND json_exists(${value}, ${at})`;
    return `(CASE WHEN ${fits} THEN ${put} ELSE ${value} END)`;
  });
}

/** The JSON that is changed and what stands behind it, two and two. */
function pairs({ values, nodes }: Arguments, node: SyntaxNode) {
  const [, ...others] = values;
  return Array.from({ length: others.length / 2 }, (_, i) => ({
    steps: pathSteps(others[2 * i]!, nodes[2 * i + 1] ?? node),
    value: others[2 * i + 1]!,
  }));
}

function changing(
  flag: string,
  change: (
    sql: string,
    steps: readonly PathStep[],
    value: Expression,
    flagged: boolean,
    at: SyntaxNode,
  ) => string,
): Call {
  return (node, scope, name) => {
    const given = jsonArguments(node, scope, name, { least: 3, most: 1001, flags: { [flag]: true } });
    const { values, flags } = given;
    if (values.length % 2 === 0) throw invalid(node, `No matching signature for function ${name}`);
    const [json] = values as [Expression];
    const flagged = flags[flag];
    if (flagged === null) return composed(json.sql, JSON_TYPE, ...values);
    const sql = attempted(values, ([whole, ...others]) =>
      changed(whole!, (start) =>
        pairs(given, node).reduce((found, { steps, value }, i) => {
          const bound = { ...value, sql: others[2 * i + 1]! };
          return steps === undefined ? found : change(found, steps, bound, flagged === true, node);
        }, start),
      ),
    );
    return composed(sql, JSON_TYPE, ...values);
  };
}

/** Of SQL NULL nothing is changed. */
function changed(json: string, change: (sql: string) => string): string {
  return once([json], ([value]) => `(CASE WHEN ${value} IS NOT NULL THEN ${change(value!)} END)`);
}

const jsonOf = ({ sql, type }: Expression) => `CAST(${jsonText(sql, type, AS_JSON)} AS JSON)`;

/** The elements of an array one by one, or one value. */
function elementsOf(value: Expression, each: boolean): string {
  if (!each || value.type.kind !== 'ARRAY' || isNull(value)) return `[${jsonOf(value)}]`;
  const texts = `list_transform(${value.sql}, lambda e: CAST(${jsonText('e', value.type.element, AS_JSON)} AS JSON))`;
  return `coalesce(${texts}, [${NULL}])`;
}

const set = changing('create_if_missing', (sql, steps, value, creates) =>
  edited(sql, steps, () => jsonOf(value), creates),
);

const append = changing('append_each_element', (sql, steps, value, each) =>
  edited(
    sql,
    steps,
    (found) =>
      once(
        [found],
        ([at]) =>
          `(CASE WHEN json_type(${at}) IN ('ARRAY', 'NULL') THEN bq_json_append(${at}, ${elementsOf(value, each)}) ELSE ${at} END)`,
      ),
    false,
  ),
);

const insert = changing('insert_each_element', (sql, steps, value, each) => {
  const last = steps.at(-1);
  if (last === undefined || 'name' in last) return sql;
  return edited(
    sql,
    steps.slice(0, -1),
    (found) =>
      once(
        [found],
        ([at]) =>
          `(CASE WHEN json_type(${at}) IN ('ARRAY', 'NULL') THEN bq_json_insert(${at}, ${last.index}, ${elementsOf(value, each)}) ELSE ${at} END)`,
      ),
    false,
  );
});

const remove: Call = (node, scope, name) => {
  const { values, nodes } = jsonArguments(node, scope, name, { least: 2, most: 1001 });
  const [json, ...paths] = values as [Expression, ...Expression[]];
  const sql = attempted([json], ([value]) =>
    changed(value!, (whole) =>
      paths.reduce((found, path, i) => {
        const steps = pathSteps(path, nodes[i + 1] ?? node);
        const last = steps?.at(-1);
        if (steps === undefined) return found;
        if (last === undefined) throw invalid(nodes[i + 1] ?? node, "The JSONPath cannot be '$'");
        return edited(found, steps.slice(0, -1), (inner) => withoutLast(inner, last), false);
      }, whole),
    ),
  );
  return composed(sql, JSON_TYPE, ...values);
};

function withoutLast(sql: string, last: PathStep): string {
  return once([sql], ([at]) =>
    'name' in last
      ? `(CASE WHEN json_type(${at}) = 'OBJECT' THEN bq_json_drop_member(${at}, ${quoteText(last.name)}) ELSE ${at} END)`
      : `(CASE WHEN json_type(${at}) = 'ARRAY' THEN bq_json_drop_element(${at}, ${last.index}) ELSE ${at} END)`,
  );
}

const stripNulls: Call = (node, scope, name) => {
  const { values, nodes, flags } = jsonArguments(node, scope, name, {
    least: 1,
    most: 2,
    flags: { include_arrays: true, remove_empty: false },
  });
  const [json, path] = values as [Expression, Expression | undefined];
  const steps = path === undefined ? [] : pathSteps(path, nodes[1] ?? node);
  const { include_arrays: arrays, remove_empty: empty } = flags;
  if (steps === undefined || arrays === null || empty === null) return composed(json.sql, JSON_TYPE, json);
  const sql = attempted([json], ([value]) =>
    edited(value!, steps, (at) => `bq_json_strip_nulls(${at}, ${arrays}, ${empty})`, false),
  );
  return composed(sql, JSON_TYPE, ...values);
};

export const jsonChangeCalls: Readonly<Record<string, Call>> = {
  JSON_SET: set,
  JSON_REMOVE: remove,
  JSON_ARRAY_APPEND: append,
  JSON_ARRAY_INSERT: insert,
  JSON_STRIP_NULLS: stripNulls,
};
