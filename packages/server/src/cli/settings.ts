import type { Config } from '../config.js';
import * as values from './setting-values.js';

/**
 * The one table of everything that can be set for `seismo serve`: flags, environment variables, help and
 * docs/configuration.md are made of it. Order = order of the help.
 */
export const SETTINGS: readonly Setting[] = [
  define('dataFolder', {
    flag: '--data',
    placeholder: 'folder',
    variables: ['SEISMO_DATA'],
    description: 'folder of the database; made if missing, held by one process at a time',
    defaultText: './seismo-data',
    read: values.folder,
  }),
  define('host', {
    flag: '--host',
    placeholder: 'address',
    variables: ['SEISMO_HOST'],
    description: 'address to listen on; another than loopback needs --api-key or --insecure',
    defaultText: '127.0.0.1',
    read: values.hostName,
  }),
  define('port', {
    flag: '--port',
    placeholder: 'number',
    variables: ['SEISMO_PORT', 'PORT'],
    description: 'port to listen on; 0 takes a free one',
    defaultText: '8080',
    read: values.wholeNumber(0, 65_535),
  }),
  define('apiKeys', {
    flag: '--api-key',
    placeholder: 'key',
    variables: ['SEISMO_API_KEYS'],
    description:
      'key that clients must send as X-API-Key; read:KEY only reads, write:KEY or KEY also writes; ' +
      'repeatable, and comma separated in the variable (other users of the machine can see flags, not variables)',
    defaultText: 'none',
    repeatable: true,
    secret: true,
    read: values.apiKeys,
  }),
  define('insecure', {
    flag: '--insecure',
    variables: ['SEISMO_INSECURE'],
    description: 'listen on a public address without keys',
    defaultText: 'off',
    read: values.truth,
  }),
  define('allowedHosts', {
    flag: '--allowed-hosts',
    placeholder: 'names',
    variables: ['SEISMO_ALLOWED_HOSTS'],
    description: 'names by which clients may call besides the address itself (Host header), comma separated',
    defaultText: 'none',
    repeatable: true,
    read: values.hostList,
  }),
  define('corsOrigins', {
    flag: '--cors-origins',
    placeholder: 'origins',
    variables: ['SEISMO_CORS_ORIGINS'],
    description: 'origins whose pages may call the API from a browser, comma separated',
    defaultText: 'none',
    repeatable: true,
    read: values.originList,
  }),
  define('retentionMs', {
    flag: '--retention',
    placeholder: 'duration',
    variables: ['SEISMO_RETENTION'],
    description: 'how long samples and anomalies are kept',
    defaultText: '730d',
    read: values.duration(3_600_000, '1h'),
  }),
  define('verdictRetentionMs', {
    flag: '--verdict-retention',
    placeholder: 'duration',
    variables: ['SEISMO_VERDICT_RETENTION'],
    description: 'how long the band of each sample is kept',
    defaultText: '7d',
    read: values.duration(60_000, '1m'),
  }),
  define('seriesMax', {
    flag: '--series-max',
    placeholder: 'count',
    variables: ['SEISMO_SERIES_MAX'],
    description: 'most series watched at once; further ones are refused with 429',
    defaultText: '100000',
    read: values.wholeNumber(1, 10_000_000),
  }),
  define('timeZone', {
    flag: '--time-zone',
    placeholder: 'name',
    variables: ['SEISMO_TIME_ZONE'],
    description: 'time zone by which the detector reads the time of day',
    defaultText: 'UTC',
    read: values.timeZone,
  }),
  define('hostMetrics', {
    flag: '--no-host-metrics',
    variables: ['SEISMO_NO_HOST_METRICS'],
    description: 'do not watch the machine that Seismo runs on',
    defaultText: 'off',
    read: (text) => !values.truth(text),
  }),
  define('diskReserveBytes', {
    flag: '--disk-reserve',
    placeholder: 'size',
    variables: ['SEISMO_DISK_RESERVE'],
    description: 'free disk space below which new samples are refused',
    defaultText: '512MiB',
    read: values.sizeBytes,
  }),
  define('log', {
    flag: '--log',
    placeholder: 'format',
    variables: ['SEISMO_LOG'],
    description: 'text: short lines on standard error; json: one object a line on standard output',
    defaultText: 'text',
    read: values.oneOf('text', 'json'),
  }),
  define('quiet', {
    flag: '--quiet',
    variables: ['SEISMO_QUIET'],
    description: 'print nothing at start, and only warnings and errors later',
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
  readonly description: string;
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
