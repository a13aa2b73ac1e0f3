import { join } from 'node:path';
import { startGuarded } from './guarded-process.js';
import { bigQueryEmulatorFolder } from './peers.js';
import { callJson } from './pubsub-emulator.js';
import { SUPPORT } from './repository.js';

const LAUNCHER = join(SUPPORT, 'run-bqemulator.py');
const ARGS = ['--rest-port', '0', '--grpc-port', '0', '--log-format', 'json', '--log-level', 'info'];

const QUERY_MS_MAX = 120_000;

export type Row = Readonly<Record<string, string | null>>;

export interface BigQueryEmulator {
  readonly project: string;
  /** `http://127.0.0.1:PORT`, REST. */
  readonly url: string;
  /** `127.0.0.1:PORT`, Storage Write over gRPC without TLS. */
  readonly writeEndpoint: string;
  /** Runs a statement or a script; values as BigQuery's REST gives them, as text. Throws on a faulty statement. */
  query(sql: string): Promise<Row[]>;
  createDataset(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** bqemulator, as a process of its own with own ports, everything in memory, with an empty dataset. */
export async function startBigQueryEmulator(
  options: { project?: string; dataset?: string } = {},
): Promise<BigQueryEmulator> {
  const { project = 'seismo-test', dataset = 'metrics_dataset' } = options;
  const emulator = startGuarded(
    join(bigQueryEmulatorFolder(), 'bin/python'),
    [LAUNCHER, 'start', ...ARGS, '--project', project],
    {
      ...process.env,
      // DuckDB's extensions lie there; without avro it asks nobody on the network.
      HOME: join(bigQueryEmulatorFolder(), 'home'),
      BQEMU_ENABLE_FORMAT_EXTENSIONS: 'false',
      // An answer from the cache would hide what was written since.
      BQEMU_QUERY_CACHE_TTL_SECONDS: '0',
    },
  );
  try {
    const [restPort, grpcPort] = await emulator.until((output) => {
      const ports = ['rest', 'grpc'].map((kind) => portOf(output, `${kind}.listen`));
      return ports.every((port) => port !== undefined) ? ports : undefined;
    });
    const client = bigQueryClient(`http://127.0.0.1:${restPort}`, project);
    await client.createDataset(dataset);
    return {
      ...client,
      writeEndpoint: `127.0.0.1:${grpcPort}`,
      stop: () => emulator.kill(),
    };
  } catch (error) {
    await emulator.kill();
    throw error;
  }
}

function portOf(output: string, event: string): number | undefined {
  const line = output.split('\n').find((one) => one.includes(`"event": "${event}"`));
  return line === undefined ? undefined : (JSON.parse(line) as { port: number }).port;
}

interface QueryAnswer {
  readonly errors?: readonly { message: string; reason?: string }[];
  readonly jobComplete?: boolean;
  readonly schema?: { readonly fields: readonly { name: string }[] };
  readonly rows?: readonly { readonly f: readonly { readonly v: string | null }[] }[];
  readonly pageToken?: string;
  readonly jobReference?: { readonly jobId: string };
}

/** What a test asks of a server that speaks BigQuery's REST API. */
export function bigQueryClient(url: string, project: string) {
  const base = `${url}/bigquery/v2/projects/${project}`;
  return {
    project,
    url,
    async createDataset(name: string): Promise<void> {
      await callJson(`${base}/datasets`, 'POST', {
        datasetReference: { projectId: project, datasetId: name },
      });
    },
    async query(sql: string): Promise<Row[]> {
      let answer = (await callJson(`${base}/queries`, 'POST', {
        query: sql,
        useLegacySql: false,
        timeoutMs: QUERY_MS_MAX,
      })) as QueryAnswer;
      // Faulty SQL is answered with 200 too.
      const fault = answer.errors?.find(({ reason }) => reason !== 'warning');
      if (fault !== undefined) throw new Error(`${fault.message}\n${sql}`);
      if (answer.jobComplete === false) throw new Error(`It takes too long:\n${sql}`);
      const rows = [...rowsOf(answer)];
      while (answer.pageToken !== undefined) {
        const page = `${base}/queries/${answer.jobReference!.jobId}?pageToken=${encodeURIComponent(answer.pageToken)}`;
        answer = (await callJson(page, 'GET')) as QueryAnswer;
        rows.push(...rowsOf(answer));
      }
      return rows;
    },
  };
}

function rowsOf({ schema, rows = [] }: QueryAnswer): Row[] {
  const names = (schema?.fields ?? []).map(({ name }) => name);
  return rows.map(({ f }) => Object.fromEntries(names.map((name, column) => [name, f[column]!.v])));
}
