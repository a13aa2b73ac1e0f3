import { address, type StatementCase } from './suite-case.js';

const DML = address('dml-syntax');
const ROWS = "CREATE SCHEMA d; CREATE TABLE d.t AS SELECT 1 AS id, 'a' AS v; ";

/** MERGE of an array with the places of its elements. */
export const MERGES: readonly StatementCase[] = [
  ...['AS s WITH OFFSET AS o', 's WITH OFFSET o', 'AS s /* (with */ WITH\nOFFSET AS `o`'].map((named) => ({
    name: `MERGE of the elements of an array and their places: ${named}`,
    page: DML,
    setup: `${ROWS}MERGE d.t USING UNNEST(['zero', ('one')]) ${named} ON id = o WHEN MATCHED THEN UPDATE SET v = s WHEN NOT MATCHED THEN INSERT (id, v) VALUES (o, s)`,
    sql: 'SELECT id, v FROM d.t WHERE id < 2 ORDER BY id',
    rows: [
      ['0', 'zero'],
      ['1', 'one'],
    ],
  })),
  {
    name: 'MERGE of the places of elements',
    page: DML,
    setup: `${ROWS}MERGE d.t USING UNNEST(['a', 'b']) WITH OFFSET ON id = offset WHEN MATCHED THEN DELETE`,
    sql: 'SELECT COUNTIF(id = 1) FROM d.t',
    rows: [['0']],
  },
];
