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
};

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
