import { setImmediate as turn } from 'node:timers/promises';
import { type PlannedText, Planner } from '@seismo/server/bigquery/rest/planner';
import { type Plan, SqlError } from '@seismo/server/bigquery/sql/plan';
import { followScript, planScript } from '@seismo/server/bigquery/sql/script';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqlBench } from './support/sql-bench.js';

/** Beyond what is read on the main thread. */
const COUNT = 4000;
const LIST = Array.from({ length: COUNT }, (_, i) => i).join(', ');
const PADDING = `/* ${'x'.repeat(10_000)} */ `;

let bench: SqlBench;
beforeAll(async () => {
  bench = await SqlBench.open();
  await bench.run('CREATE SCHEMA d; CREATE TABLE d.t (i INT64, s STRING)');
});
afterAll(() => bench.close());

let planner: Planner;
beforeEach(() => {
  planner = new Planner();
});
afterEach(() => planner.close());

function asked(text: string, more: Partial<PlannedText> = {}): PlannedText {
  const { signal } = new AbortController();
  return { text, options: bench.options(), viewCharacters: 0, signal, ...more };
}

async function planned(
  text: string,
  holds: (condition: Plan) => boolean = () => true,
  more: Partial<PlannedText> = {},
): Promise<{ plans: Plan[]; texts: string[] }> {
  const plans: Plan[] = [];
  const texts: string[] = [];
  const evaluate = async (condition: Plan) => [holds(condition)];
  for await (const plan of planner.plan(asked(text, more), evaluate, (source) => texts.push(source.text)))
    plans.push(plan);
  return { plans, texts };
}

describe('a large statement', () => {
  it('is planned as a short one is, while the main thread does other things', async () => {
    const sql = `SELECT i FROM d.t WHERE i IN (${LIST})`;
    const expected: Plan[] = [];
    for await (const plan of planScript(sql, bench.options(), async () => [true])) expected.push(plan);
    let done = false;
    const found = planned(sql).finally(() => {
      done = true;
    });
    let turns = 0;
    for (; !done; turns++) await turn();
    expect(await found).toEqual({ plans: expected, texts: [sql] });
    expect(turns).toBeGreaterThan(10);
    expect(await planner.check(asked(sql))).toEqual(expected);
  });

  it('may be a script, whose conditions are asked and whose tables are known to what follows', async () => {
    const script = `${PADDING}CREATE TEMP TABLE w AS SELECT 1 AS a;
      IF EXISTS (SELECT 1 FROM w) THEN SELECT a FROM w; ELSE SELECT a + 1 FROM w; END IF`;
    const conditions: string[] = [];
    const { plans, texts } = await planned(script, (condition) => {
      conditions.push(condition.kind);
      return false;
    });
    expect(conditions).toEqual(['query']);
    expect(plans.map(({ kind }) => kind)).toEqual(['ddl', 'query']);
    expect(texts.at(-1)).toBe('SELECT a + 1 FROM w');
  });

  it('may be a script that handles errors, and one that it does not handle is the same', async () => {
    const failing = async (text: string, failsAt: number) => {
      const failure = new RangeError('of the run');
      const plans: (Plan | 'the failure')[] = [];
      await followScript(
        planner.plan(
          asked(`${PADDING}${text}`),
          async () => ['of RAISE'],
          () => {},
        ),
        async (plan) => {
          plans.push(plan);
          if (plans.length === failsAt) throw failure;
        },
      ).catch((error: unknown) => plans.push(error === failure ? 'the failure' : (error as never)));
      return plans.map((plan) => (typeof plan === 'object' && 'sql' in plan ? plan.sql : plan));
    };
    const script =
      'BEGIN SELECT 1 AS a; SELECT 2 AS a; EXCEPTION WHEN ERROR THEN SELECT @@error.message AS m;';
    expect(await failing(`${script} END`, 1)).toEqual([
      expect.stringContaining('1'),
      expect.stringContaining("'of the run'"),
    ]);
    expect((await failing(`${script} RAISE; END`, 1)).at(-1)).toBe('the failure');
    expect(await failing('SELECT 1 AS a', 1)).toEqual([expect.stringContaining('1'), 'the failure']);
    expect((await failing("RAISE USING MESSAGE = 'of RAISE'", 9)).at(-1)).toMatchObject({
      message: expect.stringMatching(/^of RAISE at \[1:\d+\]$/),
    });
  });

  it('is also one that is short where views are large', async () => {
    const { plans } = await planned('SELECT s FROM d.t', () => true, { viewCharacters: 20_000 });
    expect(plans.map(({ kind }) => kind)).toEqual(['query']);
  });

  it.each([
    ['an unknown column', 'SELECT nope FROM d.t', 'Unrecognized name: nope at [1:'],
    ['an unknown table', 'SELECT 1 FROM d.nothing', 'Not found: Table test:d.nothing'],
    ['an unknown model', 'SELECT * FROM ML.FORECAST(MODEL d.m)', 'Not found: Model test:d.m'],
    ['depth', `SELECT 1${' + 1'.repeat(30_000)}`, 'Not enough resources for query planning'],
  ])('%s is refused as in a short one, and the thread goes on', async (_, sql, message) => {
    const refusal = await planned(`${PADDING}${sql}`).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SqlError);
    expect((refusal as Error).message).toContain(message);
    expect((await planned(`${PADDING}SELECT 1`)).plans.length).toBe(1);
  });

  it('ends when its job is cancelled, and others are read', async () => {
    const abort = new AbortController();
    const sql = `SELECT ${Array.from({ length: 40_000 }, (_, i) => `i AS c${i}`).join(', ')} FROM d.t`;
    const found = planned(sql, () => true, { signal: abort.signal });
    abort.abort();
    await expect(found).rejects.toMatchObject({ name: 'SqlEngineError', kind: 'cancelled' });
    expect((await planned(`${PADDING}SELECT 1`)).plans.length).toBe(1);
  });

  it('waits for its turn where others are read', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => planned(`${PADDING}SELECT i FROM d.t`)));
    expect(all.map(({ plans }) => plans.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it('asks for one of thousands of numbers or texts as for one of a few', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `'a"${i}\\'é'`).join(', ');
    const { rows } = await bench.run(
      `SELECT 5 IN (${LIST}), -1 IN (${LIST}), NULL IN (${LIST}), -1 IN (${LIST}, NULL), 5 NOT IN (${LIST}),
        'a"7\\'é' IN (${texts}), 'x' IN (${texts})`,
    );
    expect(rows).toEqual([['true', 'false', null, null, 'false', 'true', 'false']]);
  });
});
