import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { CLOUD_DEFAULTS } from '../cloud-config.js';
import { CONFIG_DEFAULTS, type Config } from '../config.js';
import { AppError } from '../errors.js';
import { refuseFlagsKeptByNpm } from './environment.js';
import { addSettings, readConfig } from './read-config.js';
import { SETTINGS } from './settings.js';

function read(args: string[], environment: Record<string, string> = {}): Config {
  const command = new Command('serve').exitOverride().configureOutput({ outputError: () => {} });
  addSettings(command);
  command.parse(args, { from: 'user' });
  return readConfig(command, environment);
}

function failure(args: string[], environment: Record<string, string> = {}): AppError {
  try {
    read(args, environment);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the configuration', () => {
  it('is the defaults where nothing is set', () => {
    expect(read([])).toEqual(CONFIG_DEFAULTS);
  });

  it('has the documented default in every setting', () => {
    for (const setting of SETTINGS) {
      const isSwitch = setting.placeholder === undefined;
      if (setting.defaultText === 'none') expect(CONFIG_DEFAULTS[setting.key]).toEqual([]);
      else if (setting.defaultText === 'off' && !isSwitch) expect(setting.read('off')).toBeUndefined();
      else if (CONFIG_DEFAULTS[setting.key] === undefined) expect(setting.group).toBe('Google Cloud');
      else if (isSwitch) expect(setting.read('false')).toBe(CONFIG_DEFAULTS[setting.key]);
      else expect(setting.read(setting.defaultText)).toEqual(CONFIG_DEFAULTS[setting.key]);
    }
  });

  it('has a setting for every field, but for where it runs', () => {
    const fields = Object.keys(CONFIG_DEFAULTS).filter((field) => field !== 'onCloudRun');
    expect(SETTINGS.map((setting) => setting.key).sort()).toEqual(fields.sort());
  });

  it('takes a flag before a variable, and the first variable that is set', () => {
    expect(read([], { PORT: '1' }).port).toBe(1);
    expect(read([], { PORT: '1', SEISMO_PORT: '2' }).port).toBe(2);
    expect(read(['--port', '3'], { PORT: '1', SEISMO_PORT: '2' }).port).toBe(3);
    expect(read([], { SEISMO_PORT: '', PORT: '4' }).port).toBe(4);
  });

  it('reads every flag', () => {
    const flags =
      '--data d --host 10.0.0.1 --port 0 --api-key write:12345678 --api-key read:abcdefgh --insecure ' +
      '--allowed-hosts a.example,B:81 --cors-origins https://x.example --retention 2w --verdict-retention 36h ' +
      '--series-max 7 --time-zone Europe/Berlin --no-host-metrics --disk-reserve 1GiB --log json --quiet ' +
      '--sensitivity 0.5 --models-max 9 --train-interval 30m --train-share 0.5 --bigquery-storage-port 0 ' +
      '--store-memory 1GB --direction down --least-deviation 2.5 --least-relative-deviation .1';
    expect(read(flags.split(' '))).toEqual({
      ...CLOUD_DEFAULTS,
      dataFolder: 'd',
      host: '10.0.0.1',
      port: 0,
      bigqueryStoragePort: 0,
      apiKeys: [
        { key: '12345678', access: 'write' },
        { key: 'abcdefgh', access: 'read' },
      ],
      insecure: true,
      allowedHosts: ['a.example', 'b:81'],
      corsOrigins: ['https://x.example'],
      retentionMs: 14 * 86_400_000,
      verdictRetentionMs: 36 * 3_600_000,
      seriesMax: 7,
      timeZone: 'Europe/Berlin',
      hostMetrics: false,
      diskReserveBytes: 1024 ** 3,
      storeMemoryBytes: 1e9,
      log: 'json',
      quiet: true,
      sensitivity: 0.5,
      direction: 'down',
      leastDeviation: 2.5,
      leastRelativeDeviation: 0.1,
      modelsMax: 9,
      trainIntervalMs: 1_800_000,
      trainShare: 0.5,
    });
  });

  it('reads every variable', () => {
    const environment = {
      SEISMO_DATA: 'd',
      SEISMO_HOST: '::1',
      SEISMO_PORT: '81',
      SEISMO_BIGQUERY_STORAGE_PORT: '82',
      SEISMO_API_KEYS: 'plainkey, read:readonly1',
      SEISMO_INSECURE: 'true',
      SEISMO_ALLOWED_HOSTS: 'a.example',
      SEISMO_CORS_ORIGINS: 'http://x.example:3000',
      SEISMO_RETENTION: '90d',
      SEISMO_VERDICT_RETENTION: '1d',
      SEISMO_SERIES_MAX: '8',
      SEISMO_TIME_ZONE: 'America/New_York',
      SEISMO_NO_HOST_METRICS: '1',
      SEISMO_DISK_RESERVE: '100MB',
      SEISMO_STORE_MEMORY: '256MB',
      SEISMO_LOG: 'json',
      SEISMO_QUIET: 'yes',
      SEISMO_SENSITIVITY: '2',
      SEISMO_DIRECTION: 'up',
      SEISMO_LEAST_DEVIATION: '1e-6',
      SEISMO_LEAST_RELATIVE_DEVIATION: '3',
      SEISMO_MODELS_MAX: '0',
      SEISMO_TRAIN_INTERVAL: '2h',
      SEISMO_TRAIN_SHARE: '1',
    };
    expect(Object.keys(environment).sort()).toEqual(
      SETTINGS.filter((setting) => setting.group !== 'Google Cloud')
        .flatMap((setting) => setting.variables)
        .filter((name) => name !== 'PORT')
        .sort(),
    );
    const config = read([], environment);
    expect(config.apiKeys).toEqual([
      { key: 'plainkey', access: 'write' },
      { key: 'readonly1', access: 'read' },
    ]);
    expect(config).toMatchObject({
      host: '::1',
      port: 81,
      bigqueryStoragePort: 82,
      hostMetrics: false,
      diskReserveBytes: 100e6,
      storeMemoryBytes: 256e6,
    });
    expect(config).toMatchObject({ sensitivity: 2, modelsMax: 0, trainIntervalMs: 7_200_000, trainShare: 1 });
    expect(config).toMatchObject({ direction: 'up', leastDeviation: 1e-6, leastRelativeDeviation: 3 });
    expect(config).toMatchObject({ insecure: true, seriesMax: 8, log: 'json', quiet: true });
    expect(config).toMatchObject({ timeZone: 'America/New_York', retentionMs: 90 * 86_400_000 });
  });

  it.each([
    [['--port', '65536'], '--port', 'from 0 to 65535'],
    [['--direction', 'sideways'], '--direction', 'must be up, down or both'],
    [['--least-deviation', '-1'], '--least-deviation', 'must be a number of 0 or more'],
    [['--least-relative-deviation', '10%'], '--least-relative-deviation', 'must be a number of 0 or more'],
    [['--store-memory', '79MB'], '--store-memory', 'at least 80MB'],
    [['--port', '80a'], '--port', 'whole number'],
    [['--retention', '3'], '--retention', 'unit'],
    [['--retention', '1s'], '--retention', 'between 1h'],
    [['--verdict-retention', '7 days'], '--verdict-retention', 'for example 7d'],
    [['--time-zone', 'Europe/Berln'], '--time-zone', 'IANA'],
    [['--disk-reserve', 'much'], '--disk-reserve', '512MiB'],
    [['--log', 'xml'], '--log', 'text, json or gcp'],
    [['--host', 'http://x'], '--host', 'without scheme or port'],
    [['--host', 'localhost:80'], '--host', 'without scheme or port'],
    [['--allowed-hosts', 'http://x'], '--allowed-hosts', 'host names'],
    [['--cors-origins', 'https://x/path'], '--cors-origins', 'origins'],
    [['--series-max', '0'], '--series-max', 'from 1'],
    [['--data', ''], '--data', 'folder'],
  ])('%j is refused with what is right', (args, field, words) => {
    const error = failure(args);
    expect(error).toMatchObject({ code: 'usage', field });
    expect(error.message).toContain(words);
  });

  it('names the variable when that is where the bad value stands', () => {
    expect(failure([], { PORT: 'x' })).toMatchObject({ field: 'PORT' });
    expect(failure([], { SEISMO_INSECURE: 'maybe' }).message).toBe(
      'SEISMO_INSECURE must be true or false, not "maybe".',
    );
  });

  it('never repeats a key in a message', () => {
    const error = failure(['--api-key', 'secret']);
    expect(error.message + error.hint).not.toContain('secret');
  });

  it('refuses a misspelled variable with the nearest right one', () => {
    expect(failure([], { SEISMO_RETENTOIN: '7d' })).toMatchObject({
      code: 'usage',
      field: 'SEISMO_RETENTOIN',
      hint: 'Did you mean SEISMO_RETENTION?',
    });
    expect(read([], { SOMETHING_ELSE: '1' })).toEqual(CONFIG_DEFAULTS);
  });

  it('says how flags get past npm start, which keeps them for itself', () => {
    const underNpm = (variables: Record<string, string>) => () =>
      refuseFlagsKeptByNpm({ npm_lifecycle_event: 'start', npm_config_cache: '/x', ...variables });
    expect(underNpm({ npm_config_port: '9000' })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('npm start -- --port NUMBER') }),
    );
    expect(underNpm({ npm_config_host_metrics: '' })).toThrow('--no-host-metrics');
    expect(underNpm({})).not.toThrow();
  });
});
