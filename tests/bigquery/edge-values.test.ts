import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER_EDGES } from './sql-suite/number-edges.js';
import { type EdgeCase, expectedError } from './sql-suite/suite-case.js';
import { TEXT_EDGES } from './sql-suite/text-edges.js';
import { TIME_EDGES } from './sql-suite/time-edges.js';
import { plain, SqlBench } from './support/sql-bench.js';

/** Values asked for in one statement: hundreds of statements would take long. */
const AT_ONCE = 40;

let bench: SqlBench;
beforeAll(async () => {
  bench = await SqlBench.open();
});
afterAll(() => bench.close());

const fails = ([, value]: EdgeCase) => expectedError(value) !== undefined;

async function checkValues(cases: readonly EdgeCase[]): Promise<void> {
  const selected = cases.map(([expression], i) => `${expression} AS x${i}`);
  const { rows } = await bench.run(`SELECT ${selected.join(',\n')}`);
  const found = rows[0]!.map((value, i) => [cases[i]![0], plain(value)]);
  expect(found).toEqual(cases);
}

async function checkFailure([expression, value]: EdgeCase): Promise<void> {
  const failure = await bench.run(`SELECT ${expression}`).then(
    () => 'nothing',
    (error: unknown) => error,
  );
  // What DuckDB says in its own words has no name of its own.
  expect(failure, expression).toMatchObject({ name: 'SqlError' });
  expect((failure as Error).message, expression).toContain(expectedError(value));
}

describe.each([
  { title: 'texts and bytes', cases: TEXT_EDGES },
  { title: 'numbers, arrays and aggregates', cases: NUMBER_EDGES },
  { title: 'dates and times', cases: TIME_EDGES },
])('functions at the edge of what they take: $title', ({ cases }) => {
  it('give what Google documents', async () => {
    const values = cases.filter((one) => !fails(one));
    for (let from = 0; from < values.length; from += AT_ONCE)
      await checkValues(values.slice(from, from + AT_ONCE));
  }, 60_000);

  it('fail in the words of BigQuery', async () => {
    for (const one of cases.filter(fails)) await checkFailure(one);
  }, 60_000);
});
