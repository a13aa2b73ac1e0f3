import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY, runToEnd } from './support/start-server.js';

const folder = mkdtempSync(join(tmpdir(), 'seismo-arima-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LATENCY = join(REPOSITORY, 'examples/ec2_request_latency_system_failure.csv');
const CPU = join(REPOSITORY, 'examples/ec2_cpu_utilization_825cc2.csv');
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2024, 0, 1);

let files = 0;
function csv(text: string): string {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, text);
  return path;
}

/** Rows of CSV output as objects. */
function rowsOf(stdout: string): Record<string, string>[] {
  const [head = '', ...lines] = stdout.trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at]!, cell])));
}

/** A fixed sequence of noise in [−1, 1). */
function noiseFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 1_073_741_824 - 1;
  };
}

const hour = (at: number) => new Date(START_MS + at * HOUR_MS).toISOString().slice(0, 19).replace('T', ' ');
const daily = (at: number) => 100 + 20 * Math.sin((2 * Math.PI * at) / 24);

/** Twelve hourly series with a daily season; of one only two values, one that never changes. */
function manySeries(): string {
  const lines = ['id,timestamp,value'];
  for (let number = 0; number < 12; number++) {
    const noise = noiseFrom(number + 1);
    for (let at = 0; at < (number === 3 ? 2 : 240); at++) {
      const value = number === 5 ? 7 : daily(at) + number + noise();
      lines.push(`H${number},${hour(at)},${value}`);
    }
  }
  return csv(`${lines.join('\n')}\n`);
}

const MANY_FLAGS = ['--id-column', 'id', '--frequency', 'hourly', '--format', 'csv'];

