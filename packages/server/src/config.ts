import { CLOUD_DEFAULTS, type CloudConfig } from './cloud-config.js';

/** Everything that can be set for `seismo serve`; flags and environment variables fill it (see cli/). */
export interface Config extends CloudConfig {
  /** Folder of the database file and the lock. */
  readonly dataFolder: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Of the Storage Write API; 0 lets the system choose, undefined: off. */
  readonly bigqueryStoragePort: number | undefined;
  readonly apiKeys: readonly ApiKey[];
  /** Allows a public address without keys. */
  readonly insecure: boolean;
  /** Host header names accepted beside the listening address; a name without port stands for every port. */
  readonly allowedHosts: readonly string[];
  /** Origins that browsers may call from; none by default. */
  readonly corsOrigins: readonly string[];
  readonly retentionMs: number;
  readonly verdictRetentionMs: number;
  /** Most series that may hold detector state at once. */
  readonly seriesMax: number;
  /** IANA name by which the detector reads the time of day. */
  readonly timeZone: string;
  readonly hostMetrics: boolean;
  /** False alarms to be expected of one series in one week, by each detector. */
  readonly sensitivity: number;
  /** Samples that are off this way are told, by the detector of samples. */
  readonly direction: 'both' | 'up' | 'down';
  /** And by at least so much, in the unit of the series. */
  readonly leastDeviation: number;
  /** And by at least this share of what was expected. */
  readonly leastRelativeDeviation: number;
  /** Most series that may have a model of their minutes at once; 0 for none. */
  readonly modelsMax: number;
  /** A model is trained again after this long. */
  readonly trainIntervalMs: number;
  /** Of all cores, the part that training may take. */
  readonly trainShare: number;
  /** Free space on the disk below which new samples are refused. */
  readonly diskReserveBytes: number;
  /** Memory that DuckDB may take. */
  readonly storeMemoryBytes: number;
  /** `gcp`: JSON in the words of Cloud Logging and Error Reporting. */
  readonly log: 'text' | 'json' | 'gcp';
  readonly quiet: boolean;
}

export interface ApiKey {
  readonly key: string;
  /** `write` may also read. */
  readonly access: 'read' | 'write';
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const CONFIG_DEFAULTS: Config = {
  ...CLOUD_DEFAULTS,
  dataFolder: './seismo-data',
  host: '127.0.0.1',
  port: 8080,
  bigqueryStoragePort: undefined,
  apiKeys: [],
  insecure: false,
  allowedHosts: [],
  corsOrigins: [],
  retentionMs: 730 * DAY_MS,
  verdictRetentionMs: 7 * DAY_MS,
  seriesMax: 100_000,
  timeZone: 'UTC',
  hostMetrics: true,
  sensitivity: 1,
  direction: 'both',
  leastDeviation: 0,
  leastRelativeDeviation: 0,
  modelsMax: 1000,
  trainIntervalMs: HOUR_MS,
  trainShare: 0.25,
  diskReserveBytes: 512 * 1024 * 1024,
  storeMemoryBytes: 80_000_000,
  log: 'text',
  quiet: false,
};
