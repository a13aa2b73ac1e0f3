import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacksPeer } from '../cloud/support/peers.js';
import { Bq } from './support/bq.js';
import { MINUTE_MS, madeSeries } from './support/ml-harness.js';
import { SqlServer } from './support/sql-server.js';

const TIME_MS_MAX = 240_000;
const COUNT = 300;

/** Character by character as documented, but for the dataset. */
const CREATE = `CREATE MODEL \`made.latency_anomalies\`
OPTIONS(model_type='ARIMA_PLUS', time_series_data_col='latency', time_series_timestamp_col='timestamp') AS
SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency
FROM \`made.metrics_table\`
WHERE TIMESTAMP_SECONDS(timestamp) > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 730 DAY);`;
const EVALUATE = `SELECT * FROM ML.EVALUATE(MODEL \`made.latency_anomalies\`,
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM \`made.metrics_table\`));`;
const DETECT = `SELECT timestamp, latency, is_anomaly, anomaly_probability
FROM ML.DETECT_ANOMALIES(MODEL \`made.latency_anomalies\`,
  STRUCT(0.01 AS anomaly_prob_threshold),
  (SELECT TIMESTAMP_SECONDS(timestamp) AS timestamp, latency FROM \`made.metrics_table\`))
ORDER BY timestamp DESC LIMIT 100;`;

/** What the warning says to do, and what then answers. */
const HISTORY = 'ML.DETECT_ANOMALIES(MODEL `made.latency_anomalies`, STRUCT(0.01 AS anomaly_prob_threshold))';

describe.skipIf(lacksPeer('gcloud'))('models through bq', { timeout: TIME_MS_MAX }, () => {
  let server: SqlServer;
  let bq: Bq;
  beforeAll(async () => {
    server = await SqlServer.start();
    bq = new Bq(server.url);
    // Within the last 730 days, whenever this runs.
    const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - COUNT * MINUTE_MS;
    const rows = madeSeries(COUNT).values.map(
      (value, at) => `(${(start + at * MINUTE_MS) / 1000}, ${value}, ${at})`,
    );
    await server.query('CREATE SCHEMA `made`');
    await server.query('CREATE TABLE `made.metrics_table` (timestamp INT64, latency FLOAT64, cpu INT64)');
    await server.query(`INSERT INTO \`made.metrics_table\` VALUES ${rows.join(', ')}`);
  }, TIME_MS_MAX);
  afterAll(async () => {
    bq.close();
    await server.stop();
  });

  /** bq prints warnings after its JSON. */
  async function query(sql: string): Promise<{ rows: Record<string, unknown>[]; warning: string }> {
    const said = await bq.say('--format=json', '--quiet', 'query', '--nouse_legacy_sql', sql);
    const [rows, ...warning] = said.trim().split('\n');
    return { rows: JSON.parse(rows!), warning: warning.join('\n') };
  }

  it('are made and asked by the documented statements, which NULL the rows that were learned', async () => {
    expect(await bq.say('query', '--nouse_legacy_sql', CREATE)).toContain(
      'Created test.made.latency_anomalies',
    );
    const evaluated = await query(EVALUATE);
    expect(Object.values(evaluated.rows[0]!)).toEqual(Array(6).fill(null));
    expect(evaluated.warning).toContain(`${COUNT} rows left out`);
    const judged = await query(DETECT);
    expect(judged.rows).toHaveLength(100);
    expect(judged.rows.every(({ is_anomaly }) => is_anomaly === null)).toBe(true);
    expect(judged.warning).toContain(`${COUNT} rows without a verdict (NULL)`);
    expect(judged.warning).toContain(HISTORY);
    const history = await query(`SELECT COUNT(*) AS rows_, COUNTIF(is_anomaly) AS found FROM ${HISTORY}`);
    expect(Number(history.rows[0]!.rows_)).toBe(COUNT);
    expect(Number(history.rows[0]!.found)).toBeGreaterThan(COUNT / 2);
    expect(history.warning).toBe('');
  });

  it('are listed, shown and removed', async () => {
    expect(await bq.say('ls', '--models', 'made')).toMatch(/latency_anomalies\s+ARIMA_PLUS/);
    expect(await bq.say('show', '--model', 'made.latency_anomalies')).toContain('ARIMA_PLUS');
    const shown = (await bq.json('show', '--model', 'made.latency_anomalies')) as Record<string, unknown>;
    expect(shown).toMatchObject({
      modelType: 'ARIMA_PLUS',
      labelColumns: [{ name: 'latency', type: { typeKind: 'FLOAT64' } }],
    });
    await bq.say('rm', '-f', '--model', 'made.latency_anomalies');
    expect(await bq.say('ls', '--models', 'made')).not.toContain('latency_anomalies');
    const gone = await bq.run('show', '--model', 'made.latency_anomalies');
    expect(gone.code).not.toBe(0);
    expect(gone.stdout).toContain('Not found: Model test:made.latency_anomalies');
  });
});
