/** What a process is: everything on one machine, or one of the services on Google Cloud. */
export const ROLES = ['embedded', 'metrics-api', 'processmetrics', 'get-anomalies', 'migrate'] as const;
export type Role = (typeof ROLES)[number];
export type CloudRole = Exclude<Role, 'embedded'>;

/** The settings of the roles on Google Cloud. */
export interface CloudConfig {
  readonly role: Role;
  /**
   * Behind Cloud Run's front end, which alone reaches the process: the name it is called by and the client's
   * address come from there. True for every role on Google Cloud, and for an embedded one that runs there.
   */
  readonly onCloudRun: boolean;
  /** Undefined: the metadata server is asked. */
  readonly project: string | undefined;
  /** Undefined: the metadata server is asked; where there is none, the services find the place themselves. */
  readonly region: string | undefined;
  readonly dataset: string;
  readonly topic: string;
  readonly deadLetterTopic: string;
  /** Messages carry `shard`, a number below this one. */
  readonly shards: number;
  /** Who lets clients in: keys, or Cloud Run's own check before a request arrives here. */
  readonly auth: 'keys' | 'iam';
  /**
   * `verify`: tokens of Pub/Sub and Cloud Scheduler are checked in full. `iam`: Cloud Run checked them and took
   * the signature away, so that only what they say can be looked at.
   */
  readonly pushAuth: 'verify' | 'iam';
  /** Audiences that tokens may be made for; the address that was called when there is none. */
  readonly pushAudiences: readonly string[];
  /** E-mail of the account that Pub/Sub pushes as; undefined: `pubsub-push` of the project. */
  readonly pushAccount: string | undefined;
  /** E-mail of the account that Cloud Scheduler calls as; undefined: `scheduler` of the project. */
  readonly schedulerAccount: string | undefined;
  /** Where the public keys lie that tokens are signed by. */
  readonly jwksUrl: string;
  /** A query that would read more is refused by BigQuery before it costs anything. */
  readonly maxBytesBilled: number;
  /** `host:port` of an emulator of the Storage Write API, which is called without TLS. */
  readonly bigqueryWriteEndpoint: string | undefined;
}

export const CLOUD_DEFAULTS: CloudConfig = {
  role: 'embedded',
  onCloudRun: false,
  project: undefined,
  region: undefined,
  dataset: 'metrics_dataset',
  topic: 'metrics',
  deadLetterTopic: 'metrics-dead-letter',
  shards: 16,
  auth: 'keys',
  pushAuth: 'verify',
  pushAudiences: [],
  pushAccount: undefined,
  schedulerAccount: undefined,
  jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
  maxBytesBilled: 100 * 1024 ** 3,
  bigqueryWriteEndpoint: undefined,
};
