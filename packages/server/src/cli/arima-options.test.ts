import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { ARIMA_FLAGS, addArimaOptions, readArimaOptions } from './arima-options.js';

function read(...args: string[]) {
  const command = new Command('forecast').exitOverride().configureOutput({ outputError: () => {} });
  addArimaOptions(command);
  command.parse(args, { from: 'user' });
  return readArimaOptions(command);
}

describe('the options of ARIMA_PLUS', () => {
  it('are none where none is given', () => {
    expect(read().options).toEqual({});
    expect(read()).toMatchObject({ holidayRegions: [], hierarchicalColumns: [], customHolidays: undefined });
  });

  it.each<[string, string, object]>([
    ['--frequency', 'hourly', { frequency: 'HOURLY' }],
    ['--frequency', 'per-minute', { frequency: 'PER_MINUTE' }],
    ['--frequency', 'PER_MINUTE', { frequency: 'PER_MINUTE' }],
    ['--frequency', 'auto', {}],
    ['--frequency', 'AUTO_FREQUENCY', {}],
    ['--seasonalities', 'weekly,YEARLY', { seasonalities: ['WEEKLY', 'YEARLY'] }],
    ['--seasonalities', 'no_seasonality', { seasonalities: ['NO_SEASONALITY'] }],
    ['--clean-spikes-and-dips', 'FALSE', { cleanSpikesAndDips: false }],
    ['--auto-arima-max-order', '5', { autoArimaMaxOrder: 5 }],
    ['--time-series-length-fraction', '0.5', { timeSeriesLengthFraction: 0.5 }],
    ['--max-time-series-length', '4', { maxTimeSeriesLength: 4 }],
    ['--forecast-limit-lower-bound', '-1.5e3', { forecastLimitLowerBound: -1500 }],
    ['--forecast-method', 'combined', { forecastMethod: 'combined' }],
  ])('%s %s is read', (flag, text, options) => {
    expect(read(flag, text).options).toEqual(options);
  });

  it('take a method for limits with a limit alone', () => {
    const limit = ['--forecast-limit-lower-bound', '0'];
    expect(read(...limit, '--forecast-limit-method', 'CLIP').options).toEqual({
      forecastLimitLowerBound: 0,
      forecastLimitMethod: 'clip',
    });
    expect(() => read('--forecast-limit-method', 'clip')).toThrow(
      '--forecast-limit-method goes only with --forecast-limit-lower-bound or --forecast-limit-upper-bound',
    );
  });

  it('take several regions, with days around their holidays', () => {
    const given = read('--holiday-region', 'US, DE-BY,emea', '--holiday-days-before', '3');
    expect(given).toMatchObject({
      holidayRegions: ['US', 'DE-BY', 'emea'],
      holidayDaysBefore: 3,
      holidayDaysAfter: 1,
    });
  });

  it('take an order with auto-arima off', () => {
    const order = ['--non-seasonal-order', '(2, 1, 0)', '--include-drift', 'true'];
    expect(read('--auto-arima', 'false', ...order).options).toEqual({
      autoArima: false,
      nonSeasonalOrder: { p: 2, d: 1, q: 0 },
      includeDrift: true,
    });
  });

  it.each<[string[], string]>([
    [['--frequency', 'minutely'], '--frequency must be one of AUTO_FREQUENCY, PER_MINUTE, HOURLY, DAILY'],
    [
      ['--seasonalities', 'daily,lunar'],
      '--seasonalities must be AUTO or NO_SEASONALITY alone, or some of DAILY',
    ],
    [['--seasonalities', 'auto,daily'], '--seasonalities must be AUTO or NO_SEASONALITY alone'],
    [['--seasonalities', 'daily,no_seasonality'], 'NO_SEASONALITY alone'],
    [
      ['--holiday-region', ','],
      '--holiday-region must be GLOBAL, NA, JAPAC, EMEA, LAC, countries of ISO 3166',
    ],
    [
      ['--holiday-region', 'US', '--holiday-days-before', '31'],
      '--holiday-days-before must be a whole number from 0 to 30',
    ],
    [['--holiday-days-after', '1'], '--holiday-days-after goes only with --holiday-region'],
    [['--clean-spikes-and-dips', 'maybe'], '--clean-spikes-and-dips must be true or false, not "maybe"'],
    [['--auto-arima-max-order', '6'], '--auto-arima-max-order must be a whole number from 1 to 5, not "6"'],
    [['--auto-arima-max-order', '2.5'], 'from 1 to 5, not "2.5"'],
    [
      ['--auto-arima-min-order', '3'],
      '--auto-arima-min-order must be below --auto-arima-max-order (2), not 3',
    ],
    [
      ['--auto-arima-min-order', '2', '--auto-arima-max-order', '2'],
      '--auto-arima-min-order must be below --auto-arima-max-order (2), not 2',
    ],
    [
      ['--auto-arima', 'false'],
      '--auto-arima false needs --non-seasonal-order: (p, d, q) with p and q from 0 to 5',
    ],
    [['--non-seasonal-order', '1,0,0'], '--non-seasonal-order goes only with --auto-arima false'],
    [['--auto-arima', 'false', '--non-seasonal-order', '6,0,0'], 'p and q from 0 to 5 and d from 0 to 2'],
    [['--auto-arima', 'false', '--non-seasonal-order', '1,3,0'], 'p and q from 0 to 5 and d from 0 to 2'],
    [['--auto-arima', 'false', '--non-seasonal-order', '1,0'], '--non-seasonal-order must be (p, d, q)'],
    [
      ['--auto-arima', 'false', '--non-seasonal-order', '1,2,0', '--include-drift', 'true'],
      '--include-drift may be true only with d = 1, not d = 2',
    ],
    [['--include-drift', 'true'], '--include-drift goes only with --auto-arima false'],
    [
      ['--auto-arima', 'false', '--non-seasonal-order', '1,0,0', '--auto-arima-max-order', '3'],
      '--auto-arima-max-order goes only with --auto-arima true',
    ],
    [
      ['--time-series-length-fraction', '1'],
      '--time-series-length-fraction must be a number above 0 and below 1',
    ],
    [['--time-series-length-fraction', '0'], 'above 0 and below 1, not "0"'],
    [
      ['--min-time-series-length', '30'],
      '--min-time-series-length goes only with --time-series-length-fraction',
    ],
    [
      ['--time-series-length-fraction', '0.5', '--min-time-series-length', '3'],
      '--min-time-series-length must be a whole number from 4, not "3"',
    ],
    [['--max-time-series-length', '3'], '--max-time-series-length must be a whole number from 4'],
    [
      ['--max-time-series-length', '30', '--time-series-length-fraction', '0.5'],
      '--max-time-series-length and --time-series-length-fraction exclude each other',
    ],
    [['--trend-smoothing-window-size', '0'], '--trend-smoothing-window-size must be a whole number from 1'],
    [['--forecast-limit-upper-bound', 'high'], '--forecast-limit-upper-bound must be a finite number'],
    [
      ['--forecast-limit-lower-bound', '2', '--forecast-limit-upper-bound', '2'],
      '--forecast-limit-lower-bound must be below --forecast-limit-upper-bound (2), not 2',
    ],
    [
      ['--hierarchical-columns', 'shop'],
      '--hierarchical-columns must be some of the columns of --id-column (there is none)',
    ],
    [
      ['--hierarchical-columns', 'shop,shop'],
      '--hierarchical-columns must be some of the columns of --id-column',
    ],
    [['--forecast-method', 'magic'], '--forecast-method must be arima or combined'],
    [['--forecast-limit-method', 'log'], '--forecast-limit-method must be transform or clip'],
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
    for (const { flag, range } of ARIMA_FLAGS) {
      expect(help).toContain(flag);
      expect(help).toContain(range);
    }
  });
});
