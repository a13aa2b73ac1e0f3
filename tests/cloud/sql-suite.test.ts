import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMULATOR_DISAGREEMENTS } from '../bigquery/sql-suite/emulator-disagreements.js';
import { SECTIONS } from '../bigquery/sql-suite/sections.js';
import { type ExpressionCase, expectedError } from '../bigquery/sql-suite/suite-case.js';
import { plain } from '../bigquery/support/sql-bench.js';
import { type BigQueryEmulator, startBigQueryEmulator } from './support/bigquery-emulator.js';
import { lacksPeer } from './support/peers.js';
import { callJson } from './support/pubsub-emulator.js';

interface Answer {
  readonly errors?: readonly unknown[];
  readonly rows?: readonly { readonly f: readonly { readonly v: Parameters<typeof plain>[0] }[] }[];
}

// Without the emulator there is nothing to compare with; scripts/install-bigquery-emulator.sh installs it.
describe.skipIf(lacksPeer('bigquery'))('the statements of the suite on bqemulator', () => {
  let emulator: BigQueryEmulator;
  beforeAll(async () => {
    emulator = await startBigQueryEmulator();
  });
  afterAll(() => emulator?.stop());

  /** Its rows, or undefined where it fails. */
  async function ask(expression: string): Promise<unknown[][] | undefined> {
    const url = `${emulator.url}/bigquery/v2/projects/${emulator.project}/queries`;
    const body = {
      query: `SELECT ${expression} AS x`,
      useLegacySql: false,
      formatOptions: { useInt64Timestamp: true },
    };
    try {
      const { errors, rows = [] } = (await callJson(url, 'POST', body)) as Answer;
      return (errors?.length ?? 0) > 0 ? undefined : rows.map((row) => row.f.map(({ v }) => plain(v)));
    } catch {
      return undefined;
    }
  }

  async function agrees([, expression, type, value]: ExpressionCase): Promise<boolean> {
    const rows = await ask(expression);
    if (expectedError(value) !== undefined || rows === undefined) {
      return expectedError(value) !== undefined && rows === undefined;
    }
    const found = rows[0]?.[0];
    // The same number may be written otherwise.
    if (type === 'FLOAT' && typeof value === 'string' && typeof found === 'string') {
      return Number(found) === Number(value);
    }
    return JSON.stringify(found) === JSON.stringify(value);
  }

  it('agree, but for those that are listed, which all disagree', async () => {
    const disagreeing: string[] = [];
    for (const { cases } of SECTIONS) {
      for (const one of cases) if (!(await agrees(one))) disagreeing.push(one[1]);
    }
    expect(disagreeing.sort()).toEqual(EMULATOR_DISAGREEMENTS.map(([expression]) => expression).sort());
  });
});
