import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECTIONS } from './sql-suite/sections.js';
import { type ExpressionCase, expectedError } from './sql-suite/suite-case.js';
import { plain, SqlBench } from './support/sql-bench.js';

let bench: SqlBench;
let answered = 0;
beforeAll(async () => {
  bench = await SqlBench.open();
});
afterAll(() => bench.close());

/** Numbers and texts, with the type that stands before a text. */
const LITERAL =
  /(?<![\w'"$.@])(?:(?:DATE|TIMESTAMP|DATETIME|TIME|NUMERIC|JSON) )?(?:[rb]?'(?:[^'\\]|\\.)*'|\d+(?:\.\d+)?)(?![\w.'"])/g;

/** A place that takes no query, in BigQuery's words or our own; anything else would be DuckDB's. */
const REFUSED =
  /^(Syntax error|No matching signature|.*(must be|is expected|not supported here|expects an integer literal|needs an? |Could not cast literal))/s;

/** A case with one of its literals as a query, for each of them. */
function withQueries([, expression, , value]: ExpressionCase): { sql: string; value: unknown }[] {
  if (expectedError(value) !== undefined) return [];
  return [...expression.matchAll(LITERAL)].map(({ 0: literal, index }) => ({
    sql: `${expression.slice(0, index)}(SELECT ${literal})${expression.slice(index + literal.length)}`,
    value,
  }));
}

describe('a query as an argument gives what the value itself gives, or is refused', () => {
  it.each(SECTIONS)('$title', async ({ cases }) => {
    for (const { sql, value } of cases.flatMap(withQueries)) {
      try {
        const { rows } = await bench.run(`SELECT ${sql} AS x`);
        expect(
          rows.map((row) => row.map(plain)),
          sql,
        ).toEqual([[value]]);
        answered++;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'SqlError') throw error;
        expect(error.message, sql).toMatch(REFUSED);
      }
    }
  });

  it('most of them are answered', () => expect(answered).toBeGreaterThan(500));

  it('also where an array fills the gaps of a series', async () => {
    const { rows } =
      await bench.run(`WITH m AS (SELECT TIMESTAMP_SECONDS(60 * i) AS minute, i AS v FROM UNNEST([0, 1, 4]) AS i)
      SELECT UNIX_SECONDS(minute), LAST_VALUE(v IGNORE NULLS) OVER (ORDER BY minute)
      FROM UNNEST(GENERATE_TIMESTAMP_ARRAY((SELECT MIN(minute) FROM m), (SELECT MAX(minute) FROM m), INTERVAL 1 MINUTE)) AS minute
      LEFT JOIN m USING (minute) ORDER BY minute`);
    expect(rows).toEqual([
      ['0', '0'],
      ['60', '1'],
      ['120', '1'],
      ['180', '1'],
      ['240', '4'],
    ]);
  });
});
