import { AGGREGATES, ANALYTICS } from '@seismo/server/bigquery/sql/aggregates';
import { allFunctionNames } from '@seismo/server/bigquery/sql/calls';
import { SCALAR_ROWS, SCALARS } from '@seismo/server/bigquery/sql/functions/catalog';
import { MACROS } from '@seismo/server/bigquery/sql/macros';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FULL_LENGTH } from '../support/test-length.js';
import { SqlBench } from './support/sql-bench.js';

const DEPTH = 30;
/** All of them are two minutes of work: every tenth in `npm test`. */
const STEP = FULL_LENGTH ? 1 : 10;
const REFUSED = 'Not enough resources for query planning';

/** A column of each type. */
const COLUMNS: Readonly<Record<string, string>> = {
  BOOL: 'b',
  BYTES: 'y',
  DATE: 'da',
  DATETIME: 'dt',
  FLOAT64: 'f',
  INT64: 'i',
  INTERVAL: 'iv',
  JSON: 'j',
  NUMERIC: 'n',
  STRING: 's',
  TIME: 'ti',
  TIMESTAMP: 'ts',
};

let bench: SqlBench;
beforeAll(async () => {
  bench = await SqlBench.open();
  const columns = Object.entries(COLUMNS).map(([type, name]) => `${name} ${type}`);
  await bench.run(`CREATE SCHEMA d; CREATE TABLE d.t (${columns.join(', ')});`);
});
afterAll(() => bench.close());

type Nest = (inner: string) => string;

function nested(nest: Nest, start: string): string {
  let found = start;
  for (let i = 0; i < DEPTH; i++) found = nest(found);
  return found;
}

/** Planned and run over no rows, or refused before DuckDB has it. */
async function isBounded(nest: Nest, start: string): Promise<void> {
  const failure = await bench.run(`SELECT ${nested(nest, start)} AS x FROM d.t`).then(
    ({ rows }) => rows,
    (error: Error) => error.message,
  );
  if (typeof failure === 'string') expect(failure).toContain(REFUSED);
  else expect(failure).toEqual([]);
}

function columnOf(type: string): string {
  const element = /^ARRAY<(\w+)>$/.exec(type)?.[1];
  if (element !== undefined) return `[${columnOf(element)}]`;
  return COLUMNS[type] ?? COLUMNS.INT64!;
}

interface FunctionCase {
  readonly title: string;
  readonly nest: Nest;
  readonly start: string;
}

/** Every way to call every function of values, with itself in the place of each argument. */
function functionCases(): FunctionCase[] {
  return SCALAR_ROWS.flatMap(([name, signature]) => {
    const [given = '', result = ''] = signature.split('->').map((part) => part.trim());
    const types = given.split(',').map((part) => part.trim().replace('...', ''));
    if (types[0] === '' || (name === 'ROUND' && signature.startsWith('NUMERIC, '))) return [];
    return types.map((type, place) => {
      const call: Nest = (inner) =>
        `${name}(${types.map((one, i) => (i === place ? inner : columnOf(one))).join(', ')})`;
      const fits = result === type || (type === 'T' && !result.startsWith('ARRAY'));
      const nest: Nest = fits
        ? call
        : (inner) => `IF(${call(inner)} IS NULL, ${columnOf(type)}, ${columnOf(type)})`;
      return { title: `${name}(${given}), argument ${place + 1}`, nest, start: columnOf(type) };
    });
  });
}

