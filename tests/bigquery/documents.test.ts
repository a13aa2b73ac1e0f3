import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, SqlServer } from './support/sql-server.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const SECTION = /## BigQuery's SQL, on this machine\n([\s\S]*?)\n## /.exec(README)![1]!;
const STATEMENTS = /```sql\n([\s\S]*?)```/
  .exec(SECTION)![1]!
  .split(';')
  .map((one) => one.trim())
  .filter((one) => one !== '');
/** What `bq` showed, each a block of text; the first block is that of `seismo sql`. */
const SHOWN = [...SECTION.matchAll(/```text\n([\s\S]*?)```/g)].map(([, text]) => text!).slice(1);

/** Names of the columns in a table of `bq`. */
function headOf(shown: string): string[] {
  const line = shown.split('\n').find((one) => one.startsWith('|'))!;
  return line
    .split('|')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Warnings as they are shown, without what differs from run to run. */
function warningsIn(shown: string): string[] {
  return [...shown.matchAll(/^b'(.*)'$/gm)].map(([, text]) => withoutNumbers(text!));
}

const withoutNumbers = (text: string) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|[\d,]+/g, '#');

let server: SqlServer;
beforeAll(async () => {
  server = await SqlServer.start();
  // The last one stands within a minute, off the frequency that the model finds.
  const end = Math.floor(Date.now() / 60_000) * 60;
  const samples = Array.from({ length: 3000 }, (_, i) => {
    const timestamp = end - (3000 - i) * 5;
    return { timestamp, latency: 50 + 5 * Math.sin(i / 40) + ((i * 7919) % 13) / 2, cpu: (i * 31) % 7 };
  });
  await server.send(samples);
});
afterAll(() => server.stop());

const columnsOf = ({ body }: Answer) => body.schema.fields.map(({ name }: { name: string }) => name);
const valuesOf = ({ body }: Answer): unknown[][] =>
  body.rows.map(({ f }: { f: { v: unknown }[] }) => f.map(({ v }) => v));
const warningsOf = ({ body }: Answer): string[] =>
  body.errors.map(({ message }: { message: string }) => withoutNumbers(message));

describe('the statements of README, on samples that were posted', () => {
  it('are those that stand there, with their output', () => {
    expect(STATEMENTS.map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
      'CREATE SCHEMA',
      'CREATE TABLE',
      'CREATE MODEL',
      'SELECT *',
      'SELECT timestamp,',
    ]);
    expect(SHOWN).toHaveLength(5);
  });

  it('CREATE SCHEMA and CREATE TABLE say what is there already', async () => {
    const [schema, table] = [await server.query(STATEMENTS[0]!), await server.query(STATEMENTS[1]!)];
    const said = SHOWN[0]!.replaceAll('\n', ' ');
    expect(schema.body.error.message).toContain('Already Exists: Dataset test:metrics_dataset at [1:15]');
    expect(said).toContain('Already Exists: Dataset seismo:metrics_dataset at [1:15]');
    expect(table.body.error.message).toContain('Already Exists: Table test:metrics_dataset.metrics_table');
  });

  it('CREATE MODEL learns the samples', async () => {
    const { body: answer } = await server.query(STATEMENTS[2]!);
    const { body } = await server.call('GET', `jobs/${answer.jobReference.jobId}`);
    expect(body.status).toEqual({ state: 'DONE' });
    const { ddlTargetTable } = body.statistics.query;
    expect(SHOWN[1]).toContain(`Created seismo.${ddlTargetTable.datasetId}.${ddlTargetTable.tableId}`);
  });

  it.each([
    ['ML.EVALUATE', STATEMENTS[3]!, SHOWN[2]!, 1],
    ['ML.DETECT_ANOMALIES', STATEMENTS[4]!, SHOWN[3]!, 100],
  ])(
    '%s of rows that were learned gives NULL, and the warnings that are shown',
    async (_, sql, shown, count) => {
      const answer = await server.query(sql);
      expect(columnsOf(answer)).toEqual(headOf(shown));
      const rows = valuesOf(answer);
      expect(rows).toHaveLength(count);
      const judged = headOf(shown).filter((name) => !['timestamp', 'latency'].includes(name)).length;
      for (const row of rows) expect(row.slice(-judged)).toEqual(Array(judged).fill(null));
      expect(warningsOf(answer)).toEqual(warningsIn(shown));
    },
  );

  it('ML.DETECT_ANOMALIES without rows judges the history', async () => {
    const shown = SHOWN[4]!;
    const call = /FROM (ML\.DETECT_ANOMALIES\(.*\))/.exec(shown)![1]!;
    const answer = await server.query(
      `SELECT ${headOf(shown).join(', ')} FROM ${call} ORDER BY timestamp DESC LIMIT 3`,
    );
    expect(columnsOf(answer)).toEqual(headOf(shown));
    const rows = valuesOf(answer);
    expect(rows).toHaveLength(3);
    for (const [, , isAnomaly, probability] of rows) {
      expect(['true', 'false']).toContain(isAnomaly);
      expect(Number(probability)).toBeGreaterThanOrEqual(0);
      expect(Number(probability)).toBeLessThanOrEqual(1);
    }
  });
});

describe('the statements of docs/sql.md', () => {
  it('run one after the other, and find the hour that was made to stand out', async () => {
    const text = readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8');
    const block = /## Models[\s\S]*?```sql\n([\s\S]*?)```/.exec(text)![1]!;
    const statements = block.split(';').filter((one) => one.trim() !== '');
    expect(statements).toHaveLength(5);
    const answers = [];
    for (const sql of statements) answers.push(await server.query(sql));
    expect(answers.map(({ body }) => body.error?.message)).toEqual(statements.map(() => undefined));
    const [found, forecast] = answers.slice(-2).map(({ body }) => body);
    const hours = found.rows.map(({ f }: { f: { v: string }[] }) => [f[0]!.v, Number(f[1]!.v)]);
    const made = Date.UTC(2026, 0, 1) / 1000 + 1450 * 3600;
    expect(hours).toEqual(
      expect.arrayContaining([
        ['north', made],
        ['south', made],
      ]),
    );
    expect(forecast.totalRows).toBe('48');
  });
});
