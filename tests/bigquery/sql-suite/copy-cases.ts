import { address, type StatementCase } from './suite-case.js';

const DDL = address('data-definition-language');
const D = "CREATE SCHEMA d; CREATE TABLE d.t (id INT64 NOT NULL, v STRING DEFAULT 'none', n FLOAT64); ";
const ROWS = `${D}INSERT INTO d.t VALUES (1, 'a', 1), (2, 'b', 2); `;

/** Tables that are made from others. */
export const COPIES: readonly StatementCase[] = [
  {
    name: 'CREATE TABLE LIKE has columns and defaults, no rows',
    page: DDL,
    setup: `${ROWS}CREATE TABLE d.l LIKE d.t; INSERT INTO d.l (id) VALUES (7)`,
    sql: 'SELECT * FROM d.l',
    fields: 'id INTEGER, v STRING, n FLOAT',
    rows: [['7', 'none', null]],
  },
  {
    name: 'CREATE TABLE COPY has the rows',
    page: DDL,
    setup: `${ROWS}CREATE TABLE d.l COPY d.t; INSERT INTO d.l (id) VALUES (3); DELETE FROM d.t WHERE true`,
    sql: 'SELECT * FROM d.l ORDER BY id',
    rows: [
      ['1', 'a', '1.0'],
      ['2', 'b', '2.0'],
      ['3', 'none', null],
    ],
  },
  {
    name: 'CREATE OR REPLACE TABLE COPY of itself',
    page: DDL,
    setup: `${ROWS}CREATE OR REPLACE TABLE d.t COPY d.t`,
    sql: 'SELECT id FROM d.t ORDER BY id',
    rows: [['1'], ['2']],
  },
  {
    name: 'CREATE TABLE LIKE keeps NOT NULL',
    page: DDL,
    setup: `${ROWS}CREATE TABLE d.l LIKE d.t`,
    sql: "INSERT INTO d.l (id, v) VALUES (NULL, 'x')",
    error: 'Required field id cannot be null',
  },
  ...(
    [
      ['CREATE TABLE d.l LIKE d.none', 'Not found: Table test:d.none'],
      ['CREATE TABLE d.t LIKE d.t', 'Already Exists: Table test:d.t'],
      [
        'CREATE VIEW d.w AS SELECT 1 AS a; CREATE TABLE d.l COPY d.w',
        'is a view: CREATE TABLE COPY needs a table',
      ],
      [
        'CREATE TABLE d.l LIKE d.t AS SELECT 1, NULL, NULL',
        'CREATE TABLE LIKE with a query is not supported here',
      ],
      ['CREATE TEMP TABLE l LIKE d.t', 'CREATE TABLE LIKE of a temporary table is not supported here'],
      ['CREATE TABLE d.l CLONE d.t', 'CREATE TABLE with CLONE is not supported here'],
    ] as const
  ).map(([sql, error]) => ({ name: `refused: ${sql}`, page: DDL, setup: D, sql, error })),
];