/** Calls with more than values in them; x is where the next one stands. */
const OTHER_CALLS: Readonly<Record<string, readonly [call: string, start: string]>> = {
  ARRAY: ['ARRAY(SELECT x)[OFFSET(0)]', 'i'],
  BOOL: ['TO_JSON(BOOL(x))', 'j'],
  CAST: ['CAST(CAST(x AS TIMESTAMP) AS STRING)', 's'],
  DATETIME_ADD: ['DATETIME_ADD(x, INTERVAL 1 DAY)', 'dt'],
  DATETIME_BUCKET: ['DATETIME_BUCKET(x, INTERVAL 1 HOUR)', 'dt'],
  DATETIME_DIFF: ['DATETIME_ADD(dt, INTERVAL DATETIME_DIFF(x, dt, DAY) DAY)', 'dt'],
  DATETIME_SUB: ['DATETIME_SUB(x, INTERVAL 1 DAY)', 'dt'],
  DATETIME_TRUNC: ['DATETIME_TRUNC(x, ISOYEAR)', 'dt'],
  DATE_ADD: ['DATE_ADD(x, INTERVAL 1 DAY)', 'da'],
  DATE_BUCKET: ['DATE_BUCKET(x, INTERVAL 2 DAY)', 'da'],
  DATE_DIFF: ['DATE_ADD(da, INTERVAL DATE_DIFF(x, da, WEEK) DAY)', 'da'],
  DATE_SUB: ['DATE_SUB(x, INTERVAL 1 DAY)', 'da'],
  DATE_TRUNC: ['DATE_TRUNC(x, WEEK)', 'da'],
  EXISTS: ['IF(EXISTS(SELECT 1 FROM UNNEST([1]) WHERE x = 1), 1, 2)', 'i'],
  EXTRACT: ['EXTRACT(WEEK FROM DATE_FROM_UNIX_DATE(x))', 'i'],
  FLOAT64: ['TO_JSON(FLOAT64(x))', 'j'],
  FORMAT: ["FORMAT('%t%T', x, s)", 's'],
  FORMAT_DATE: ["FORMAT_DATE('%e %Q %C', PARSE_DATE('%F', x))", 's'],
  FORMAT_DATETIME: ["FORMAT_DATETIME('%c %P', PARSE_DATETIME('%F', x))", 's'],
  FORMAT_TIME: ["FORMAT_TIME('%k%l', PARSE_TIME('%T', x))", 's'],
  FORMAT_TIMESTAMP: ["FORMAT_TIMESTAMP('%e%Ez%s', PARSE_TIMESTAMP('%F', x), 'Europe/Berlin')", 's'],
  INT64: ['TO_JSON(INT64(x))', 'j'],
  JSON_ARRAY: ['JSON_ARRAY(x, 1)', 'j'],
  JSON_ARRAY_APPEND: ["JSON_ARRAY_APPEND(x, '$.a', 1)", 'j'],
  JSON_ARRAY_INSERT: ["JSON_ARRAY_INSERT(x, '$.a[1]', 2)", 'j'],
  JSON_EXTRACT: ["JSON_EXTRACT(x, '$.a')", 's'],
  JSON_EXTRACT_ARRAY: ["JSON_EXTRACT_ARRAY(x, '$.a')[OFFSET(0)]", 's'],
  JSON_EXTRACT_SCALAR: ["JSON_EXTRACT_SCALAR(x, '$.a')", 's'],
  JSON_EXTRACT_STRING_ARRAY: ["JSON_EXTRACT_STRING_ARRAY(x, '$.a')[OFFSET(0)]", 's'],
  JSON_FLATTEN: ['JSON_FLATTEN(x)[OFFSET(0)]', 'j'],
  JSON_KEYS: ['JSON_KEYS(TO_JSON(x))[OFFSET(0)]', 's'],
  JSON_OBJECT: ["JSON_OBJECT('a', x)", 'j'],
  JSON_QUERY: ["JSON_QUERY(x, '$.a')", 's'],
  JSON_QUERY_ARRAY: ["JSON_QUERY_ARRAY(x, '$.a')[OFFSET(0)]", 's'],
  JSON_REMOVE: ["JSON_REMOVE(x, '$.a', '$[1].b')", 'j'],
  JSON_SET: ["JSON_SET(JSON_SET(x, '$.a.b', 1), '$[2]', 2)", 'j'],
  JSON_STRIP_NULLS: ['JSON_STRIP_NULLS(x, remove_empty => TRUE)', 'j'],
  JSON_TYPE: ['JSON_TYPE(PARSE_JSON(x))', 's'],
  JSON_VALUE: ["JSON_VALUE(x, '$.a')", 's'],
  JSON_VALUE_ARRAY: ["JSON_VALUE_ARRAY(x, '$.a')[OFFSET(0)]", 's'],
  LAST_DAY: ['LAST_DAY(x)', 'da'],
  LAX_BOOL: ['TO_JSON(LAX_BOOL(x))', 'j'],
  LAX_FLOAT64: ['TO_JSON(LAX_FLOAT64(x))', 'j'],
  LAX_INT64: ['TO_JSON(LAX_INT64(x))', 'j'],
  LAX_STRING: ['TO_JSON(LAX_STRING(x))', 'j'],
  NORMALIZE: ['NORMALIZE(x, NFC)', 's'],
  PARSE_DATE: ["CAST(PARSE_DATE('%e', x) AS STRING)", 's'],
  PARSE_DATETIME: ["CAST(PARSE_DATETIME('%e', x) AS STRING)", 's'],
  PARSE_JSON: ['TO_JSON_STRING(PARSE_JSON(x))', 's'],
  PARSE_TIME: ["CAST(PARSE_TIME('%T', x) AS STRING)", 's'],
  PARSE_TIMESTAMP: ["CAST(PARSE_TIMESTAMP('%F', x) AS STRING)", 's'],
  REGEXP_EXTRACT: ["REGEXP_EXTRACT(x, 'a(b)')", 's'],
  REGEXP_EXTRACT_ALL: ["REGEXP_EXTRACT_ALL(x, 'a(b)')[OFFSET(0)]", 's'],
  REGEXP_INSTR: ["CAST(REGEXP_INSTR(x, 'a(b)', 1, 2) AS STRING)", 's'],
  REGEXP_SUBSTR: ["REGEXP_SUBSTR(x, 'a(b)')", 's'],
  SAFE_CAST: ['SAFE_CAST(SAFE_CAST(x AS INT64) AS STRING)', 's'],
  STRUCT: ['STRUCT(x AS a).a', 'i'],
  TIMESTAMP_ADD: ['TIMESTAMP_ADD(x, INTERVAL 1 DAY)', 'ts'],
  TIMESTAMP_BUCKET: ['TIMESTAMP_BUCKET(x, INTERVAL 1 HOUR)', 'ts'],
  TIMESTAMP_DIFF: ['TIMESTAMP_ADD(ts, INTERVAL TIMESTAMP_DIFF(x, ts, SECOND) SECOND)', 'ts'],
  TIMESTAMP_SUB: ['TIMESTAMP_SUB(x, INTERVAL 1 DAY)', 'ts'],
  TIMESTAMP_TRUNC: ['STRING(TIMESTAMP_TRUNC(ts, MONTH, x))', 's'],
  TIME_ADD: ['TIME_ADD(x, INTERVAL 1 HOUR)', 'ti'],
  TIME_DIFF: ['TIME_ADD(ti, INTERVAL TIME_DIFF(x, ti, SECOND) SECOND)', 'ti'],
  TIME_SUB: ['TIME_SUB(x, INTERVAL 1 HOUR)', 'ti'],
  TIME_TRUNC: ['TIME_TRUNC(x, HOUR)', 'ti'],
  TO_JSON: ['STRING(TO_JSON(x))', 's'],
  TO_JSON_STRING: ['TO_JSON_STRING(STRUCT(x AS a, 2 AS b))', 's'],
  WITH: ['WITH(a AS x, b AS a + 1, a + b)', 'i'],
  UNNEST: ['(SELECT MAX(v) FROM UNNEST([x, 1]) v WITH OFFSET)', 'i'],
};

