import { startTokenSigner, type TokenSigner } from '../../blackbox/support/token-signer.js';
import { type BigQueryEmulator, startBigQueryEmulator } from './bigquery-emulator.js';
import { type GrpcFaultProxy, startGrpcFaultProxy } from './grpc-fault-proxy.js';
import { type HttpFaultProxy, startHttpFaultProxy } from './http-fault-proxy.js';
import { freePort, type PubSubEmulator, type PubSubMessage, startPubSubEmulator } from './pubsub-emulator.js';
import { type PushRelay, startPushRelay } from './push-relay.js';
import { RoleProcess, runEntry } from './role-process.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

export const API_KEY = 'test-key-of-the-cloud';
const PROJECT = 'seismo-test';
/** What tokens are made for; the services do not know by themselves under which address the world calls them. */
const AUDIENCE = 'https://processmetrics.seismo.test';
const PUSH_ACCOUNT = 'pubsub-push@seismo-test.iam.gserviceaccount.com';
const SCHEDULER_ACCOUNT = 'scheduler@seismo-test.iam.gserviceaccount.com';

export interface MetricsRow {
  readonly timestamp: number;
  readonly latency: number | null;
  readonly cpu: number | null;
}

/**
 * The whole of it on this machine: Pub/Sub's emulator, BigQuery, proxies before them, and a process for each role.
 */
export interface Cloud {
  readonly pubsub: PubSubEmulator;
  readonly bigquery: BigQueryEmulator;
  /** Between the services and BigQuery's REST. */
  readonly rest: HttpFaultProxy;
  /** Between processmetrics and Storage Write. */
  readonly write: GrpcFaultProxy;
  /** Between the services and Pub/Sub. */
  readonly publishing: TcpProxy;
  /** Between Pub/Sub and processmetrics. */
  readonly relay: PushRelay;
  readonly metricsApi: RoleProcess;
  readonly processMetrics: RoleProcess;
  readonly getAnomalies: RoleProcess;
  readonly env: Readonly<Record<string, string>>;
  /** POST /metrics to metrics-api; the status, 0 when there was no answer. */
  post(items: unknown): Promise<{ status: number; body: unknown }>;
  /** POST to a path of processmetrics, as Cloud Scheduler does. */
  callJob(path: string): Promise<{ status: number; body: unknown }>;
  /** Where and how Pub/Sub would push. */
  pushTarget(): Promise<{ url: string; headers: Record<string, string> }>;
  metricsTable(): Promise<MetricsRow[]>;
  deadLetters(): Promise<PubSubMessage[]>;
  stop(): Promise<void>;
}

export interface CloudOptions {
  /** What stands for BigQuery; bqemulator, which has no models, unless given here. */
  readonly startBigQuery?: (options: { readonly project: string }) => Promise<BigQueryEmulator>;
  /** The services' dataset. Default `metrics_dataset`. */
  readonly dataset?: string;
}

