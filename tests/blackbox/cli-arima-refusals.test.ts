import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { REPOSITORY, runToEnd } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-refusals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CPU = join(REPOSITORY, 'examples/ec2_cpu_utilization_825cc2.csv');
const MANY = join(folder, 'many.csv');
writeFileSync(
  MANY,
  `id,timestamp,value,note\n${[0, 1, 2, 3].map((at) => `a,${at * 60},${at},x`).join('\n')}\n`,
);

let files = 0;
function holidays(...rows: string[]): string {
  const path = join(folder, `holidays-${files++}.csv`);
  const header = 'region,holiday_name,primary_date,preholiday_days,postholiday_days';
  writeFileSync(path, `${[header, ...rows].join('\n')}\n`);
  return path;
}

describe('ARIMA_PLUS on the command line refuses', () => {
  it.each<[string[], string, string]>([
    [['forecast'], "Missing required argument 'file'", '--model-file'],
    [['forecast', CPU, '--horizn', '3'], "Unknown option '--horizn'", '--horizon'],
    [
      ['forecast', CPU, '--horizon', '10001'],
      '--horizon must be a whole number from 1 to 10000, not "10001"',
      '',
    ],
    [['forecast', CPU, '--horizon', '0'], '--horizon must be a whole number from 1 to 10000', ''],
    [['forecast', CPU, '--horizon', 'two'], '--horizon must be a whole number', ''],
    [
      ['explain', CPU, '--confidence-level', '1'],
      '--confidence-level must be a number from 0 to below 1',
      '',
    ],
    [['forecast', CPU, '--id-column', 'id'], '--id-column: ', 'Name the right one with --id-column'],
    [['forecast', CPU, '--data-column', 'valeu'], 'no column "valeu"', 'Did you mean --data-column value?'],
    [['forecast', MANY, '--id-column', 'id'], 'one column holds the values', '--data-column'],
    [
      ['forecast', MANY, '--id-column', 'id', '--auto-arima', 'false'],
      '--auto-arima false needs --non-seasonal-order',
      '',
    ],
    [
      [...['train', MANY, '--id-column', 'id', '--auto-arima', 'false'], '--non-seasonal-order', '1,0,0'],
      '--auto-arima must be true with --id-column',
      '',
    ],
    [
      ['forecast', MANY, '--id-column', 'id', '--hierarchical-columns', 'id,shop'],
      '--hierarchical-columns must be some of the columns of --id-column (they are id), not shop',
      '',
    ],
    [['forecast', CPU, '--custom-holidays', join(folder, 'none.csv')], 'There is no file', ''],
    [
      ['forecast', CPU, '--custom-holidays', CPU],
      'has a column "timestamp" that no holiday has',
      'holiday_name',
    ],
    [
      ['forecast', CPU, '--custom-holidays', holidays('US,Fair,2024-13-01,1,1')],
      'line 2, column "primary_date"',
      '',
    ],
    [['forecast', CPU, '--custom-holidays', holidays('US,Fair,2024-10-01,0,1')], 'a whole number from 1', ''],
    [
      ['forecast', CPU, '--custom-holidays', holidays('US,Fall Fair,2024-10-01,1,1')],
      '--custom-holidays has the holiday_name "Fall Fair"',
      '',
    ],
    [
      ['forecast', CPU, '--custom-holidays', holidays('US,Fair,2024-10-01,20,11')],
      '--custom-holidays has 31 days before and after Fair, more than 30',
      '',
    ],
    [
      ['forecast', CPU, '--custom-holidays', holidays('US,Fair,2024-10-01,1,1', 'US,Fair,2024-10-03,1,1')],
      'windows overlap: 2024-10-01 and 2024-10-03',
      '',
    ],
    [
      [
        ...['forecast', CPU, '--frequency', 'weekly'],
        '--custom-holidays',
        holidays('US,Fair,2024-10-01,1,1'),
      ],
      '--custom-holidays goes with the --frequency DAILY or AUTO_FREQUENCY, not WEEKLY',
      '',
    ],
    [['forecast', CPU, '--format', 'xml'], 'table, csv, json, ndjson', ''],
    [['forecast', join(folder, 'none.csv')], 'There is no file', ''],
    [['forecast', CPU, '--model-file', MANY], 'not both', ''],
    [['forecast', '--model-file', join(folder, 'none.model')], 'There is no file', 'seismo train'],
    [['forecast', CPU, '--holiday-region', 'XX'], '--holiday-region: there is no calendar of XX', 'ISO 3166'],
    [['forecast', CPU, '--holiday-region', 'EMAE'], 'no calendar of EMAE', 'Did you mean EMEA?'],
    [
      ['forecast', CPU, '--holiday-region', 'US,Germny'],
      'no calendar of GERMNY',
      'Did you mean DE (Germany)?',
    ],
    [['forecast', CPU, '--holiday-region', 'DE-XX'], 'Germany has no region XX', 'DE-BY'],
    [['train', CPU], '--model-file is missing', ''],
    [
      ['train', CPU, '--model-file', join(folder, 'no/such/folder.model')],
      'cannot be written: there is no folder',
      '',
    ],
    [['detect', CPU, '--model', 'prophet'], '--model must be arima_plus', ''],
    [['detect', CPU, '--anomaly-prob-threshold', '0.9'], 'goes with --model or --model-file', ''],
    [['detect', CPU, '--model', 'arima_plus', '--anomaly-prob-threshold', '1'], 'from 0 to below 1', ''],
    [['detect', CPU, '--model', 'arima_plus', '--sensitivity', '2'], '--sensitivity is for the detector', ''],
    [['explain', CPU, '--decompose-time-series', 'false'], '--decompose-time-series', ''],
    [['evaluate', CPU, '--holdout', '0'], '--holdout must be a whole number from 1 to 10000', ''],
    [['evaluate', '--holdout', '3', '--model-file', MANY], '--holdout goes without --model-file', ''],
  ])('%j with a sentence, a hint and 2', async (args, sentence, hint) => {
    const { code, stdout, stderr } = await runToEnd(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