/** What is no call. */
const SYNTAX: readonly (readonly [call: string, start: string])[] = [
  ['ROUND(x / 1)', 'f'],
  ['(x / 2)', 'n'],
  ['(x << 1)', 'i'],
  ["('a' || x)", 's'],
  ['(x || [1])', '[i]'],
  ['CASE WHEN x = 1 THEN 2 WHEN i = 3 THEN 4 ELSE 5 END', 'i'],
  ['CASE x WHEN 1 THEN 2 WHEN 3 THEN 4 ELSE 5 END', 'i'],
  ['IF(x BETWEEN 1 AND 3, 1, 2)', 'i'],
  ['IF(x IN (1, 2), 1, 2)', 'i'],
  ['IF(x IN UNNEST([1, 2]), 1, 2)', 'i'],
  ['IF(x IN (SELECT 1), 1, 2)', 'i'],
  ["IF(x LIKE 'a%', 'b', 'c')", 's'],
  ['[x][SAFE_OFFSET(0)]', 'i'],
  ["x['a']", 'j'],
  ['SAFE.SUBSTR(x, 1, 2)', 's'],
  ['(SELECT x)', 'i'],
  ['(SELECT SUM(x) OVER (PARTITION BY v ORDER BY v) FROM UNNEST([1]) v)', '1'],
  ['(SELECT ARRAY_AGG(x + v IGNORE NULLS) FROM UNNEST([1]) v)[OFFSET(0)]', 'i'],
  ["(SELECT STRING_AGG(CONCAT(x, v)) FROM UNNEST(['1']) v)", 's'],
  ['(SELECT x + v AS k FROM UNNEST([1]) v GROUP BY k)', '1'],
  ['(SELECT x + v AS k FROM UNNEST([1]) v GROUP BY ALL)', '1'],
  ['(SELECT v FROM UNNEST([1]) v ORDER BY x LIMIT 1)', 'i'],
  ['(SELECT AS STRUCT x.*)', 'STRUCT(1 AS a, 2 AS b)'],
];

