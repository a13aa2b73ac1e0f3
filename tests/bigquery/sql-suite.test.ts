import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANGES } from './sql-suite/change-cases.js';
import { COPIES } from './sql-suite/copy-cases.js';
import { FROM_CASES } from './sql-suite/from-cases.js';
import { GROUPING_CASES } from './sql-suite/grouping-cases.js';
import { MERGES } from './sql-suite/merge-cases.js';
import { NULLS_AND_NAMES } from './sql-suite/null-cases.js';
import { SCRIPTS } from './sql-suite/script-cases.js';
import { SECTIONS } from './sql-suite/sections.js';
import { QUERIES } from './sql-suite/statement-cases.js';
import { address, type ExpressionCase, expectedError, type StatementCase } from './sql-suite/suite-case.js';
import { UNIONS } from './sql-suite/union-cases.js';
import { WILDCARDS } from './sql-suite/wildcard-cases.js';
import { fieldTexts, plain, SqlBench } from './support/sql-bench.js';

let bench: SqlBench;
beforeAll(async () => {
  bench = await SqlBench.open();
});
afterAll(() => bench.close());

async function checkExpression([, expression, type, value]: ExpressionCase): Promise<void> {
  const failure = expectedError(value);
  if (failure !== undefined) {
    await expect(bench.run(`SELECT ${expression} AS x`)).rejects.toThrow(failure);
    return;
  }
  const { fields, rows, duckDbTypes, plans } = await bench.run(`SELECT ${expression} AS x`);
  expect(rows.map((row) => row.map(plain))).toEqual([[value]]);
  expect(fieldTexts(fields)).toBe(`x ${type}`);
  // NULL alone has no type in DuckDB.
  if (value !== null) expect(duckDbTypes, 'DuckDB has the type that is told').toEqual(bench.typesOf(plans));
}

describe.each(SECTIONS)('$title, as in $page', ({ page, cases }) => {
  it.each(cases.map((one) => ({ one, tried: one[0], expression: one[1], at: address(page, one[0]) })))(
    '$tried: $expression',
    async ({ one }) => checkExpression(one),
  );
});

async function checkStatement({ setup, sql, fields, rows, error }: StatementCase): Promise<void> {
  const own = await SqlBench.open();
  try {
    if (setup !== undefined) await own.run(setup);
    if (error !== undefined) {
      await expect(own.run(sql)).rejects.toThrow(error);
      return;
    }
    const answer = await own.run(sql);
    if (fields !== undefined) expect(fieldTexts(answer.fields)).toBe(fields);
    expect(answer.rows.map((row) => row.map(plain))).toEqual(rows);
    expect(answer.duckDbTypes).toEqual(own.typesOf(answer.plans));
  } finally {
    own.close();
  }
}

describe.each([
  { title: 'queries', cases: QUERIES },
  { title: 'tables, subqueries, set operations and literals', cases: FROM_CASES },
  { title: 'recursion and unions', cases: UNIONS },
  { title: 'loops and branches', cases: SCRIPTS },
  { title: 'tables by a pattern', cases: WILDCARDS },
  { title: 'places of elements in MERGE', cases: MERGES },
  { title: 'groups and windows', cases: GROUPING_CASES },
  { title: 'changes, definitions and scripts', cases: CHANGES },
  { title: 'tables made from others', cases: COPIES },
  { title: 'NULL within values, and names', cases: NULLS_AND_NAMES },
])('$title', ({ cases }) => {
  it.each(cases)('$name', checkStatement);
});
