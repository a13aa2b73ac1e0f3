import { address, type StatementCase } from './suite-case.js';

const page = address('procedural-language');

/** What a script writes down, in order. */
const script = (statements: string): string =>
  `CREATE TEMP TABLE said (n INT64, place INT64); DECLARE x INT64 DEFAULT 0; ${statements}; SELECT STRING_AGG(CAST(n AS STRING), '' ORDER BY place) FROM said`;
const SAY = 'INSERT INTO said VALUES (x, (SELECT COUNT(*) FROM said))';

const LOOPS: Readonly<Record<string, string>> = {
  'LOOP and LEAVE': `LOOP SET x = x + 1; IF x > 3 THEN LEAVE; END IF; ${SAY}; END LOOP`,
  'LOOP, BREAK within BEGIN, and CONTINUE': `LOOP SET x = x + 1; BEGIN IF x = 0 THEN CONTINUE; END IF; IF x > 3 THEN BREAK; END IF; END; ${SAY}; END LOOP`,
  REPEAT: `REPEAT SET x = x + 1; ${SAY}; UNTIL x >= 3 END REPEAT`,
  'REPEAT and ITERATE': `REPEAT SET x = x + 1; IF x > 3 THEN ITERATE; END IF; ${SAY}; UNTIL x >= 5 END REPEAT`,
  'WHILE, CONTINUE and BREAK': `WHILE x < 9 DO SET x = x + 1; IF x = 4 THEN BREAK; ELSEIF x > 0 THEN ${SAY}; CONTINUE; END IF; SET x = 7; END WHILE`,
  'a loop in a loop': `WHILE x < 3 DO LOOP SET x = x + 1; BREAK; END LOOP; ${SAY}; END WHILE`,
  'CASE of a value': `WHILE x < 3 DO SET x = x + 1; CASE x WHEN 1 THEN ${SAY}; WHEN 2 THEN ${SAY}; ELSE ${SAY}; END CASE; END WHILE`,
  'CASE of conditions': `WHILE x < 5 DO SET x = x + 1; CASE WHEN x < 3 THEN ${SAY}; WHEN x = 3 THEN ${SAY}; END CASE; END WHILE`,
  'FOR in the order of its query': `FOR r IN (SELECT v FROM UNNEST([2, 3, 1]) AS v ORDER BY v) DO SET x = r.v; ${SAY}; END FOR`,
  'FOR reads its query once': `SET x = 1; ${SAY}; FOR r IN (SELECT n + 1 AS n FROM said UNION ALL SELECT 3) DO SET x = r.n; ${SAY}; END FOR`,
  'FOR, CONTINUE and BREAK': `FOR r IN (SELECT v FROM UNNEST([1, 8, 2, 3, 9, 4]) AS v WITH OFFSET AS o ORDER BY o) DO IF r.v = 8 THEN CONTINUE; END IF; IF r.v = 9 THEN BREAK; END IF; SET x = r.v; ${SAY}; END FOR`,
  'FOR in FOR': `FOR a IN (SELECT 1 AS v UNION ALL SELECT 2 ORDER BY v) DO FOR b IN (SELECT v FROM UNNEST([1, 2]) AS v WHERE v <= 3 - 2 * (a.v - 1) ORDER BY v) DO SET x = a.v + b.v - 1 + (a.v - 1); ${SAY}; END FOR; END FOR`,
  'FOR of no rows': `FOR r IN (SELECT 1 AS v FROM UNNEST([1]) WHERE FALSE) DO ${SAY}; END FOR; FOR r IN (SELECT 1 AS v UNION ALL SELECT 2 UNION ALL SELECT 3 ORDER BY v) DO SET x = r.v; ${SAY}; END FOR`,
  'variables of a block end with it': `LOOP BEGIN DECLARE y INT64 DEFAULT x + 1; SET x = y; ${SAY}; IF y = 3 THEN BREAK; END IF; END; END LOOP`,
  EXCEPTION: `SET x = 1; ${SAY}; BEGIN SET x = 2; ${SAY}; SET x = DIV(1, 0); ${SAY}; EXCEPTION WHEN ERROR THEN SET x = x + 1; ${SAY}; END`,
  'EXCEPTION without an error': `BEGIN SET x = 12; ${SAY}; EXCEPTION WHEN ERROR THEN SET x = 9; ${SAY}; END; SET x = 3; ${SAY}`,
  'EXCEPTION around EXCEPTION': `BEGIN BEGIN SELECT ERROR('a'); EXCEPTION WHEN ERROR THEN SET x = 1; ${SAY}; SELECT ERROR(CONCAT(@@error.message, 'b')); SET x = 7; ${SAY}; END; EXCEPTION WHEN ERROR THEN SET x = IF(@@error.message = 'ab', 2, 8); ${SAY}; END; SET x = 3; ${SAY}`,
  'RAISE in the handler raises the same again': `BEGIN BEGIN RAISE USING MESSAGE = 'a'; EXCEPTION WHEN ERROR THEN SET x = 1; ${SAY}; RAISE; END; EXCEPTION WHEN ERROR THEN SET x = IF(@@error.message = 'a', 23, 9); ${SAY}; END`,
  'errors within loops': `WHILE x < 3 DO BEGIN SET x = x + 1; LOOP FOR r IN (SELECT 1 AS v) DO SELECT 1 / 0; END FOR; END LOOP; EXCEPTION WHEN ERROR THEN ${SAY}; CONTINUE; END; SET x = 9; END WHILE`,
  'a table that is not there is an error': `BEGIN SELECT * FROM nowhere.at_all; EXCEPTION WHEN ERROR THEN SET x = 123; ${SAY}; END`,
  'EXECUTE IMMEDIATE': `EXECUTE IMMEDIATE 'INSERT INTO said VALUES (1, 0)'; SET x = 2; EXECUTE IMMEDIATE CONCAT('INSERT INTO said ', 'VALUES (?, ?)') USING x, 1; EXECUTE IMMEDIATE 'INSERT INTO said VALUES (@n, @place)' USING 2 AS place, x + 1 AS n`,
  'EXECUTE IMMEDIATE INTO': `EXECUTE IMMEDIATE 'SELECT ? * (? + 2)' INTO x USING 1, 3; SET x = x - 4; ${SAY}; EXECUTE IMMEDIATE 'SELECT @a * (@b + 2)' INTO x USING 1 AS a, 21 AS b; ${SAY}`,
};

