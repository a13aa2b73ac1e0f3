import { address, type StatementCase } from './suite-case.js';

const page = address('wildcard-table-reference');
const setup = `CREATE SCHEMA d;
CREATE TABLE d.day_20260101 AS SELECT 1 AS x, 'a' AS s;
CREATE TABLE d.day_20260102 AS SELECT 2 AS x, 'b' AS s, [1] AS l;
CREATE TABLE d.day_latest (X INT64, l ARRAY<INT64>, new FLOAT64);
INSERT INTO d.day_latest VALUES (3, [4], 0.5);
CREATE TABLE d.other AS SELECT 9 AS x`;

/** Tables by the beginning of their names. */
export const WILDCARDS: readonly StatementCase[] = [
  {
    name: 'tables by a pattern, with the columns of the youngest',
    page,
    setup,
    sql: 'SELECT * FROM `d.day_*` ORDER BY x',
    fields: 'X INTEGER, l INTEGER[], new FLOAT',
    rows: [
      ['1', [], null],
      ['2', ['1'], null],
      ['3', ['4'], '0.5'],
    ],
  },
  {
    name: '_TABLE_SUFFIX of tables by a pattern',
    page,
    setup,
    sql: "SELECT t.x, _TABLE_SUFFIX AS suffix FROM `d.day_2026*` AS t WHERE _TABLE_SUFFIX BETWEEN '0102' AND '0131'",
    fields: 'x INTEGER, suffix STRING',
    rows: [['2', '0102']],
  },
  {
    name: '_TABLE_SUFFIX in groups, beside the row as a value',
    page,
    setup,
    sql: `SELECT _TABLE_SUFFIX AS day, SUM(x) AS n, ANY_VALUE(TO_JSON_STRING(t)) AS t FROM \`test.d.day_*\` AS t
WHERE _TABLE_SUFFIX != 'latest' GROUP BY day ORDER BY day`,
    rows: [
      ['20260101', '1', '{"X":1,"l":[],"new":null}'],
      ['20260102', '2', '{"X":2,"l":[1],"new":null}'],
    ],
  },
  {
    name: 'PIVOT of tables by a pattern',
    page,
    setup,
    sql: "SELECT * FROM (SELECT x, _TABLE_SUFFIX AS day FROM `d.day_2026*`) PIVOT(SUM(x) FOR day IN ('0101' AS a, '0102' AS b))",
    rows: [['1', '2']],
  },
  {
    name: 'a table by a pattern that is made in the same script',
    page,
    setup,
    sql: 'CREATE TABLE d.other_2 AS SELECT 8 AS x; DROP TABLE d.other; SELECT x, _TABLE_SUFFIX AS s FROM `d.oth*`',
    rows: [['8', 'er_2']],
  },
  {
    name: 'a pattern without back quotes',
    page,
    setup,
    sql: 'SELECT * FROM d.day_*',
    error: 'a table name with a wildcard stands in back quotes',
  },
  {
    name: 'a pattern that no table matches',
    page,
    setup,
    sql: 'SELECT * FROM `d.night_*`',
    error: 'test:d.night_* does not match any table.',
  },
  {
    name: 'a pattern that matches a view',
    page,
    setup,
    sql: 'CREATE VIEW d.day_view AS SELECT 1 AS x; SELECT x FROM `d.day_*`',
    error: 'Views cannot be queried through prefix. Matched views are: test:d.day_view',
  },
  {
    name: 'tables by a pattern whose columns are of other types',
    page,
    setup,
    sql: "CREATE TABLE d.day_z AS SELECT 'text' AS x; SELECT x FROM `d.day_*`",
    error: "Cannot read field 'x' of type INT64 as STRING",
  },
];
