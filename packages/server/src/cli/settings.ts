import type { Config } from '../config.js';
import * as values from './setting-values.js';

/**
 * The one table of everything that can be set for `seismo serve`: flags, environment variables, help and
 * docs/configuration.md are made of it. Order = order of the help.
 */
export const SETTINGS: readonly Setting[] = [
  define('dataFolder', {
    group: 'Data',
    flag: '--data',
    placeholder: 'folder',
    variables: ['SEISMO_DATA'],
    description: 'folder of the database, made if missing',
    details: 'one process holds it at a time',
    defaultText: './seismo-data',
    read: values.folder,
  }),
  define('host', {
    group: 'Network',
    flag: '--host',
    placeholder: 'address',
    variables: ['SEISMO_HOST'],
    description: 'address to listen on; a public one needs --api-key',
    defaultText: '127.0.0.1',
    read: values.hostName,
  }),
  define('port', {
    group: 'Network',
    flag: '--port',
    placeholder: 'number',
    variables: ['SEISMO_PORT', 'PORT'],
    description: 'port to listen on; 0 takes a free one',
    defaultText: '8080',
    read: values.wholeNumber(0, 65_535),
  }),
  define('apiKeys', {
    group: 'Network',
    flag: '--api-key',
    placeholder: 'key',
    variables: ['SEISMO_API_KEYS'],
    description: 'key for clients (X-API-Key); read:KEY only reads; repeatable',
    details:
      'write:KEY or KEY also writes; several are comma separated in the variable; other users of the machine can see flags, ' +
      'not variables',
    defaultText: 'none',
    repeatable: true,
    secret: true,
    read: values.apiKeys,
  }),
  define('insecure', {
    group: 'Network',
    flag: '--insecure',
    variables: ['SEISMO_INSECURE'],
    description: 'listen on a public address without keys',
    defaultText: 'off',
    read: values.truth,
  }),
  define('allowedHosts', {
    group: 'Network',
    flag: '--allowed-hosts',
    placeholder: 'names',
    variables: ['SEISMO_ALLOWED_HOSTS'],
    description: 'names that clients may call it by, comma separated',
    details: 'besides the address itself (the Host header)',
    defaultText: 'none',
    repeatable: true,
    read: values.hostList,
  }),
  define('corsOrigins', {
    group: 'Network',
    flag: '--cors-origins',
    placeholder: 'origins',
    variables: ['SEISMO_CORS_ORIGINS'],
    description: 'sites whose pages may call the API, comma separated',
    defaultText: 'none',
    repeatable: true,
    read: values.originList,
  }),
  define('retentionMs', {
    group: 'Data',
    flag: '--retention',
    placeholder: 'duration',
    variables: ['SEISMO_RETENTION'],
    description: 'how long samples and anomalies are kept',
    defaultText: '730d',
    read: values.duration(3_600_000, '1h'),
  }),
  define('verdictRetentionMs', {
    group: 'Data',
    flag: '--verdict-retention',
    placeholder: 'duration',
    variables: ['SEISMO_VERDICT_RETENTION'],
    description: 'how long the band of each sample is kept',
    defaultText: '7d',
    read: values.duration(60_000, '1m'),
  }),
  define('seriesMax', {
    group: 'Watching',
    flag: '--series-max',
    placeholder: 'count',
    variables: ['SEISMO_SERIES_MAX'],
    description: 'most series watched at once',
    details: 'further ones are refused with 429',
    defaultText: '100000',
    read: values.wholeNumber(1, 10_000_000),
  }),
  define('timeZone', {
    group: 'Watching',
    flag: '--time-zone',
    placeholder: 'name',
    variables: ['SEISMO_TIME_ZONE'],
    description: 'time zone of daily rhythms',
    details: 'by it the detector reads the time of day',
    defaultText: 'UTC',
    read: values.timeZone,
  }),
  define('hostMetrics', {
    group: 'Watching',
    flag: '--no-host-metrics',
    variables: ['SEISMO_NO_HOST_METRICS'],
    description: 'do not watch the machine that Seismo runs on',
    defaultText: 'off',
    read: (text) => !values.truth(text),
  }),
  define('diskReserveBytes', {
    group: 'Data',
    flag: '--disk-reserve',
    placeholder: 'size',
    variables: ['SEISMO_DISK_RESERVE'],
    description: 'free disk below which samples are refused',
    defaultText: '512MiB',
    read: values.sizeBytes,
  }),
  define('log', {
    group: 'Output',
    flag: '--log',
    placeholder: 'format',
    variables: ['SEISMO_LOG'],
    description: 'text or json',
    details: 'text: short lines on standard error; json: one object a line on standard output',
    defaultText: 'text',
    read: values.oneOf('text', 'json'),
  }),
  define('quiet', {
    group: 'Output',
    flag: '--quiet',
    variables: ['SEISMO_QUIET'],
    description: 'only warnings and errors',
    details: 'nothing is printed at start',
    defaultText: 'off',
    read: values.truth,
  }),
];

export interface Setting {
  readonly key: keyof Config;
  /** The long flag; `--no-…` stands for the value `true` in the variable and turns the setting off. */
  readonly flag: string;
  /** Absent for a switch. */
  readonly placeholder?: string;
  /** Environment variables, the first that is set counts. */
  readonly variables: readonly string[];
  /** Under which heading the help shows it. */
  readonly group: 'Data' | 'Network' | 'Watching' | 'Output';
  /** One line of the help. */
  readonly description: string;
  /** What docs/configuration.md says besides. */
  readonly details?: string;
  readonly defaultText: string;
  /** May be given several times; the values add up. */
  readonly repeatable?: boolean;
  /** The value is never repeated in a message. */
  readonly secret?: boolean;
  readonly read: (text: string) => Config[keyof Config];
}

function define<K extends keyof Config>(
  key: K,
  setting: Omit<Setting, 'key' | 'read'> & { read: (text: string) => Config[K] },
): Setting {
  return { key, ...setting };
}