/** What EXECUTE IMMEDIATE refuses, as Google's open implementation of the language says it. */
const DYNAMIC: readonly (readonly [sql: string, error: string])[] = [
  ["DECLARE y INT64; EXECUTE IMMEDIATE 'SELECT y'", 'Unrecognized name: y'],
  ["EXECUTE IMMEDIATE 'SELECT @a'", "Query parameter 'a' not found"],
  ['EXECUTE IMMEDIATE CAST(NULL AS STRING)', 'EXECUTE IMMEDIATE sql string cannot be NULL at [1:'],
  ["EXECUTE IMMEDIATE ''", 'Empty EXECUTE IMMEDIATE sql string cannot be executed'],
  ["EXECUTE IMMEDIATE 'SELECT 1; SELECT 2'", 'must contain exactly one statement'],
  ["EXECUTE IMMEDIATE 'SELEC 1'", 'Invalid EXECUTE IMMEDIATE sql string `SELEC 1`, Syntax error'],
  ['EXECUTE IMMEDIATE "EXECUTE IMMEDIATE \'SELECT 1\'"', 'EXECUTE within EXECUTE IMMEDIATE is not supported'],
  ["EXECUTE IMMEDIATE 'BEGIN SELECT 1; END'", 'BEGIN within EXECUTE IMMEDIATE is not supported here'],
  ["EXECUTE IMMEDIATE 'SET x = 1'", 'SET within EXECUTE IMMEDIATE is not supported here'],
  ["EXECUTE IMMEDIATE 'SELECT 1' INTO y", 'Undeclared variable: y'],
  ["DECLARE y INT64; EXECUTE IMMEDIATE 'SELECT 1, 2' INTO y", 'expected 1 columns, but got 2'],
  ["DECLARE y, z INT64; EXECUTE IMMEDIATE 'SELECT 1, 2' INTO y, Y", 'same variable multiple times'],
  ['DECLARE y INT64; EXECUTE IMMEDIATE \'SELECT "a"\' INTO y', 'Cannot coerce expression of type STRING'],
  ["DECLARE y INT64; EXECUTE IMMEDIATE 'SELECT * FROM UNNEST([1, 2])' INTO y", 'may only return 0 or 1 rows'],
  ["DECLARE y INT64; EXECUTE IMMEDIATE 'CREATE SCHEMA d' INTO y", 'INTO clause must use a query statement'],
  ["EXECUTE IMMEDIATE 'SELECT @a' USING 1 AS a, 2", 'must be all positional or all named'],
  ["EXECUTE IMMEDIATE 'SELECT @a' USING 1 AS a, 2 AS A", 'must have unique names, found duplicate name: a'],
  ["EXECUTE IMMEDIATE 'SELECT ?' USING [1]", 'USING with a value of type ARRAY<INT64> is not supported here'],
];

