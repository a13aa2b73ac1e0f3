import { describe, expect, it } from 'vitest';
import { chartOf } from './sql-lines.js';
import { secondsOf, valueText, wholeText } from './sql-values.js';
import { placeIn } from './sql-words.js';

const TIME = { name: 'minute', type: 'TIMESTAMP' };
const VALUE = { name: 'v', type: 'FLOAT' };
const SERIES = { name: 'series', type: 'STRING' };
const row = (...values: unknown[]) => ({ f: values.map((v) => ({ v })) });

describe('the chart of a result', () => {
  it('is a line by time, in its order, with gaps where a value is NULL', () => {
    const rows = [row('3000000', '3'), row('1000000', '1.5'), row('2000000', null), row(null, '9')];
    expect(chartOf([TIME, VALUE], rows, null)).toEqual({
      timeName: 'minute',
      isUtc: true,
      isDaily: false,
      valueNames: ['v'],
      valueName: 'v',
      lines: [
        {
          name: '',
          time: [1, 2, 3],
          value: [1.5, Number.NaN, 3],
          isAnomaly: [false, false, false],
          band: null,
        },
      ],
      pointCount: 2,
    });
  });

  it('has a line for each series that texts name, in their order', () => {
    const many = Array.from({ length: 40 }, (_, k) =>
      row(`${Math.floor(k / 10)}000000`, `s${9 - (k % 10)}`, '1'),
    );
    const names = Array.from({ length: 10 }, (_, k) => `s${9 - k}`);
    expect(chartOf([TIME, SERIES, VALUE], many, null)?.lines.map(({ name }) => name)).toEqual(names);
    const few = chartOf([TIME, SERIES, VALUE], many.slice(0, 3), null);
    expect(few?.lines.map(({ name }) => name)).toEqual(['s9', 's8', 's7']);
  });

  it('takes texts for names only where rows share them', () => {
    const messages = Array.from({ length: 7 }, (_, k) => row(`${k}000000`, `message ${k}`, '1'));
    expect(chartOf([TIME, SERIES, VALUE], messages, null)?.lines.map(({ name }) => name)).toEqual(['']);
  });

  it('is by the texts that tell rows of one time apart, by several together where one does not', () => {
    const other = { name: 'other', type: 'STRING' };
    const names = (...rows: ReturnType<typeof row>[]) =>
      chartOf([TIME, other, SERIES, VALUE], rows, null)?.lines.map(({ name }) => name);
    const states = [
      row('1000000', 'ok', 'a', '1'),
      row('1000000', 'ok', 'b', '1'),
      row('2000000', 'bad', 'a', '1'),
      row('2000000', 'ok', 'b', '1'),
    ];
    expect(names(...states)).toEqual(['a', 'b']);
    const hosts = ['1000000', '2000000'].flatMap((time) =>
      ['x', 'y'].flatMap((host) => [row(time, host, 'a', '1'), row(time, host, 'b', '1')]),
    );
    expect(names(...hosts)).toEqual(['x, a', 'x, b', 'y, a', 'y, b']);
  });

  it('draws the column that is asked for, and marks anomalies', () => {
    const fields = [TIME, VALUE, { name: 'w', type: 'INTEGER' }, { name: 'is_anomaly', type: 'BOOLEAN' }];
    const rows = [
      row('1000000', '1', '7', 'false'),
      row('2000000', '2', '8', 'true'),
      row('3000000', '2', '9', null),
    ];
    const chart = chartOf(fields, rows, 'w');
    expect(chart?.valueNames).toEqual(['v', 'w']);
    expect(chart?.lines[0]).toMatchObject({ value: [7, 8, 9], isAnomaly: [false, true, false] });
    expect(chartOf(fields, rows, 'gone')?.valueName).toBe('v');
  });

  it('has the band that stands beside its first number', () => {
    const bound = (name: string) => ({ name, type: 'FLOAT' });
    const fields = [
      TIME,
      VALUE,
      bound('prediction_interval_lower_bound'),
      bound('prediction_interval_upper_bound'),
    ];
    const rows = [row('1000000', '2', '1', '3'), row('2000000', '2', null, null)];
    expect(chartOf(fields, rows, null)?.lines[0]?.band).toEqual({
      lower: [1, Number.NaN],
      upper: [3, Number.NaN],
    });
    expect(chartOf(fields, rows, 'prediction_interval_upper_bound')).toBeNull();
    const other = [...rows, row('3000000', '2', '4', '5')];
    expect(chartOf(fields, other, 'prediction_interval_upper_bound')?.lines[0]?.band).toBeNull();
  });

  it('takes whole seconds for a time in a column that is called one, and nothing else', () => {
    const seconds = { name: 'timestamp', type: 'INTEGER' };
    const rows = [row('1767225600', '1'), row('1767225660', '2')];
    expect(chartOf([seconds, VALUE], rows, null)?.lines[0]?.time).toEqual([1767225600, 1767225660]);
    expect(chartOf([{ ...seconds, name: 'id' }, VALUE], rows, null)).toBeNull();
    expect(chartOf([seconds, VALUE], [row('1', '1'), row('2', '2')], null)).toBeNull();
    expect(chartOf([TIME, SERIES], [row('1', 'a'), row('2', 'b')], null)).toBeNull();
    expect(chartOf([TIME, VALUE], [row('1', '1')], null)).toBeNull();
  });

  it('stands in UTC where its times do', () => {
    const rows = [row('2026-01-02T10:00:00', '1'), row('2026-01-02T11:00:00', '2')];
    const chart = chartOf([{ name: 'd', type: 'DATETIME' }, VALUE], rows, null);
    expect([chart?.isUtc, chart?.lines[0]?.time[0]]).toEqual([false, 1767348000]);
  });

  it('stands by days where its times are dates', () => {
    const chart = chartOf(
      [{ name: 'd', type: 'DATE' }, VALUE],
      [row('2026-01-02', '1'), row('2026-01-03', '2')],
      null,
    );
    expect([chart?.isUtc, chart?.isDaily]).toEqual([false, true]);
  });

  it('reads times of every type', () => {
    expect(secondsOf('2026-01-02', { name: 'd', type: 'DATE' })).toBe(1767312000);
    expect(secondsOf('2026-01-02T00:00:01', { name: 'd', type: 'DATETIME' })).toBe(1767312001);
    expect(secondsOf(null, { name: 'd', type: 'DATE' })).toBeNaN();
  });
});

