import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bigQueryPythonFolder, lacksPeer } from '../cloud/support/peers.js';
import { SqlServer } from './support/sql-server.js';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('support/run-python-client.py', import.meta.url));

describe.skipIf(lacksPeer('bigqueryPython'))('google-cloud-bigquery', () => {
  it('works unmodified', async () => {
    const server = await SqlServer.start();
    try {
      const python = join(bigQueryPythonFolder(), 'bin/python');
      const { stdout } = await run(python, [SCRIPT, server.url], { timeout: 300_000 });
      expect(JSON.parse(stdout)).toEqual({
        row: [1, 1.5, true, [1, 2], { a: 1, b: 'b' }],
        refused: [
          { index: 0, errors: [{ reason: 'stopped', location: '', debugInfo: '', message: '' }] },
          {
            index: 1,
            errors: [
              { reason: 'invalid', location: 'id', debugInfo: '', message: 'Missing required field: id.' },
            ],
          },
        ],
        inserted: [],
        loaded: 2,
        loaded_json: 1,
        rows: [
          [1, 'a'],
          [2, 'b'],
          [3, ''],
          [4, 'd'],
        ],
        found: [2, 4],
        statement: 'SELECT',
        paged: 450_015_000,
        copied: 2,
        dml: 1,
        dry: 0,
        error: 'BadRequest',
        missing: 'NotFound',
        tables: ['copy', 't'],
        jobs: 5,
        datasets: ['metrics_dataset'],
      });
    } finally {
      await server.stop();
    }
  });
});
