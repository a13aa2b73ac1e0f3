import type { QueryParameter } from '@seismo/server/bigquery/sql/plan';
import { SqlError } from '@seismo/server/bigquery/sql/plan';
import { checkScript } from '@seismo/server/bigquery/sql/script-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fieldTexts, plain, SqlBench } from './support/sql-bench.js';

let bench: SqlBench;
beforeEach(async () => {
  bench = await SqlBench.open();
  await bench.run('CREATE SCHEMA d; CREATE TABLE d.t (time TIMESTAMP, v FLOAT64, k STRING)');
  bench.models.add('d.m');
});
afterEach(() => bench.close());

const one = (type: string, value: string | null, name?: string): QueryParameter => ({
  ...(name === undefined ? {} : { name }),
  parameterType: { type },
  parameterValue: { value },
});

const rows = async (sql: string, parameters: readonly QueryParameter[]) =>
  (await bench.run(sql, parameters)).rows.map((row) => row.map(plain));

describe('parameters', () => {
  it('are taken by name, whatever its case, and by place', async () => {
    expect(await rows('SELECT @a + @A, @b', [one('INT64', '2', 'a'), one('STRING', "it's", 'b')])).toEqual([
      ['4', "it's"],
    ]);
    expect(await rows('SELECT ?, ? || "!"', [one('INT64', '1'), one('STRING', 'x')])).toEqual([['1', 'x!']]);
  });

  it.each([
    ['INT64', '-9223372036854775808', '-9223372036854775808'],
    ['FLOAT64', '-inf', '-Infinity'],
    ['FLOAT64', '1e-3', '0.001'],
    ['NUMERIC', '-12.500', '-12.5'],
    ['BOOL', 'TRUE', 'true'],
    ['BYTES', '/+A=', '/+A='],
    ['DATE', '2024-02-29', '2024-02-29'],
    ['DATETIME', '2024-02-29T01:02:03.5', '2024-02-29T01:02:03.500000'],
    ['TIME', '01:02:03', '01:02:03'],
    ['TIMESTAMP', '2024-01-01 00:00:00+00', '1704067200000000'],
    ['TIMESTAMP', '2024-01-01T02:00:00+02:00', '1704067200000000'],
    ['TIMESTAMP', '2024-01-01T00:00:00.000Z', '1704067200000000'],
    ['JSON', '{"a": 1}', '{"a":1}'],
    ['STRING', null, null],
  ])('of type %s hold %s', async (type, value, expected) => {
    expect(await rows('SELECT @p', [one(type, value, 'p')])).toEqual([[expected]]);
  });

  it('are arrays and structs, nested, empty and NULL', async () => {
    const array: QueryParameter = {
      name: 'a',
      parameterType: { type: 'ARRAY', arrayType: { type: 'INT64' } },
      parameterValue: { arrayValues: [{ value: '1' }, { value: '2' }] },
    };
    expect(await rows('SELECT @a, 2 IN UNNEST(@a), ARRAY_LENGTH(@a)', [array])).toEqual([
      [['1', '2'], 'true', '2'],
    ]);
    expect(
      await rows('SELECT ARRAY_LENGTH(@a)', [{ ...array, parameterValue: { arrayValues: [] } }]),
    ).toEqual([['0']]);
    const struct: QueryParameter = {
      name: 's',
      parameterType: {
        type: 'STRUCT',
        structTypes: [
          { name: 'n', type: { type: 'INT64' } },
          { name: 'l', type: { type: 'ARRAY', arrayType: { type: 'STRING' } } },
        ],
      },
      parameterValue: { structValues: { n: { value: '7' }, l: { arrayValues: [{ value: 'x' }] } } },
    };
    expect(await rows('SELECT @s.n, @s.l[OFFSET(0)]', [struct])).toEqual([['7', 'x']]);
  });

  it.each([
    ['INT64', '1.5', "Invalid value for type INT64 in query parameter 'p'"],
    ['INT64', '9223372036854775808', "Invalid value for type INT64 in query parameter 'p'"],
    ['DATE', 'soon', "Invalid value for type DATE in query parameter 'p'"],
    ['GEOGRAPHY', 'POINT(1 2)', 'Query parameters of type GEOGRAPHY are not supported here'],
  ])('of type %s cannot be %s', async (type, value, message) => {
    await expect(bench.run('SELECT @p', [one(type, value, 'p')])).rejects.toThrow(message);
  });

  it('that are missing are named', async () => {
    await expect(bench.run('SELECT @nope')).rejects.toThrow("Query parameter 'nope' not found at [1:8]");
    await expect(bench.run('SELECT ?, ?', [one('INT64', '1')])).rejects.toThrow(
      'Query parameter number 2 is not defined',
    );
  });

  it('stand for literals: in LIMIT, for a date written as text, as an argument of a model', async () => {
    const sql = 'SELECT x FROM UNNEST([1, 2, 3]) AS x ORDER BY x LIMIT @n';
    expect(await rows(sql, [one('INT64', '2', 'n')])).toEqual([['1'], ['2']]);
    expect(await rows('SELECT DATE "2024-01-02" > @d', [one('STRING', '2024-01-01', 'd')])).toEqual([
      ['true'],
    ]);
    await bench.run('SELECT * FROM ML.FORECAST(MODEL d.m, STRUCT(@h AS horizon))', [one('INT64', '30', 'h')]);
    expect(bench.mlCalls.at(-1)?.settings).toEqual({ horizon: 30 });
  });
});