const REFUSED: readonly (readonly [sql: string, error: string])[] = [
  ['FOR r IN (SELECT 1) DO SELECT 2; END FOR', 'FOR over columns without a name is not supported here'],
  ['FOR r IN (SELECT AS STRUCT 1 AS a) DO SELECT 2; END FOR', 'FOR over values that are no rows'],
  ['l: FOR r IN (SELECT 1 AS a) DO SELECT 2; END FOR;', 'FOR with a label is not supported here'],
  ['DECLARE r INT64; FOR R IN (SELECT 1 AS a) DO SELECT 2; END FOR', "Variable 'R' redeclaration"],
  ['FOR r IN (SELECT 1 AS a) DO SELECT r.a; END FOR; SELECT r', 'Unrecognized name: r'],
  ['FOR r IN (SELECT 1 AS a, 2 AS A) DO SELECT 2; END FOR', 'Duplicate column names'],
  ['BEGIN DECLARE y INT64; END; SELECT y', 'Unrecognized name: y'],
  [
    "BEGIN DECLARE y INT64; SELECT ERROR('a'); EXCEPTION WHEN ERROR THEN SELECT y; END",
    'Unrecognized name: y',
  ],
  ['RAISE', 'Cannot re-raise an existing exception outside of an exception handler'],
  ["RAISE USING MESSAGE = CONCAT('a', 'b')", 'ab at [1:1]'],
  ['RAISE USING MESSAGE = CAST(NULL AS STRING)', 'The message of RAISE cannot be NULL'],
  ['RAISE USING MESSAGE = 1', 'The message of RAISE should return type STRING, but returns INT64'],
  ['SELECT @@error.message', '@@error.message outside of EXCEPTION is not supported here'],
  [
    'BEGIN SELECT 1 / 0; EXCEPTION WHEN ERROR THEN SELECT @@error.stack_trace; END',
    '@@error.stack_trace is not supported',
  ],
  [
    'BEGIN SELECT ST_GEOGPOINT(1, 2); EXCEPTION WHEN ERROR THEN SELECT 1; END',
    'ST_GEOGPOINT is not supported here',
  ],
  ['BEGIN SELECT 1 / 0; EXCEPTION WHEN ERROR THEN RAISE; END', 'division by zero'],
  ['BEGIN TRANSACTION', 'BEGIN is not supported here'],
  ['COMMIT', 'COMMIT is not supported here'],
];

