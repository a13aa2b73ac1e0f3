import { address, type StatementCase } from './suite-case.js';

const SYNTAX = address('query-syntax');
const RECURSION = 'https://cloud.google.com/bigquery/docs/recursive-ctes';

/** WITH RECURSIVE, and what stands behind set operations. */
export const UNIONS: readonly StatementCase[] = [
  {
    name: 'WITH RECURSIVE of as many iterations as there may be',
    page: RECURSION,
    sql: 'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT COUNT(*), MAX(i) FROM n',
    rows: [['500', '500']],
  },
  ...['ALL', 'DISTINCT'].map((kind) => ({
    name: `WITH RECURSIVE of UNION ${kind} without end`,
    page: RECURSION,
    sql: `WITH RECURSIVE n AS (SELECT 1 AS i UNION ${kind} SELECT i + 1 FROM n) SELECT i FROM n LIMIT 1`,
    error: 'A recursive CTE has reached the maximum number of iterations: 500.',
  })),
  {
    name: 'WITH RECURSIVE that begins with rows that repeat each other',
    page: RECURSION,
    sql: 'WITH RECURSIVE n AS ((SELECT 1 AS i UNION ALL SELECT 1) UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT ARRAY_AGG(i ORDER BY i) FROM n',
    rows: [[['1', '1', '2', '2', '3', '3']]],
  },
  {
    name: 'WITH RECURSIVE in a circle',
    page: RECURSION,
    sql: `WITH RECURSIVE e AS (SELECT 1 AS a, 2 AS b UNION ALL SELECT 2, NULL UNION ALL SELECT NULL, 1),
r AS (SELECT a, b FROM e UNION DISTINCT SELECT r.a, e.b FROM r JOIN e ON r.b IS NOT DISTINCT FROM e.a)
SELECT COUNT(*), COUNTIF(a IS NULL), COUNTIF(b IS NULL) FROM r`,
    rows: [['9', '3', '3']],
  },
  {
    name: 'a row of WITH RECURSIVE, and one within another query',
    page: RECURSION,
    sql: `SELECT (WITH RECURSIVE r AS (SELECT x AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5)
SELECT STRING_AGG(TO_JSON_STRING(r), '' ORDER BY n) FROM r) FROM UNNEST([4]) AS x`,
    rows: [['{"n":4}{"n":5}']],
  },
  {
    name: 'WITH RECURSIVE of another set operation',
    page: RECURSION,
    sql: 'WITH RECURSIVE r AS (SELECT 1 AS a INTERSECT DISTINCT SELECT a FROM r) SELECT a FROM r',
    error: 'Recursive reference to r is only possible behind the last UNION ALL or UNION DISTINCT',
  },
  ...[
    '(SELECT 3 AS m) UNION ALL (SELECT 1) UNION ALL (SELECT 2) ORDER BY m DESC LIMIT 2',
    'SELECT ABS(3) AS m UNION ALL SELECT 1 UNION ALL (SELECT 2) ORDER BY m DESC LIMIT 2',
    'SELECT m FROM (SELECT 3 AS m UNION ALL (SELECT 1 UNION ALL (SELECT 2) ORDER BY 1 DESC LIMIT 1) ORDER BY m DESC) ORDER BY m DESC',
    'WITH q AS (SELECT 3 AS m UNION ALL SELECT 1 UNION ALL /* last */ (SELECT 2) -- of all\nORDER BY m DESC LIMIT 2) SELECT m FROM q ORDER BY m DESC',
    'WITH q AS (SELECT 3 AS x) SELECT x AS m FROM q UNION DISTINCT (SELECT 2) ORDER BY m DESC',
    'CREATE TABLE d.z AS SELECT 3 AS m UNION ALL SELECT 1 UNION ALL (SELECT 2) ORDER BY m DESC LIMIT 2; SELECT m FROM d.z ORDER BY m DESC',
  ].map((sql) => ({
    name: `ORDER BY and LIMIT behind a union whose last query stands in brackets: ${sql}`,
    page: SYNTAX,
    setup: 'CREATE SCHEMA d',
    sql,
    rows: [['3'], ['2']],
  })),
  {
    name: 'the place of an error behind brackets that the parser needs',
    page: SYNTAX,
    sql: 'SELECT 1 AS m UNION ALL (SELECT 2) ORDER BY nope',
    error: 'Unrecognized name: nope at [1:45]',
  },
  {
    name: 'a union of which it is not said what becomes of repeats',
    page: SYNTAX,
    sql: 'SELECT 1 UNION ALL SELECT 2 UNION SELECT 3',
    error: 'Expected keyword ALL or keyword DISTINCT but got keyword SELECT at [1:35]',
  },
];
