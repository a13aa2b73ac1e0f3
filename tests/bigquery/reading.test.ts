import { parseStatements } from '@seismo/server/bigquery/sql/parser';
import { checkScript } from '@seismo/server/bigquery/sql/script-check';
import type { SyntaxNode } from '@seismo/server/bigquery/sql/syntax';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqlBench } from './support/sql-bench.js';

let bench: SqlBench;
beforeEach(async () => {
  bench = await SqlBench.open();
  await bench.run('CREATE SCHEMA d; CREATE TABLE d.t (i INT64, f FLOAT64, s STRING, b BOOL, ts TIMESTAMP)');
});
afterEach(() => bench.close());

/** A tree without what stands only between things, in one order. */
function shape(node: SyntaxNode): unknown {
  const children = Object.entries(node.children)
    .filter(([name]) => !['rparen', 'comma', 'semicolon'].includes(name))
    .map(([name, { Node, NodeVec }]) => [name, Node === undefined ? (NodeVec ?? []).map(shape) : shape(Node)])
    .sort(([a], [b]) => String(a).localeCompare(String(b)));
  return [node.node_type, node.token, children];
}

describe('an INSERT of thousands of rows', () => {
  const row = (i: number) =>
    `(${i % 7 === 0 ? '-' : ''}${i}, ${i}.5e1, 'a\\'b${i}', ${i % 2 === 0 ? 'TRUE' : 'null'},\n TIMESTAMP "2024-01-01 00:00:00+00")`;
  const text = (rows: number, last = '') =>
    `INSERT INTO d.t (i, f, s, b, ts)\nVALUES ${Array.from({ length: rows }, (_, i) => row(i)).join(', ')}${last};`;

  it('is read as the parser reads it, places included', () => {
    const rowsOf = (sql: string) => parseStatements(sql)[0]!.children.input!.Node!.children.exprs!.NodeVec!;
    const whole = rowsOf(text(60));
    const bulk = rowsOf(text(900));
    expect(bulk.length).toBe(900);
    expect(bulk.slice(0, 60).map(shape)).toEqual(whole.map(shape));
  });

  it('may hold calls, arrays and structs, read as the parser reads them', async () => {
    const called = (i: number) =>
      `(${i}, SQRT ( ${i} ), concat('a', UPPER("b")), IF(TRUE, [${i}, -2], [3]), STRUCT(1, 'x'),\n TIMESTAMP_SECONDS(${i}))`;
    const text = (rows: number) =>
      `INSERT INTO d.t VALUES ${Array.from({ length: rows }, (_, i) => called(i)).join(',')}`;
    const rowsOf = (sql: string) => parseStatements(sql)[0]!.children.input!.Node!.children.exprs!.NodeVec!;
    expect(rowsOf(text(400)).slice(0, 20).map(shape)).toEqual(rowsOf(text(20)).map(shape));
    const valid = (i: number) =>
      `(${i}, SQRT(${i}), CONCAT('a', UPPER('b')), STARTS_WITH('ab', 'a'), TIMESTAMP_SECONDS(${i}))`;
    await bench.run(`INSERT INTO d.t VALUES ${Array.from({ length: 400 }, (_, i) => valid(i)).join(',')}`);
    const { rows } = await bench.run(
      'SELECT COUNT(*), SUM(i), COUNTIF(b), MAX(s), COUNT(DISTINCT ts) FROM d.t',
    );
    expect(rows).toEqual([['400', '79800', '400', 'aB', '400']]);
  });

  it('is inserted whole', async () => {
    const { changed } = await bench.run(text(900));
    expect(changed).toBe(900);
    const { rows } = await bench.run(
      'SELECT COUNT(*), SUM(i), COUNTIF(b), MAX(s), COUNT(DISTINCT ts) FROM d.t',
    );
    expect(rows).toEqual([['900', '288966', '450', "a'b99", '1']]);
  });

  it('may hold other things, which the parser reads, and is refused with the place', () => {
    expect(() => checkScript(text(900, ', (1, 2, UPPER("x"), NULL, NULL)'), bench.options())).not.toThrow();
    expect(() => checkScript(text(900, ", ('x', 2, NULL, NULL, NULL)"), bench.options())).toThrow(
      /Value has type STRING which cannot be inserted into column i, which has type INT64 at \[902:\d+\]/,
    );
    expect(() => checkScript(text(900, ', (1)'), bench.options())).toThrow(
      'Inserted row has wrong column count; Has 1, expected 5',
    );
  });
});

describe('a set operation whose last query stands in brackets', () => {
  it('may be ordered and limited', async () => {
    const { rows } = await bench.run(
      'SELECT 1 AS a UNION ALL (SELECT 3) ORDER BY a DESC LIMIT 1; SELECT 5 UNION ALL (SELECT 4)\nORDER BY 1',
    );
    expect(rows).toEqual([['4'], ['5']]);
  });

  it('keeps the places of what is wrong in it', () => {
    expect(() => checkScript('SELECT 1 AS a UNION ALL (SELECT nope) ORDER BY a', bench.options())).toThrow(
      'Unrecognized name: nope at [1:33]',
    );
    expect(() => checkScript('SELECT 1 AS a UNION ALL (SELECT 2) ORDER BY nope', bench.options())).toThrow(
      'Unrecognized name: nope at [1:45]',
    );
  });
});

describe('a column named model', () => {
  it('is a column wherever it stands, and moves no place', () => {
    const sql = "SELECT model, t.model AS m FROM (SELECT 'x' AS model) AS t WHERE model = 'x' AND nope = 1";
    expect(() => checkScript(sql, bench.options())).toThrow(
      `Unrecognized name: nope at [1:${sql.indexOf('nope') + 1}]`,
    );
    expect(() => checkScript('SELECT * FROM ML.FORECAST(MODEL d.m)', bench.options())).toThrow(
      'Not found: Model test:d.m',
    );
  });
});