/** Starts everything, migrated; the push subscription last, when there is somebody to push to. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const stops: (() => Promise<unknown>)[] = [];
  const keep = <T extends { stop(): Promise<unknown> }>(one: T): T => {
    stops.push(() => one.stop());
    return one;
  };
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    return { ...(await joinParts(keep, options)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Keep = <T extends { stop(): Promise<unknown> }>(one: T) => T;

async function joinParts(keep: Keep, options: CloudOptions): Promise<Omit<Cloud, 'stop'>> {
  const { startBigQuery = startBigQueryEmulator, dataset = 'metrics_dataset' } = options;
  const [pubsub, bigquery, signer] = await Promise.all([
    startPubSubEmulator(PROJECT).then(keep),
    startBigQuery({ project: PROJECT }).then(keep),
    startTokenSigner({ aud: AUDIENCE }).then(keep),
  ]);
  const [rest, write, publishing] = await Promise.all([
    startHttpFaultProxy(bigquery.url).then(keep),
    startGrpcFaultProxy(bigquery.writeEndpoint).then(keep),
    startTcpProxy(pubsub.host).then(keep),
  ]);
  const env = {
    GOOGLE_CLOUD_PROJECT: PROJECT,
    METADATA_SERVER_DETECTION: 'none',
    PUBSUB_EMULATOR_HOST: publishing.host,
    BIGQUERY_EMULATOR_HOST: `${rest.url}/bigquery/v2`,
    SEISMO_BIGQUERY_WRITE_ENDPOINT: write.endpoint,
    SEISMO_API_KEYS: API_KEY,
    SEISMO_JWKS_URL: signer.jwksUrl,
    SEISMO_PUSH_AUDIENCE: AUDIENCE,
    SEISMO_PUSH_ACCOUNT: PUSH_ACCOUNT,
    SEISMO_SCHEDULER_ACCOUNT: SCHEDULER_ACCOUNT,
    SEISMO_LOG: 'gcp',
    SEISMO_DATASET: dataset,
  };
  await runEntry(['serve', '--role', 'migrate'], env);
  const [metricsApi, processMetrics, getAnomalies] = await Promise.all(
    ['metrics-api', 'processmetrics', 'get-anomalies'].map(async (role) =>
      keep(new RoleProcess(role, await freePort(), env)),
    ) as [Promise<RoleProcess>, Promise<RoleProcess>, Promise<RoleProcess>],
  );
  await createTopics(pubsub);
  await Promise.all([metricsApi.start(), processMetrics.start(), getAnomalies.start()]);
  const relay = keep(
    await startPushRelay(
      () => processMetrics.url,
      () => signer.sign({ email: PUSH_ACCOUNT }),
    ),
  );
  await pubsub.changePushEndpoint('metrics-push', relay.url);
  const services = { metricsApi, processMetrics, getAnomalies };
  return {
    ...{ pubsub, bigquery, rest, write, publishing, relay, ...services, env },
    ...callsOf({ pubsub, bigquery, dataset, signer, ...services }),
  };
}

async function createTopics(pubsub: PubSubEmulator): Promise<void> {
  await pubsub.createTopic('metrics');
  await pubsub.createTopic('metrics-dead-letter');
  await pubsub.createSubscription('metrics-dead-letter', { topic: 'metrics-dead-letter' });
  await pubsub.createSubscription('metrics-push', { topic: 'metrics', ackDeadlineS: 600 });
}

interface Parts extends Pick<Cloud, 'pubsub' | 'bigquery' | 'metricsApi' | 'processMetrics'> {
  readonly dataset: string;
  readonly signer: TokenSigner;
}

function callsOf({ pubsub, bigquery, dataset, signer, metricsApi, processMetrics }: Parts) {
  const bearer = async (email: string) => ({ authorization: `Bearer ${await signer.sign({ email })}` });
  const call = async (url: string, headers: Record<string, string>, body: unknown) => {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch {
      return { status: 0, body: undefined };
    }
  };
  return {
    post: (items: unknown) => call(`${metricsApi.url}/metrics`, { 'x-api-key': API_KEY }, items),
    async callJob(path: string) {
      return call(`${processMetrics.url}${path}`, await bearer(SCHEDULER_ACCOUNT), {});
    },
    async pushTarget() {
      return { url: `${processMetrics.url}/pubsub/push`, headers: await bearer(PUSH_ACCOUNT) };
    },
    async metricsTable() {
      const rows = await bigquery.query(
        `SELECT timestamp, latency, cpu FROM \`${dataset}.metrics_table\` ORDER BY timestamp, latency, cpu`,
      );
      const number = (text: string | null | undefined) => (text == null ? null : Number(text));
      return rows.map((row) => ({
        timestamp: Number(row.timestamp),
        latency: number(row.latency),
        cpu: number(row.cpu),
      }));
    },
    async deadLetters() {
      const letters: PubSubMessage[] = [];
      for (;;) {
        const some = await pubsub.pull('metrics-dead-letter');
        if (some.length === 0) return letters;
        letters.push(...some);
      }
    },
  };
}
