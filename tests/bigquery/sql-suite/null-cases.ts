import { address, type StatementCase } from './suite-case.js';

const DML = address('dml-syntax');
const INVENTORY =
  "CREATE SCHEMA d; CREATE TABLE d.i (product STRING, spec STRUCT<color STRING, warranty STRING, dim STRUCT<w INT64, h INT64>>); INSERT INTO d.i VALUES ('front', NULL), ('top', ('white', '1 year', (30, 40))); ";
const ROW_ID =
  'CREATE SCHEMA d; CREATE TABLE d.r (RowId INT64, v INT64); INSERT INTO d.r VALUES (7, 1), (7, 2), (7, 3); ';

/** NULL within arrays and STRUCTs, months of a TIMESTAMP, what the parser does not know, and tables whose columns are called as what DuckDB tells rows apart by. */
export const NULLS_AND_NAMES: readonly StatementCase[] = [
  {
    name: 'STRUCTs are equal field by field, and NULL where only a NULL could tell',
    page: address('operators'),
    sql: `SELECT (1, NULL) = (1, 2), (1, NULL) = (2, NULL), (1, NULL) != (1, 3), (1, 2) != (1, 3),
(1, (2, NULL)) = (1, (2, 3)), STRUCT(1 AS a) = NULL, (1, NULL) IN ((1, 2), (3, 4)), (1, 2) NOT IN ((1, NULL)),
CASE (1, NULL) WHEN (1, NULL) THEN 'same' ELSE 'other' END, (1, NULL) IS DISTINCT FROM (1, NULL)`,
    rows: [[null, 'false', null, 'true', null, null, null, null, 'other', 'false']],
  },
  {
    name: 'STRUCTs are looked for among rows and elements field by field',
    page: address('operators'),
    sql: `SELECT s IN UNNEST([STRUCT(1 AS a, 'x' AS b), (2, NULL)]), s IN (SELECT AS STRUCT 1, 'x'),
s NOT IN (SELECT AS STRUCT 2, CAST(NULL AS STRING)), s IN (SELECT AS STRUCT 1, 'x' FROM UNNEST([0]) AS none WHERE none > 0)
FROM UNNEST([STRUCT(1 AS a, 'x' AS b), (2, NULL), (3, 'z'), NULL]) AS s WITH OFFSET AS place ORDER BY place`,
    rows: [
      ['true', 'true', 'true', 'false'],
      [null, 'false', null, 'false'],
      ['false', 'false', 'true', 'false'],
      [null, null, null, 'false'],
    ],
  },
  {
    name: 'NULLIF compares STRUCTs field by field',
    page: address('conditional_expressions', 'nullif'),
    sql: `SELECT NULLIF(STRUCT(1 AS a, s.n AS b), (1, NULL)), NULLIF((1, 'x'), (1, 'x')), NULLIF((1, s.n), (2, NULL)),
NULLIF((1, (2, 3)), (1.0, (2, 3))) FROM (SELECT CAST(NULL AS INT64) AS n) AS s`,
    rows: [[['1', null], null, ['1', null], null]],
  },
  {
    name: 'NULLIF of what cannot be compared',
    page: address('conditional_expressions', 'nullif'),
    sql: 'SELECT NULLIF([1], [1])',
    error: 'No matching signature for operator NULLIF for argument types: ARRAY<INT64>, ARRAY<INT64>',
  },
  {
    name: 'an array of a table is never NULL, only empty',
    page: address('data-types'),
    setup:
      'CREATE SCHEMA d; CREATE TABLE d.r (id INT64, a ARRAY<INT64>); INSERT INTO d.r VALUES (1, NULL), (2, []); INSERT INTO d.r (id) VALUES (3); UPDATE d.r SET a = NULL WHERE a IS NULL',
    sql: 'SELECT COUNTIF(a IS NULL), SUM(ARRAY_LENGTH(a)) FROM d.r',
    rows: [['0', '0']],
  },
  ...[
    'SELECT ARRAY_AGG(x) AS a FROM UNNEST([1, NULL]) AS x',
    'SELECT AS STRUCT [1, NULL] AS a',
    'INSERT INTO d.r VALUES (1, [1, NULL])',
    'INSERT INTO d.r SELECT 1, [1, NULL]',
    'UPDATE d.r SET a = [NULL, 1] WHERE TRUE',
    'MERGE d.r USING (SELECT 5 AS k) AS s ON FALSE WHEN NOT MATCHED THEN INSERT VALUES (k, [k, NULL])',
    'CREATE TABLE d.b AS SELECT [1, NULL] AS a',
  ].map((sql) => ({
    name: `an array with NULL is not written: ${sql}`,
    page: address('data-types'),
    setup: 'CREATE SCHEMA d; CREATE TABLE d.r (id INT64, a ARRAY<INT64>); INSERT INTO d.r VALUES (0, [7])',
    sql,
    error: 'Array cannot have a null element; error in writing field a',
  })),
  {
    name: 'UPDATE of fields leaves the others, which are NULL where the STRUCT was',
    page: DML,
    setup: `${INVENTORY}UPDATE d.i SET spec.color = 'black', i.spec.warranty = CONCAT(product, '!'), spec.dim.h = spec.dim.h + 1 WHERE TRUE`,
    sql: 'SELECT product, spec FROM d.i ORDER BY product',
    rows: [
      ['front', ['black', 'front!', [null, null]]],
      ['top', ['black', 'top!', ['30', '41']]],
    ],
  },
  {
    name: 'MERGE of a field',
    page: DML,
    setup: `${INVENTORY}MERGE d.i AS t USING UNNEST(['top']) AS p ON t.product = p WHEN MATCHED THEN UPDATE SET t.spec.color = 'red'`,
    sql: "SELECT spec FROM d.i WHERE product = 'top'",
    rows: [[['red', '1 year', ['30', '40']]]],
  },
  ...[
    ["spec.color = 'a', spec = NULL", 'Update item spec assigned more than once'],
    ['spec = NULL, spec.dim.h = 1', 'Update item spec.dim.h assigned more than once'],
    ["spec.color = 'a', spec.color = 'b'", 'Update item spec.color assigned more than once'],
    ["spec.nope = 'a'", 'Field name nope does not exist in STRUCT<color STRING, '],
    ['spec.color = 5', 'Value of type INT64 cannot be assigned to spec.color, which has type STRING'],
    ["nope.product = 'a'", 'Unrecognized name: nope'],
  ].map(([set, error]) => ({
    name: `UPDATE SET ${set}`,
    page: DML,
    setup: INVENTORY,
    sql: `UPDATE d.i SET ${set} WHERE TRUE`,
    error: error!,
  })),
  {
    name: 'UPDATE FROM of a table with a column called rowid',
    page: DML,
    setup: `${ROW_ID}UPDATE d.r SET v = s.v FROM (SELECT 1 AS k, 10 AS v UNION ALL SELECT 2, 20) AS s WHERE r.v = s.k`,
    sql: 'SELECT v FROM d.r ORDER BY v',
    rows: [['3'], ['10'], ['20']],
  },
  {
    name: 'MERGE into a table with a column called rowid',
    page: DML,
    setup: `${ROW_ID}MERGE d.r AS t USING (SELECT 1 AS k UNION ALL SELECT 2) AS s ON t.v = s.k WHEN MATCHED THEN UPDATE SET v = -k WHEN NOT MATCHED BY SOURCE THEN DELETE`,
    sql: 'SELECT ROWID, v FROM d.r ORDER BY v',
    rows: [
      ['7', '-2'],
      ['7', '-1'],
    ],
  },
  {
    name: 'MERGE of a row by two, where a column is called rowid',
    page: DML,
    setup: ROW_ID,
    sql: 'MERGE d.r AS t USING (SELECT 1 AS k UNION ALL SELECT 1) AS s ON t.v = s.k WHEN MATCHED THEN DELETE',
    error: 'UPDATE/MERGE must match at most one source row for each target row',
  },
  ...[
    "TIMESTAMP '2026-01-31' + INTERVAL 1 MONTH",
    "TIMESTAMP '2026-01-31' - INTERVAL 1 YEAR",
    "INTERVAL 3 QUARTER + TIMESTAMP '2026-01-31'",
  ].map((value) => ({
    name: `months of a TIMESTAMP: ${value}`,
    page: address('operators'),
    sql: `SELECT ${value}`,
    error: 'TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.',
  })),
  {
    name: 'other intervals of TIMESTAMP, and months of DATE and DATETIME',
    page: address('operators'),
    sql: "SELECT TIMESTAMP '2026-01-31' + INTERVAL 36 HOUR, INTERVAL 1 WEEK + TIMESTAMP '2026-01-31', DATE '2026-01-31' + INTERVAL 1 MONTH, TIMESTAMP '2026-01-31' + CAST(NULL AS INTERVAL)",
    rows: [['1769947200000000', '1770422400000000', '2026-02-28T00:00:00', null]],
  },
  ...(
    [
      ['SELECT ARRAY_FILTER([1, 2], e -> e > 1)', 'A lambda (->) is not supported here'],
      ["SELECT RANGE(DATE '2026-01-01', NULL)", 'The type RANGE is not supported here'],
      [
        'SELECT HLL_COUNT.EXTRACT(HLL_COUNT.INIT(x)) FROM UNNEST([1]) AS x',
        'HLL_COUNT is not supported here',
      ],
      ['SELECT INTERVAL 1 DAY * 2', 'INTERVAL * INT64 is not supported here'],
      ['SELECT 2 * INTERVAL 1 DAY', 'INTERVAL * INT64 is not supported here'],
      ['SELECT INTERVAL 1 DAY / 2', 'INTERVAL / INT64 is not supported here'],
      ['SELECT SUM(i) FROM UNNEST([INTERVAL 1 DAY]) AS i', 'SUM of INTERVAL is not supported here'],
      ['SELECT AVG(i) OVER () FROM UNNEST([INTERVAL 1 DAY]) AS i', 'AVG of INTERVAL is not supported here'],
      ["'SELECT a -> b LIKE 'x%'", 'Syntax error: Unclosed literal, quoted name or comment'],
    ] as const
  ).map(([sql, error]) => ({ name: `refused by name: ${sql}`, page: address('functions-all'), sql, error })),
  ...(
    [
      ['t.a DESC', '3 2 1 none'],
      ['t.a DESC NULLS FIRST', 'none 3 2 1'],
      ['a + 0 DESC', '3 2 1 none'],
      ['-a', 'none 3 2 1'],
      ['-a DESC', '1 2 3 none'],
      ['a * 1 NULLS LAST', '1 2 3 none'],
      ['a IS NULL DESC, t.s.b DESC', 'none 3 2 1'],
      ['a BETWEEN 2 AND 2 DESC, t.a DESC', '2 3 1 none'],
      ['a IN (3) DESC, a', '3 1 2 none'],
      ['NOT a = 2 DESC, a DESC', '3 1 2 none'],
      ['CASE a WHEN 2 THEN 9 ELSE a END DESC', '2 3 1 none'],
      ['[a][OFFSET(0)] DESC', '3 2 1 none'],
      ["CAST(a AS STRING) || 'x' DESC", '3 2 1 none'],
      ['ARRAY(SELECT x FROM UNNEST([a]) AS x ORDER BY x DESC)[OFFSET(0)]', 'none 1 2 3'],
      ['ROW_NUMBER() OVER (ORDER BY t.a DESC)', '3 2 1 none'],
      ['ROW_NUMBER() OVER (ORDER BY t.a DESC) DESC', 'none 1 2 3'],
      ['(SELECT MAX(x) FROM UNNEST([t.a, 0]) AS x) DESC, t.a', '3 2 1 none'],
      ['t.a /* DESC */', 'none 1 2 3'],
    ] as const
  ).map(([keys, row]) => ({
    name: `ORDER BY ${keys}`,
    page: address('query-syntax'),
    sql: `SELECT IFNULL(CAST(a AS STRING), 'none') FROM (SELECT x AS a, STRUCT(x AS b) AS s FROM UNNEST([2, NULL, 3, 1]) AS x) AS t ORDER BY ${keys}`,
    rows: row.split(' ').map((one) => [one]),
  })),
  {
    name: 'the direction within aggregates and windows',
    page: address('aggregate-function-calls'),
    sql: "SELECT STRING_AGG(t.s.k ORDER BY t.s.n DESC), ARRAY_AGG(t.s.k ORDER BY 0 - t.s.n DESC LIMIT 1)[OFFSET(0)], STRING_AGG(k ORDER BY t.s.n + 0 DESC LIMIT 1) FROM (SELECT s, s.k FROM UNNEST([STRUCT('a' AS k, 1 AS n), ('b', 2)]) AS s) AS t",
    rows: [['b,a', 'a', 'b']],
  },
  {
    name: 'a sign before a path',
    page: address('operators'),
    sql: 'SELECT -t.a, 1 - -t.a, - -t.s.b AS two, ~t.a, -t.s.c[OFFSET(0)] * t.a, -t.l[OFFSET(0)].b + 1, +t.a, NOT t.a > 0, ABS(-t.a), 2 BETWEEN -t.a AND t.s.b FROM (SELECT 1 AS a, STRUCT(2 AS b, [3] AS c) AS s, [STRUCT(5 AS b)] AS l) AS t WHERE -t.a < 0',
    rows: [['-1', '2', '2', '-2', '-3', '-4', '1', 'false', '1', 'true']],
  },
  {
    name: 'ORDER BY a sign before a path',
    page: address('query-syntax'),
    sql: 'SELECT t.a FROM (SELECT 1 AS a UNION ALL SELECT 2) AS t GROUP BY t.a ORDER BY -t.a',
    rows: [['2'], ['1']],
  },
  {
    name: 'ORDER BY a sign before a path DESC',
    page: address('query-syntax'),
    sql: 'SELECT t.a FROM (SELECT 2 AS a UNION ALL SELECT 1) AS t ORDER BY -t.a DESC LIMIT 1',
    rows: [['1']],
  },
];