function isChosen(_: unknown, place: number): boolean {
  return place % STEP === 0;
}

const replaced =
  (call: string): Nest =>
  (inner) =>
    call.replace(/\bx\b/g, () => inner);

describe(`${DEPTH} calls within each other are planned, or refused`, () => {
  it.each(functionCases().filter(isChosen))('$title', ({ nest, start }) => isBounded(nest, start));

  it.each(Object.entries(OTHER_CALLS).filter(isChosen))('%s', (_, [call, start]) =>
    isBounded(replaced(call), start),
  );

  it.each(SYNTAX)('%s', (call, start) => isBounded(replaced(call), start));

  it('none is left out', () => {
    const calls = allFunctionNames().filter(
      (name) => !SCALARS.has(name) && !AGGREGATES.has(name) && !ANALYTICS.has(name),
    );
    expect(calls.filter((name) => OTHER_CALLS[name] === undefined)).toEqual([]);
  });
});

describe('statements whose parts multiply', () => {
  it.each([
    [
      'functions that call functions twice',
      (n: number) =>
        `CREATE TEMP FUNCTION f0(x INT64) AS (x + x); ${Array.from({ length: n }, (_, i) => `CREATE TEMP FUNCTION f${i + 1}(x INT64) AS (f${i}(f${i}(x)));`).join(' ')} SELECT f${n}(1)`,
    ],
    [
      'views that read views twice',
      (n: number) =>
        `CREATE VIEW d.v0 AS SELECT 1 AS a; ${Array.from({ length: n }, (_, i) => `CREATE VIEW d.v${i + 1} AS SELECT x.a FROM d.v${i} AS x JOIN d.v${i} AS y ON x.a = y.a;`).join(' ')} SELECT * FROM d.v${n}`,
    ],
  ])('%s', async (_, make) => {
    await expect(bench.run(make(15))).rejects.toThrow(REFUSED);
  });
});

describe('what DuckDB copies by itself', () => {
  it('is not used', async () => {
    const copying = await bench.copyingMacros();
    expect(copying).toContain('nullif');
    const texts = [...Object.values(MACROS), ...SCALAR_ROWS.map(([, , sql]) => String(sql))].join('\n');
    expect(copying.filter((name) => new RegExp(`\\b${name}\\(`).test(texts))).toEqual([]);
    expect(texts).not.toMatch(/CASE (?!WHEN)|\bBETWEEN\b(?! -62135596800000000)/);
  });
});