describe('the text of a value', () => {
  it('has every digit', () => {
    expect(valueText('-500000', TIME)).toBe('1969-12-31 23:59:59.500 UTC');
    expect(valueText('1767312000000001', TIME)).toBe('2026-01-02 00:00:00.000001 UTC');
    expect(valueText('9223372036854775807', { name: 'n', type: 'INTEGER' })).toBe('9223372036854775807');
    const pair = { name: 'p', type: 'RECORD', fields: [VALUE, { ...SERIES, mode: 'REPEATED' }] };
    expect(valueText(row('1.5', [{ v: 'a' }, { v: 'b' }]), pair)).toBe('{v: 1.5, series: [a, b]}');
  });
});

describe('the whole of a long value', () => {
  it('is JSON in lines, with every digit and every letter of texts', () => {
    const json = { name: 'j', type: 'JSON' };
    expect(wholeText('{"a":[1,9007199254740993],"b, {c}":"d: \\"e\\", f", "g":[]}', json)).toBe(
      [
        '{',
        '  "a": [',
        '    1,',
        '    9007199254740993',
        '  ],',
        '  "b, {c}": "d: \\"e\\", f",',
        '  "g": []',
        '}',
      ].join('\n'),
    );
    expect(wholeText('{a: 1, b: x}', { name: 'p', type: 'RECORD' })).toBe('{a: 1, b: x}');
  });
});

describe('the place of a failure', () => {
  it('is counted from line and column', () => {
    expect(placeIn('SELECT 1;\nSELECT x', 'Unrecognized name: x at [2:8]')).toBe(17);
    expect(placeIn('SELECT 1', 'at [4:1]')).toBeNull();
    expect(placeIn('SELECT 1', 'division by zero')).toBeNull();
  });
});
