import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { ARIMA_OPTIONS, addArimaOptions, readArimaOptions } from './arima-options.js';

function read(...args: string[]) {
  const command = new Command('forecast').exitOverride().configureOutput({ outputError: () => {} });
  addArimaOptions(command);
  command.parse(args, { from: 'user' });
  return readArimaOptions(command);
}

describe('the options of ARIMA_PLUS', () => {
  it('are none where none is given', () => {
    expect(read().size).toBe(0);
  });

  it.each<[string, string, unknown]>([
    ['--frequency', 'hourly', 'HOURLY'],
    ['--frequency', 'per-minute', 'PER_MINUTE'],
    ['--frequency', 'PER_MINUTE', 'PER_MINUTE'],
    ['--frequency', 'AUTO_FREQUENCY', undefined],
    ['--seasonalities', 'weekly,YEARLY', ['WEEKLY', 'YEARLY']],
    ['--seasonalities', 'no_seasonality', ['NO_SEASONALITY']],
    ['--holiday-region', 'US, DE-BY', ['US', 'DE-BY']],
    ['--clean-spikes-and-dips', 'FALSE', false],
    ['--auto-arima-max-order', '5', 5],
    ['--time-series-length-fraction', '0.5', 0.5],
    ['--max-time-series-length', '4', 4],
    ['--forecast-limit-lower-bound', '-1.5e3', -1500],
  ])('%s %s is read', (flag, text, value) => {
    expect(read(flag, text).get(flag)).toEqual(value);
  });

  it('take an order with auto-arima off', () => {
    const given = read(
      '--auto-arima',
      'false',
      '--non-seasonal-order',
      '(2, 1, 0)',
      '--include-drift',
      'true',
    );
    expect(given.get('--non-seasonal-order')).toEqual({ p: 2, d: 1, q: 0 });
    expect(given.get('--include-drift')).toBe(true);
  });

  it.each<[string[], string]>([
    [['--frequency', 'minutely'], '--frequency must be auto, per_minute, hourly, daily'],
    [['--seasonalities', 'daily,lunar'], '--seasonalities must be some of auto, no_seasonality, daily'],
    [['--seasonalities', 'auto,daily'], '--seasonalities must be auto or no_seasonality alone'],
    [['--holiday-region', 'U S'], '--holiday-region must be codes of ISO 3166'],
    [
      ['--holiday-region', 'US', '--holiday-days-before', '31'],
      '--holiday-days-before must be a whole number from 0 to 30',
    ],
    [['--holiday-days-after', '1'], '--holiday-days-after goes with --holiday-region'],
    [['--clean-spikes-and-dips', 'maybe'], '--clean-spikes-and-dips must be true or false, not "maybe"'],
    [['--auto-arima-max-order', '6'], '--auto-arima-max-order must be a whole number from 1 to 5, not "6"'],
    [['--auto-arima-max-order', '2.5'], 'from 1 to 5, not "2.5"'],
    [['--auto-arima-min-order', '3'], '--auto-arima-min-order must be at most --auto-arima-max-order, 2'],
    [['--auto-arima', 'false'], '--auto-arima false needs --non-seasonal-order'],
    [['--non-seasonal-order', '1,0,0'], '--non-seasonal-order goes with --auto-arima false'],
    [['--auto-arima', 'false', '--non-seasonal-order', '6,0,0'], 'p and q from 0 to 5 and d from 0 to 2'],
    [['--auto-arima', 'false', '--non-seasonal-order', '1,3,0'], 'p and q from 0 to 5 and d from 0 to 2'],
    [['--include-drift', 'true'], '--include-drift goes with --auto-arima false'],
    [
      ['--auto-arima', 'false', '--non-seasonal-order', '1,0,0', '--auto-arima-max-order', '3'],
      '--auto-arima-max-order does not go with --auto-arima false',
    ],
    [
      ['--time-series-length-fraction', '1'],
      '--time-series-length-fraction must be a number above 0 and below 1',
    ],
    [['--min-time-series-length', '30'], '--min-time-series-length goes with --time-series-length-fraction'],
    [['--max-time-series-length', '3'], '--max-time-series-length must be a whole number from 4'],
    [
      ['--max-time-series-length', '30', '--time-series-length-fraction', '0.5'],
      '--max-time-series-length does not go with --time-series-length-fraction',
    ],
    [['--trend-smoothing-window-size', '0'], '--trend-smoothing-window-size must be a whole number from 1'],
    [['--forecast-limit-upper-bound', 'high'], '--forecast-limit-upper-bound must be a number, not "high"'],
    [
      ['--forecast-limit-lower-bound', '2', '--forecast-limit-upper-bound', '2'],
      '--forecast-limit-lower-bound 2 must be below 2',
    ],
  ])('%j are refused, and the flag and its range named', (args, words) => {
    let thrown: unknown;
    try {
      read(...args);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'usage', message: expect.stringContaining(words) });
    expect((thrown as { field: string }).field).toMatch(/^--[a-z-]+$/);
  });

  it('say their ranges in the help', () => {
    const command = new Command('forecast');
    addArimaOptions(command);
    const help = command.helpInformation().replace(/\s+/g, ' ');
    for (const { flag, range } of ARIMA_OPTIONS) {
      expect(help).toContain(flag);
      expect(help).toContain(range);
    }
  });
});
