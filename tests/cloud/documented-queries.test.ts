import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BigQueryEmulator } from './support/bigquery-emulator.js';
import { startMigratedBigQuery } from './support/migrated-bigquery.js';
import { lacksPeer } from './support/peers.js';
import { REPOSITORY } from './support/repository.js';

const RUNBOOK = 'terraform/modules/monitoring/runbook';
const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(REPOSITORY, 'docs')).map((name) => `docs/${name}`),
  ...readdirSync(join(REPOSITORY, RUNBOOK)).map((name) => `${RUNBOOK}/${name}`),
].filter((path) => path.endsWith('.md'));
const texts = DOCUMENTS.map((path) => readFileSync(join(REPOSITORY, path), 'utf8'));

/** Statements that stand in the documents; no emulator knows BigQuery ML. */
const statements = texts
  .flatMap((text) => [...text.matchAll(/\bbq query --use_legacy_sql=false '([^']+)'/g)])
  .map(([, statement]) => statement!)
  .filter((statement) => !/\bML\./.test(statement));

it('files of sql/ that the documents hand to bq are there, and take no parameters', () => {
  const files = texts.flatMap((text) => [...text.matchAll(/<(sql\/[\w./-]+)/g)].map(([, path]) => path!));
  expect(new Set(files).size).toBeGreaterThan(4);
  for (const path of files) expect(readFileSync(join(REPOSITORY, path), 'utf8'), path).not.toMatch(/@\w/);
});

describe.skipIf(lacksPeer('bigquery'))('the statements of the documents', () => {
  let emulator: BigQueryEmulator;
  beforeAll(async () => {
    emulator = await startMigratedBigQuery();
  });
  afterAll(() => emulator?.stop());

  it('run over the tables that the migrations make', async () => {
    expect(statements.length).toBeGreaterThan(6);
    for (const statement of new Set(statements)) {
      expect(await emulator.query(statement), statement).toEqual([]);
    }
  });
});