describe('calls of models', () => {
  const INPUT = '(SELECT time AS timestamp, v AS latency FROM d.t)';

  it('are relations: joined, filtered, nested, in a common table', async () => {
    const { plans, fields } = await bench.run(
      `WITH judged AS (SELECT * FROM ML.DETECT_ANOMALIES(MODEL d.m, STRUCT(0.9 AS anomaly_prob_threshold), ${INPUT}) AS j WHERE j.is_anomaly)
       SELECT judged.timestamp, f.latency FROM judged JOIN ML.FORECAST(MODEL \`test.d.m\`) AS f USING (timestamp)
       WHERE judged.timestamp IN (SELECT timestamp FROM ML.EXPLAIN_FORECAST(MODEL d.m))`,
    );
    expect(fieldTexts(fields)).toBe('timestamp TIMESTAMP, latency FLOAT');
    const [plan] = plans;
    const relations = plan?.kind === 'query' ? plan.relations : [];
    expect(relations.map((relation) => (relation.kind === 'ml' ? relation.function : ''))).toEqual([
      'DETECT_ANOMALIES',
      'FORECAST',
      'EXPLAIN_FORECAST',
    ]);
    expect(new Set(relations.map(({ relation }) => relation)).size).toBe(3);
  });

  it('take a table, a query with common tables, and common tables from around', async () => {
    await bench.run('SELECT * FROM ML.EVALUATE(MODEL d.m, TABLE d.t)');
    expect(bench.mlCalls.at(-1)?.inputColumns?.map(({ name }) => name)).toEqual(['time', 'v', 'k']);
    await bench.run(
      'SELECT * FROM ML.EVALUATE(MODEL d.m, (WITH a AS (SELECT v FROM d.t) SELECT v AS w FROM a))',
    );
    expect(bench.mlCalls.at(-1)?.inputColumns?.map(({ name }) => name)).toEqual(['w']);
    const { plans } = await bench.run(
      'WITH a AS (SELECT v FROM d.t) SELECT * FROM ML.EVALUATE(MODEL d.m, (SELECT v AS w FROM a))',
    );
    const [plan] = plans;
    const [relation] = plan?.kind === 'query' ? plan.relations : [];
    expect(relation?.kind === 'ml' ? relation.input?.sql : '').toContain('WITH');
  });

  it('refuse what is no model, no function of models and no argument', async () => {
    await expect(bench.run('SELECT * FROM ML.FORECAST(MODEL d.no)')).rejects.toThrow(
      'Not found: Model test:d.no',
    );
    await expect(bench.run('SELECT * FROM ML.PREDICT(MODEL d.m, TABLE d.t)')).rejects.toThrow(
      'The table function ML.PREDICT is not supported here',
    );
    await expect(bench.run('SELECT * FROM ML.FORECAST(d.m)')).rejects.toThrow(
      "ML.FORECAST needs MODEL and a model's name",
    );
    await expect(bench.run('SELECT * FROM ML.FORECAST(MODEL d.m, STRUCT(3))')).rejects.toThrow(
      'Arguments of an ML function need names',
    );
    await expect(
      bench.run('SELECT * FROM ML.FORECAST(MODEL d.m, STRUCT(RAND() AS horizon))'),
    ).rejects.toThrow('A constant or a query parameter was expected');
  });

  it('put the place of the call behind what is wrong with its arguments', () => {
    bench.mlColumns = () => {
      throw new SqlError('invalidQuery', 'Invalid horizon');
    };
    expect(() => checkScript('SELECT *\nFROM ML.FORECAST(MODEL d.m)', bench.options())).toThrow(
      'Invalid horizon at [2:6]',
    );
  });
});

describe('INFORMATION_SCHEMA', () => {
  it('is a relation of the dataset or of all of them', async () => {
    const asked = async (sql: string) => {
      const [plan] = (await bench.run(sql)).plans;
      return plan?.kind === 'query' ? plan.relations[0] : undefined;
    };
    expect(await asked('SELECT table_name FROM d.INFORMATION_SCHEMA.TABLES')).toMatchObject({
      view: 'TABLES',
      dataset: 'd',
    });
    expect(await asked('SELECT column_name FROM `test.d.INFORMATION_SCHEMA.COLUMNS`')).toMatchObject({
      view: 'COLUMNS',
      dataset: 'd',
    });
    expect(await asked('SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA')).toMatchObject({
      view: 'SCHEMATA',
    });
    expect(await asked('SELECT * FROM `region-us`.INFORMATION_SCHEMA.TABLES')).toMatchObject({
      view: 'TABLES',
    });
    await expect(bench.run('SELECT * FROM d.INFORMATION_SCHEMA.VIEWS')).rejects.toThrow(
      'INFORMATION_SCHEMA.VIEWS is not supported here',
    );
    await expect(bench.run('SELECT * FROM no.INFORMATION_SCHEMA.TABLES')).rejects.toThrow(
      'Not found: Dataset test:no',
    );
  });
});

describe('a dry run', () => {
  it('knows the tables that the script would make', () => {
    const plans = checkScript(
      'CREATE SCHEMA n; CREATE TABLE n.t AS SELECT 1 AS a; INSERT INTO n.t VALUES (2); DECLARE x INT64; SELECT a FROM n.t',
      bench.options(),
    );
    expect(plans.map(({ kind }) => kind)).toEqual(['ddl', 'ddl', 'dml', 'declare', 'query']);
    expect(() => checkScript('CREATE SCHEMA n; DROP SCHEMA n; SELECT 1 FROM n.t', bench.options())).toThrow(
      'Not found: Dataset test:n',
    );
  });
});