describe('seismo forecast', () => {
  it('prints what comes next in each of many series, as the file writes ids and times', async () => {
    const { code, stdout, stderr } = await runToEnd([
      'forecast',
      manySeries(),
      '--horizon',
      '48',
      ...MANY_FLAGS,
    ]);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe('id,timestamp,forecast,lower,upper');
    const rows = rowsOf(stdout);
    expect([...new Set(rows.map((row) => row.id))]).toEqual(
      [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11].map((number) => `H${number}`),
    );
    expect(rows).toHaveLength(11 * 48);
    for (const [index, row] of rows.entries()) {
      const at = 240 + (index % 48);
      expect(row.timestamp).toBe(hour(at));
      const number = Number(row.id!.slice(1));
      const expected = number === 5 ? 7 : daily(at) + number;
      expect(Math.abs(Number(row.forecast) - expected)).toBeLessThan(3);
      expect(Number(row.lower)).toBeLessThanOrEqual(Number(row.forecast));
      expect(Number(row.upper)).toBeGreaterThanOrEqual(Number(row.forecast));
    }
    expect(stderr).toContain('left out: id H3: The time series has 2 points; at least 3 are needed.\n');
    expect(stderr).toContain('note: id H5: The time series is constant: all values are 7.\n');
  });

  it('says the same of a series alone and among others, whatever the order of the rows', async () => {
    const text = readFileSync(manySeries(), 'utf8');
    const [head, ...lines] = text.trimEnd().split('\n');
    const alone = lines.filter((line) => line.startsWith('H1,'));
    const file = csv(`${[head, ...alone.reverse()].join('\n')}\n`);
    const one = await runToEnd(['forecast', file, '--horizon', '5', ...MANY_FLAGS]);
    const all = await runToEnd(['forecast', manySeries(), '--horizon', '5', ...MANY_FLAGS]);
    expect(rowsOf(one.stdout)).toEqual(rowsOf(all.stdout).filter((row) => row.id === 'H1'));
    expect(rowsOf(one.stdout)).toHaveLength(5);
  });

  it('forecasts a real recording and prints a table', async () => {
    const { code, stdout, stderr } = await runToEnd(['forecast', CPU]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^series +timestamp +forecast +lower +upper$/);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^value +2014-04-24 00:[012]\d:00( +\d+(\.\d+)?){3}$/);
  });

  it('reads months from before 1970 and goes on in months', async () => {
    const noise = noiseFrom(9);
    const month = (at: number) => `${1949 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
    const values = Array.from(
      { length: 120 },
      (_, at) => 200 + at + 30 * Math.sin((2 * Math.PI * at) / 12) + noise(),
    );
    const file = csv(`month,sales\n${values.map((value, at) => `${month(at)},${value}\n`).join('')}`);
    const { stdout } = await runToEnd([
      ...['forecast', file, '--timestamp-column', 'month', '--horizon', '14', '--format', 'json'],
    ]);
    const rows = JSON.parse(stdout) as { series: string; timestamp: string; forecast: number }[];
    expect(rows.map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 14 }, (_, at) => month(120 + at)),
    );
    for (const [at, { series, forecast }] of rows.entries()) {
      expect(series).toBe('sales');
      expect(Math.abs(forecast - (320 + at + 30 * Math.sin((2 * Math.PI * at) / 12)))).toBeLessThan(12);
    }
  });

  it('averages repeats, fills gaps and takes missing values, in seconds and in milliseconds', async () => {
    const rows = (scale: number, isWhole: boolean) =>
      Array.from({ length: 100 }, (_, at) => {
        if (!isWhole && at === 50) return '';
        const line = (value: number | '') => `${(START_MS / 1000 + at * 60) * scale},${value}\n`;
        if (!isWhole && at === 60) return line('');
        return isWhole || at !== 70 ? line(2 * at) : line(2 * at - 5) + line(2 * at + 5);
      }).join('');
    const args = ['--format', 'csv', '--horizon', '2'];
    const whole = await runToEnd(['forecast', csv(`timestamp,v\n${rows(1, true)}`), ...args]);
    const holed = await runToEnd(['forecast', csv(`timestamp,v\n${rows(1, false)}`), ...args]);
    const inMs = await runToEnd(['forecast', csv(`timestamp,v\n${rows(1000, false)}`), ...args]);
    expect(rowsOf(whole.stdout).map(({ timestamp }) => Number(timestamp))).toEqual([
      START_MS / 1000 + 6000,
      START_MS / 1000 + 6060,
    ]);
    expect(holed.stdout).toBe(whole.stdout);
    expect(rowsOf(inMs.stdout).map(({ timestamp }) => Number(timestamp))).toEqual([
      START_MS + 6_000_000,
      START_MS + 6_060_000,
    ]);
  });

  it('keeps within limits, and widens its interval with the confidence level', async () => {
    const width = async (...args: string[]) => {
      const { stdout } = await runToEnd(['forecast', CPU, '--horizon', '1', '--format', 'csv', ...args]);
      const [row] = rowsOf(stdout);
      return { lower: Number(row!.lower), upper: Number(row!.upper) };
    };
    const usual = await width();
    const narrow = await width('--confidence-level', '0.5');
    const limits = ['--forecast-limit-lower-bound', '95', '--forecast-limit-upper-bound', '96'];
    const limited = await width(...limits, '--confidence-level', '0.9999');
    // Quantiles of the normal distribution: 0.6745 for a half, 1.96 for 95 of 100.
    expect((usual.upper - usual.lower) / (narrow.upper - narrow.lower)).toBeCloseTo(1.959964 / 0.67449, 4);
    expect(limited.lower).toBeGreaterThan(95);
    expect(limited.upper).toBeLessThan(96);
    const clipped = await width(
      ...limits,
      ...['--forecast-limit-method', 'clip', '--confidence-level', '0.9999'],
    );
    expect(clipped).toEqual({ lower: 95, upper: 96 });
  });
});

describe('holidays', () => {
  const day = (at: number) => new Date(Date.UTC(2021, 0, 1 + at)).toISOString().slice(0, 10);
  const noise = noiseFrom(4);
  // Nobody shops on Christmas Day, and everybody on the day before.
  const sales = (at: number) => 200 + (day(at).endsWith('12-25') ? -150 : day(at).endsWith('12-24') ? 90 : 0);
  const rows = Array.from({ length: 1440 }, (_, at) => `${day(at)},${sales(at) + 5 * noise()}\n`);

  it('of a region are learned with the days around them, and expected to come again', async () => {
    const file = csv(`day,sales\n${rows.join('')}`);
    const args = ['explain', file, '--timestamp-column', 'day', '--horizon', '30', '--format', 'csv'];
    const { code, stdout } = await runToEnd([...args, '--holiday-region', 'GB']);
    expect(code).toBe(0);
    const ahead = rowsOf(stdout).filter((row) => row.time_series_type === 'forecast');
    const effect = (date: string) =>
      Number(ahead.find((row) => row.time_series_timestamp === date)!.holiday_effect);
    expect(effect('2024-12-24')).toBeGreaterThan(80);
    expect(effect('2024-12-24')).toBeLessThan(100);
    expect(effect('2024-12-25')).toBeLessThan(-140);
    expect(effect('2024-12-25')).toBeGreaterThan(-160);
    expect(effect('2024-12-18')).toBe(0);
    const without = await runToEnd([...args, '--holiday-region', 'GB', '--holiday-days-before', '0']);
    const christmasEve = rowsOf(without.stdout).find((row) => row.time_series_timestamp === '2024-12-24');
    expect(Number(christmasEve!.holiday_effect)).toBe(0);
  });
});

describe('models that were trained', () => {
  const models = join(folder, 'many.model');
  let trained: Awaited<ReturnType<typeof runToEnd>>;
  beforeAll(async () => {
    trained = await runToEnd([
      'train',
      manySeries(),
      '--id-column',
      'id',
      '--horizon',
      '100',
      '--model-file',
      models,
    ]);
  });

  it('are written with those of the series that could be modelled', () => {
    expect(trained.code).toBe(0);
    expect(trained.stdout).toMatch(/^Wrote 11 models to .*many\.model \([\d.]+ KiB\)\.\n$/);
    expect(trained.stderr).toContain('left out: id H3');
  });

  it('forecast to the last digit as the file does', async () => {
    const saved = await runToEnd(['forecast', '--model-file', models, '--horizon', '24', '--format', 'csv']);
    const fresh = await runToEnd(['forecast', manySeries(), '--horizon', '24', ...MANY_FLAGS]);
    expect(saved.stdout).toBe(fresh.stdout);
    expect(saved.stderr).toBe(fresh.stderr);
  });

  it('judge later rows, and none in their history, off the grid, past the horizon or of an unknown series', async () => {
    const file = csv(
      'value,id,timestamp\n' +
        `${daily(241) + 1},H1,${hour(241)}\n${daily(242) + 40},H1,${hour(242)}\n${daily(10)},H1,${hour(10)}\n` +
        `${daily(243)},H1,2024-01-11 03:30:00\n${daily(400)},H1,${hour(400)}\n1,new,${hour(241)}\n8,H5,${hour(241)}\n`,
    );
    const args = ['detect', file, '--model-file', models, '--format', 'csv'];
    const { code, stdout, stderr } = await runToEnd([...args, '--all']);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(
      'id,timestamp,value,is_anomaly,lower_bound,upper_bound,anomaly_probability',
    );
    const told = rowsOf(stdout).map((row) => [row.id, row.timestamp, row.is_anomaly]);
    expect(told).toEqual([
      ['H1', hour(241), 'false'],
      ['H1', hour(242), 'true'],
      ['H1', hour(10), ''],
      ['H1', '2024-01-11 03:30:00', ''],
      ['H1', hour(400), ''],
      ['new', hour(241), ''],
      ['H5', hour(241), 'true'],
    ]);
    expect(stderr).toContain('left out: id new: There is no model of this series.\n');
    expect(stderr).toContain('7 rows, 2 anomalies; 4 without a verdict\n');
    const anomalies = await runToEnd([...args, '--quiet']);
    expect(rowsOf(anomalies.stdout)).toEqual(rowsOf(stdout).filter((row) => row.is_anomaly === 'true'));
  });

  it('say how the history is judged where the file is nothing else', async () => {
    const { stderr } = await runToEnd(['detect', manySeries(), '--model-file', models, '--format', 'csv']);
    expect(stderr).toMatch(
      / rows, 0 anomalies; [\d,]+ without a verdict\nhint: .*Without a file they judge their history\.\n$/,
    );
    expect((await runToEnd(['detect', '--model-file', models])).stderr).not.toContain('hint');
  });

  it('judge their own history without a file', async () => {
    const { stdout } = await runToEnd(['detect', '--model-file', models, '--all', '--format', 'csv']);
    const rows = rowsOf(stdout);
    expect(rows).toHaveLength(11 * 240);
    const flagged = rows.filter((row) => row.is_anomaly === 'true').length;
    expect(flagged / rows.length).toBeLessThan(0.1);
    for (const row of rows) {
      expect(row.is_anomaly === 'true').toBe(Number(row.anomaly_probability) > 0.95);
    }
  });

  it('are evaluated by what came, as means and row by row', async () => {
    const ahead = Array.from({ length: 24 }, (_, at) => `H1,${hour(240 + at)},${daily(240 + at) + 1}\n`).join(
      '',
    );
    const file = csv(`id,timestamp,value\n${ahead}`);
    const args = ['evaluate', file, '--model-file', models, '--format', 'csv'];
    const [mean] = rowsOf((await runToEnd(args)).stdout);
    const rows = rowsOf((await runToEnd([...args, '--perform-aggregation', 'false'])).stdout);
    expect(Object.keys(rows[0]!)).toEqual([
      ...['id', 'timestamp', 'value', 'forecasted_value', 'lower_bound', 'upper_bound'],
      ...['absolute_error', 'absolute_percentage_error'],
    ]);
    expect(rows).toHaveLength(24);
    const errors = rows.map((row) => Math.abs(Number(row.value) - Number(row.forecasted_value)));
    const sum = errors.reduce((total, error) => total + error, 0);
    expect(Number(mean!.mean_absolute_error)).toBeCloseTo(sum / 24, 10);
    expect(Number(mean!.mean_absolute_error)).toBeLessThan(1);
  });

  it('have no error to tell where no value lies in the horizon', async () => {
    const file = csv(`id,timestamp,value\nH1,${hour(10)},1\n`);
    const args = ['evaluate', file, '--model-file', models, '--format', 'csv'];
    const { code, stdout, stderr } = await runToEnd(args);
    expect(code).toBe(0);
    expect(rowsOf(stdout)).toMatchObject([{ id: 'H1', mean_absolute_error: '' }]);
    expect(stderr).toMatch(/^hint: No row is after the history of its model/);
    const each = await runToEnd([...args, '--perform-aggregation', 'false']);
    expect([rowsOf(each.stdout), each.stderr]).toEqual([[], stderr]);
    const { stderr: quiet } = await runToEnd([...args, '--quiet']);
    expect(quiet).toBe('');
  });

  it('refuse what they cannot do, naming option and range', async () => {
    const far = await runToEnd(['forecast', '--model-file', models, '--horizon', '101']);
    expect(far.code).toBe(2);
    expect(far.stderr).toContain('--horizon is a whole number from 1 to 100, not 101');
    const late = await runToEnd(['forecast', '--model-file', models, '--auto-arima-max-order', '3']);
    expect(late.stderr).toContain('--auto-arima-max-order belongs to `seismo train`');
    const cut = join(folder, 'cut.model');
    writeFileSync(cut, readFileSync(models).subarray(0, 5000));
    const broken = await runToEnd(['forecast', '--model-file', cut]);
    expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('is no file of models')]);
    for (const args of [['forecast'], ['detect', CPU]]) {
      const meant = await runToEnd([...args, '--model', models]);
      expect([meant.code, meant.stderr]).toEqual([
        2,
        expect.stringContaining(`hint: Say --model-file ${models}.`),
      ]);
    }
    const other = await runToEnd(['forecast', '--model-file', CPU]);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('is no file of models')]);
  });
});

describe('seismo evaluate', () => {
  it('has a row for every series, with the reason where there is no model', async () => {
    const { code, stdout } = await runToEnd(['evaluate', manySeries(), ...MANY_FLAGS]);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(
      'id,non_seasonal_p,non_seasonal_d,non_seasonal_q,has_drift,log_likelihood,AIC,variance,seasonal_periods,' +
        'has_holiday_effect,has_spikes_and_dips,has_step_changes,error_message',
    );
    const rows = rowsOf(stdout);
    expect(rows.map((row) => row.id)).toEqual(Array.from({ length: 12 }, (_, at) => `H${at}`));
    expect(rows[1]).toMatchObject({ seasonal_periods: 'DAILY', error_message: '' });
    expect(rows[3]).toMatchObject({
      AIC: '',
      error_message: 'The time series has 2 points; at least 3 are needed.',
    });
    expect(rows[5]!.error_message).toContain('constant');
  });

  it('lists the orders tried for one series, twice as many where one difference is taken', async () => {
    const all = await runToEnd(['evaluate', CPU, '--format', 'csv']);
    const rows = rowsOf(all.stdout);
    expect(rows).toHaveLength(rows[0]!.non_seasonal_d === '1' ? 12 : 6);
    const aics = rows.map((row) => Number(row.AIC));
    expect(aics).toEqual([...aics].sort((a, b) => a - b));
    const best = await runToEnd(['evaluate', CPU, '--format', 'csv', '--show-all-candidate-models', 'false']);
    expect(rowsOf(best.stdout)).toEqual(rows.slice(0, 1));
  });

  it('fits the order it is given, and prints its coefficients', async () => {
    const order = ['--auto-arima', 'false', '--non-seasonal-order', '2,1,1', '--include-drift', 'true'];
    const [row] = rowsOf((await runToEnd(['evaluate', CPU, '--format', 'csv', ...order])).stdout);
    expect(row).toMatchObject({
      non_seasonal_p: '2',
      non_seasonal_d: '1',
      non_seasonal_q: '1',
      has_drift: 'true',
    });
    const found = await runToEnd(['evaluate', CPU, '--coefficients', '--format', 'ndjson', ...order]);
    const coefficients = JSON.parse(found.stdout) as { ar_coefficients: number[]; ma_coefficients: number[] };
    expect([coefficients.ar_coefficients.length, coefficients.ma_coefficients.length]).toEqual([2, 1]);
    expect([...coefficients.ar_coefficients, ...coefficients.ma_coefficients].every(Number.isFinite)).toBe(
      true,
    );
    const { stdout } = await runToEnd(['evaluate', CPU, '--coefficients', ...order]);
    expect(stdout).toContain(coefficients.ar_coefficients.map((one) => Number(one.toPrecision(6))).join(' '));
  });

  it('forecasts what was held out', async () => {
    const { stdout } = await runToEnd(['evaluate', manySeries(), '--holdout', '24', ...MANY_FLAGS]);
    const rows = rowsOf(stdout).filter((row) => row.id !== 'H5');
    expect(rows).toHaveLength(10);
    for (const row of rows) {
      expect(Number(row.mean_absolute_error)).toBeLessThan(2);
      expect(Number(row.mean_absolute_scaled_error)).toBeLessThan(3);
    }
  });

  it('says why, in rows and with exit code 2, where no series has a model', async () => {
    const { code, stdout, stderr } = await runToEnd([
      'evaluate',
      csv('timestamp,v\n1,1\n2,\n'),
      '--format',
      'csv',
    ]);
    expect(code).toBe(2);
    expect(rowsOf(stdout)[0]!.error_message).toMatch(/1 point/);
    expect(stderr).toContain('error: No series could be modelled.');
  });
});

describe('seismo explain', () => {
  it('takes a real recording apart into parts that add up', async () => {
    const { stdout } = await runToEnd(['explain', LATENCY, '--horizon', '10', '--format', 'ndjson']);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number | string | null>);
    expect(Object.keys(rows[0]!)).toEqual([
      ...[
        'series',
        'time_series_timestamp',
        'time_series_type',
        'time_series_data',
        'time_series_adjusted_data',
      ],
      ...[
        'standard_error',
        'confidence_level',
        'prediction_interval_lower_bound',
        'prediction_interval_upper_bound',
      ],
      ...['trend', 'seasonal_period_yearly', 'seasonal_period_quarterly', 'seasonal_period_monthly'],
      ...[
        'seasonal_period_weekly',
        'seasonal_period_daily',
        'holiday_effect',
        'spikes_and_dips',
        'step_changes',
      ],
      'residual',
    ]);
    expect(rows.filter((row) => row.time_series_type === 'forecast')).toHaveLength(10);
    const parts = Object.keys(rows[0]!).filter((name) =>
      /^(trend|seasonal|holiday|spikes|step|residual)/.test(name),
    );
    for (const row of rows) {
      const sum = parts.reduce((total, part) => total + Number(row[part] ?? 0), 0);
      expect(Math.abs(sum - Number(row.time_series_data))).toBeLessThan(1e-6);
      if (row.time_series_type === 'history') expect(row.prediction_interval_upper_bound).toBeNull();
    }
    expect(rows.some((row) => Number(row.spikes_and_dips) !== 0)).toBe(true);
  });
});

describe('seismo detect --model arima_plus', () => {
  it('judges a real recording by a model of itself', async () => {
    const { code, stdout, stderr } = await runToEnd([
      ...[
        'detect',
        LATENCY,
        '--model',
        'arima_plus',
        '--anomaly-prob-threshold',
        '0.99999',
        '--format',
        'csv',
      ],
    ]);
    expect(code).toBe(0);
    const rows = rowsOf(stdout);
    expect(Object.keys(rows[0]!)).toEqual([
      ...['series', 'timestamp', 'value', 'is_anomaly', 'lower_bound', 'upper_bound', 'anomaly_probability'],
    ]);
    expect(rows.some((row) => row.timestamp!.startsWith('2014-03-21 0'))).toBe(true);
    expect(rows.length).toBeLessThan(200);
    expect(stderr).toMatch(/^(note: .*\n)*[\d,]+ rows, \d+ anomalies; \d+ without a verdict\n$/);
  });

  it('tells a lasting shift as a step, not as anomalies', async () => {
    const file = csv(
      `id,timestamp,value\n${Array.from({ length: 120 }, (_, at) => `H1,${hour(at)},${10 + ((at * 7) % 5) / 10 + (at < 60 ? 0 : 20)}\n`).join('')}`,
    );
    const args = ['detect', file, '--id-column', 'id', '--model', 'arima_plus', '--format', 'csv'];
    const { stdout, stderr } = await runToEnd([...args, '--anomaly-prob-threshold', '0.99999']);
    expect(stderr).toMatch(new RegExp(`^note: id H1: lasting step of \\+(19\\.|20).* at ${hour(60)}\\n`));
    expect(stderr).toContain('note: values after a step are judged at its level, not as anomalies\n');
    expect(rowsOf(stdout)).toEqual([]);
    expect((await runToEnd([...args, '--quiet'])).stderr).toBe('');
  });
});
