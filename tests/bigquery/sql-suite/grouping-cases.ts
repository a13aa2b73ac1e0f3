import { address, type StatementCase } from './suite-case.js';

const SYNTAX = address('query-syntax');
const SALES = `CREATE SCHEMA d; CREATE TABLE d.sales (shop STRING, q INT64, v FLOAT64);
INSERT INTO d.sales VALUES ('a', 1, 1.5), ('b', 1, 2.5), ('a', 2, 3.5);`;

function sales(
  name: string,
  place: string,
  more: Omit<StatementCase, 'name' | 'page' | 'setup'>,
): StatementCase {
  return { name, page: `${SYNTAX}#${place}`, setup: SALES, ...more };
}

/** Sets of groups, PIVOT, UNPIVOT, windows that are refused, stars with both clauses. */
export const GROUPING_CASES: readonly StatementCase[] = [
  sales('GROUPING SETS', 'group_by_grouping_sets', {
    sql: 'SELECT shop, q, SUM(v) AS s FROM d.sales GROUP BY GROUPING SETS ((shop), q, ()) ORDER BY shop, q',
    fields: 'shop STRING, q INTEGER, s FLOAT',
    rows: [
      [null, null, '7.5'],
      [null, '1', '4.0'],
      [null, '2', '3.5'],
      ['a', null, '5.0'],
      ['b', null, '2.5'],
    ],
  }),
  sales('ROLLUP and CUBE within GROUPING SETS', 'group_by_grouping_sets', {
    sql: 'SELECT shop, q, COUNT(*) AS n FROM d.sales GROUP BY GROUPING SETS ((shop, q), ROLLUP(shop)) ORDER BY 1, 2, 3',
    rows: [
      [null, null, '3'],
      ['a', null, '2'],
      ['a', '1', '1'],
      ['a', '2', '1'],
      ['b', null, '1'],
      ['b', '1', '1'],
    ],
  }),
  sales('ROLLUP of keys in brackets', 'group_by_rollup', {
    sql: 'SELECT shop, q, GROUPING(shop) AS g FROM d.sales GROUP BY ROLLUP((shop, q)) ORDER BY 1, 2',
    rows: [
      [null, null, '1'],
      ['a', '1', '0'],
      ['a', '2', '0'],
      ['b', '1', '0'],
    ],
  }),
  sales('PIVOT', 'pivot_operator', {
    sql: 'SELECT * FROM d.sales PIVOT(SUM(v) FOR q IN (1, 2)) ORDER BY shop',
    fields: 'shop STRING, _1 FLOAT, _2 FLOAT',
    rows: [
      ['a', '1.5', '3.5'],
      ['b', '2.5', null],
    ],
  }),
  sales('PIVOT of several aggregates with names', 'pivot_operator', {
    sql: 'SELECT * FROM d.sales PIVOT(SUM(v) AS s, COUNT(*) AS n FOR q IN (1 AS one, 2)) AS p WHERE p.n_2 = 0',
    fields: 'shop STRING, s_one FLOAT, n_one INTEGER, s_2 FLOAT, n_2 INTEGER',
    rows: [['b', '2.5', '1', null, '0']],
  }),
  sales('PIVOT by a STRING', 'pivot_operator', {
    sql: "SELECT * FROM (SELECT shop, v FROM d.sales) PIVOT(ARRAY_AGG(v ORDER BY v) AS v FOR shop IN ('a', 'b'))",
    fields: 'v_a FLOAT[], v_b FLOAT[]',
    rows: [[['1.5', '3.5'], ['2.5']]],
  }),
  sales('PIVOT by what is no constant', 'pivot_operator', {
    sql: 'SELECT * FROM d.sales PIVOT(SUM(v) FOR q IN (q))',
    error: 'PIVOT IN values must be constants',
  }),
  {
    name: 'UNPIVOT',
    page: `${SYNTAX}#unpivot_operator`,
    sql: "SELECT * FROM (SELECT 'k' AS k, 1 AS a, CAST(NULL AS INT64) AS b, 3 AS c) UNPIVOT(v FOR n IN (a, b, c AS 'z')) ORDER BY n",
    fields: 'k STRING, v INTEGER, n STRING',
    rows: [
      ['k', '1', 'a'],
      ['k', '3', 'z'],
    ],
  },
  {
    name: 'UNPIVOT with NULL and numbers',
    page: `${SYNTAX}#unpivot_operator`,
    sql: 'SELECT u.n, u.v FROM (SELECT 1 AS a, CAST(NULL AS INT64) AS b) UNPIVOT INCLUDE NULLS (v FOR n IN (a AS 1, b AS 2)) AS u ORDER BY n',
    fields: 'n INTEGER, v INTEGER',
    rows: [
      ['1', '1'],
      ['2', null],
    ],
  },
  {
    name: 'UNPIVOT of sets of columns',
    page: `${SYNTAX}#unpivot_operator`,
    sql: "SELECT * FROM (SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d) UNPIVOT((x, y) FOR n IN ((a, b) AS 'p', (c, d))) ORDER BY x",
    fields: 'x INTEGER, y INTEGER, n STRING',
    rows: [
      ['1', '2', 'p'],
      ['3', '4', 'c_d'],
    ],
  },
  {
    name: 'UNPIVOT of two types',
    page: `${SYNTAX}#unpivot_operator`,
    sql: "SELECT * FROM (SELECT 1 AS a, 'x' AS b) UNPIVOT(v FOR n IN (a, b))",
    error: 'must have one type',
  },
  sales('EXCEPT and REPLACE of one star', 'select_replace', {
    sql: 'SELECT t.* EXCEPT (q) REPLACE (v * 2 AS v), 1 AS one FROM d.sales AS t WHERE v = 2.5',
    fields: 'shop STRING, v FLOAT, one INTEGER',
    rows: [['b', '5.0', '1']],
  }),
  ...(
    [
      ['RANK() OVER ()', 'ORDER BY is required for analytic function rank'],
      [
        'PERCENTILE_CONT(v, 0.5) OVER (ORDER BY q)',
        'ORDER BY is not allowed for analytic function percentile_cont',
      ],
      ['COUNT(DISTINCT q) OVER (ORDER BY q)', 'ORDER BY is not allowed if DISTINCT is specified'],
      [
        'ROW_NUMBER() OVER (ORDER BY q ROWS 1 PRECEDING)',
        'framing clause is not allowed for analytic function row_number',
      ],
      ['PERCENTILE_CONT(v, (SELECT 0.5)) OVER ()', 'argument of PERCENTILE_CONT must be a constant'],
      ['LAG(v, q) OVER (ORDER BY q)', 'argument of LAG must be a constant'],
      ["STRING_AGG(shop, shop || '-')", 'argument of STRING_AGG must be a constant'],
    ] as const
  ).map(([call, error]) => ({
    name: call,
    page: address('window-function-calls'),
    setup: SALES,
    sql: `SELECT ${call} FROM d.sales`,
    error,
  })),
];