/** Loops and branches of scripts, and columns that need a name. */
export const SCRIPTS: readonly StatementCase[] = [
  ...Object.entries(LOOPS).map(([name, statements]) => ({
    name,
    page,
    sql: script(statements),
    rows: [['123']],
  })),
  ...[
    ['CREATE TABLE d.x AS SELECT 1 AS a, 2', 'CREATE TABLE columns must be named, but column 2 has no name'],
    [
      'CREATE TEMP TABLE x AS SELECT COUNT(*)',
      'CREATE TABLE columns must be named, but column 1 has no name',
    ],
    ['CREATE VIEW d.x AS SELECT 1', 'CREATE VIEW columns must be named, but column 1 has no name'],
  ].map(([sql, error]) => ({
    name: `columns without a name: ${sql}`,
    page: address('data-definition-language'),
    setup: 'CREATE SCHEMA d',
    sql: sql!,
    error: error!,
  })),
  ...[...DYNAMIC, ...REFUSED].map(([sql, error]) => ({ name: sql, page, sql, error })),
  {
    name: 'RETURN ends the script, out of loops and handlers',
    page,
    sql: `CREATE TEMP TABLE said AS SELECT 1 AS n; SELECT n FROM said;
      LOOP BEGIN SELECT ERROR('a'); EXCEPTION WHEN ERROR THEN FOR r IN (SELECT 1 AS v) DO RETURN; END FOR; END; END LOOP;
      SELECT 2 AS n`,
    rows: [['1']],
  },
  {
    name: 'the row of FOR is a STRUCT of the columns',
    page,
    sql: `FOR r IN (SELECT 'a' AS word, 2 AS n, [1, 2] AS list, DATE '2026-01-02' AS day) DO
      SELECT r.word, r.N, r.list[OFFSET(1)] AS second, r.day, TO_JSON_STRING(r) AS whole; END FOR`,
    fields: 'word STRING, n INTEGER, second INTEGER, day DATE, whole STRING',
    rows: [['a', '2', '2', '2026-01-02', '{"word":"a","n":2,"list":[1,2],"day":"2026-01-02"}']],
  },
  {
    name: 'INTO gives NULL where there is no row, and converts as SET does',
    page,
    sql: `DECLARE x INT64 DEFAULT 7; DECLARE f FLOAT64; DECLARE s STRING DEFAULT 'a';
      EXECUTE IMMEDIATE 'SELECT 1 WHERE FALSE' INTO x; EXECUTE IMMEDIATE 'SELECT 3, ?' INTO f, s USING s || 'b';
      SELECT x, f, s`,
    rows: [[null, '3.0', 'ab']],
  },
  {
    name: 'values of USING keep their types',
    page,
    sql: `EXECUTE IMMEDIATE 'SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? LIMIT ?' USING 9007199254740993, 0.1, NUMERIC '1.5',
      TRUE, "it's", b'a\\xff', DATE '2026-01-02', DATETIME '2026-01-02 03:04:05.000006', TIMESTAMP '2026-01-02 03:04:05+00',
      JSON '{"a": [1]}', CAST(NULL AS INT64), 1`,
    rows: [
      [
        '9007199254740993',
        '0.1',
        '1.5',
        'true',
        "it's",
        'Yf8=',
        '2026-01-02',
        '2026-01-02T03:04:05.000006',
        '1767323045000000',
        '{"a":[1]}',
        null,
      ],
    ],
  },
  {
    name: 'the books of the page on EXECUTE IMMEDIATE',
    page,
    sql: `DECLARE book_name STRING DEFAULT 'Ulysses'; DECLARE book_year INT64 DEFAULT 1922; DECLARE first_date INT64;
      EXECUTE IMMEDIATE 'CREATE TEMP TABLE Books (title STRING, publish_date INT64)';
      EXECUTE IMMEDIATE "INSERT INTO Books (title, publish_date) VALUES('Hamlet', 1599)";
      EXECUTE IMMEDIATE 'INSERT INTO Books (title, publish_date) VALUES(?, ?)' USING book_name, book_year;
      EXECUTE IMMEDIATE 'INSERT INTO Books (title, publish_date) VALUES(@name, @year)' USING 1815 AS year, 'Emma' AS name;
      EXECUTE IMMEDIATE CONCAT('INSERT INTO Books (title, publish_date)', "VALUES('Middlemarch', 1871)");
      EXECUTE IMMEDIATE 'SELECT MIN(publish_date) FROM Books' INTO first_date;
      SELECT title, publish_date, publish_date = first_date FROM Books ORDER BY publish_date`,
    rows: [
      ['Hamlet', '1599', 'true'],
      ['Emma', '1815', 'false'],
      ['Middlemarch', '1871', 'false'],
      ['Ulysses', '1922', 'false'],
    ],
  },
  {
    name: 'BREAK outside of a loop',
    page,
    sql: 'SELECT 1; IF TRUE THEN BREAK; END IF',
    error: 'BREAK is only allowed inside of a loop body at [1:24]',
  },
  {
    name: 'LEAVE with a label',
    page,
    sql: 'outside: LOOP LEAVE outside; END LOOP;',
    error: 'LEAVE with a label is not supported here',
  },
  {
    name: 'a loop without end',
    page,
    sql: 'LOOP BEGIN END; END LOOP',
    error: 'LOOP has run 100000 times',
  },
];
