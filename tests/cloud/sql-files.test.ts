import { readdirSync, readFileSync } from 'node:fs';
import { readMigrations, readStatement } from '@seismo/server/adapters/gcp/sql-files';
import { describe, expect, test } from 'vitest';

/** What people run by hand with `bq query`; the files must hold these and nothing else. */
const DOCUMENTED: Record<string, string> = {
  'train-latency-anomalies': `CREATE MODEL \`metrics_dataset.latency_anomalies\`
OPTIONS(model_type='ARIMA_PLUS', time_series_data_col='latency', time_series_timestamp_col='timestamp') AS
SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency
FROM \`metrics_dataset.metrics_table\`
WHERE TIMESTAMP_SECONDS(timestamp) > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 730 DAY);
`,
  'evaluate-latency-anomalies': `SELECT * FROM ML.EVALUATE(MODEL \`metrics_dataset.latency_anomalies\`,
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM \`metrics_dataset.metrics_table\`));
`,
  'detect-latency-anomalies': `SELECT timestamp, latency, is_anomaly, anomaly_probability
FROM ML.DETECT_ANOMALIES(MODEL \`metrics_dataset.latency_anomalies\`,
  STRUCT(0.01 AS anomaly_prob_threshold),
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM \`metrics_dataset.metrics_table\`))
ORDER BY timestamp DESC LIMIT 100;
`,
};

const folder = new URL('../../sql/', import.meta.url);
const statements = readdirSync(folder)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -4));

describe('the files of sql/', () => {
  test.each(Object.keys(DOCUMENTED))('%s is the documented statement word for word', (name) => {
    expect(readFileSync(new URL(`${name}.sql`, folder), 'utf8')).toBe(DOCUMENTED[name]);
  });

  test.each(statements)(
    '%s names the dataset in backquotes only, so that another can take its place',
    async (name) => {
      expect(await readStatement(name)).toMatch(/`metrics_dataset\./);
      const elsewhere = withoutComments(await readStatement(name, 'elsewhere'));
      expect(elsewhere).toContain('`elsewhere.');
      expect(elsewhere).not.toContain('metrics_dataset');
    },
  );

  test('repeats are removed by one rule, wherever', async () => {
    const migrations = (await readMigrations()).map(({ statement }) => statement);
    const documented = readFileSync(new URL('../docs/moving-data.md', folder), 'utf8');
    const texts = await Promise.all(statements.map((name) => readStatement(name)));
    const rules = [...texts, ...migrations, documented].flatMap(
      (text) => text.match(/ingest_time DESC, .*?\bmessage_id DESC/g) ?? [],
    );
    expect(rules.length).toBeGreaterThan(3);
    expect(new Set(rules).size).toBe(1);
  });

  test('both rounds of detection keep anomalies in the same way', async () => {
    const [ahead, late] = await Promise.all(['detect-minutes', 'detect-late-minutes'].map(keepingOf));
    expect(ahead!.length).toBeGreaterThan(30);
    expect(late).toEqual(ahead);
  });

  test('migrations are numbered without gaps and never destroy anything', async () => {
    const migrations = await readMigrations();
    expect(migrations.length).toBeGreaterThan(5);
    expect(migrations.map((one) => one.number)).toEqual(migrations.map((_, i) => i));
    for (const { name, statement } of migrations) {
      expect(withoutComments(statement), name).not.toMatch(
        /\b(DROP|TRUNCATE|DELETE|CREATE OR REPLACE TABLE)\b/i,
      );
    }
  });
});

/** From what was found to its rows in `anomalies`, line by line; only the words for the model differ. */
async function keepingOf(name: string): Promise<string[]> {
  const text = withoutComments(await readStatement(name)).replace(
    "'series_anomalies (history)'",
    "'series_anomalies'",
  );
  const passage = /CREATE OR REPLACE TEMP TABLE found_now[\s\S]*?this_round\);/.exec(text)?.[0] ?? '';
  return passage.split('\n').map((line) => line.trim());
}

function withoutComments(statement: string): string {
  return statement.replace(/^\s*--.*$/gm, '');
}
