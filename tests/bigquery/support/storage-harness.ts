import { managedwriter, type protos, v1 } from '@google-cloud/bigquery-storage';
import { credentials } from '@grpc/grpc-js';
import { type RunningServer, type StartOptions, startServer } from '../../blackbox/support/start-server.js';

export const PROJECT = 'test';

export type AppendAnswer = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse;
type AppendRequest = protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest;
type Descriptor = protos.google.protobuf.IDescriptorProto;

/** google.protobuf.FieldDescriptorProto.Type and Label. */
export const TYPE = {
  double: 1,
  int64: 3,
  int32: 5,
  bool: 8,
  string: 9,
  message: 11,
  bytes: 12,
  enum: 14,
} as const;
export const LABEL = { optional: 1, required: 2, repeated: 3 } as const;

export interface StorageServer extends RunningServer {
  /** `127.0.0.1:PORT`, without TLS. */
  readonly endpoint: string;
}

/** A real server with the Storage Write API on a free port. */
export async function startStorageServer(options: StartOptions = {}): Promise<StorageServer> {
  const server = await startServer({
    ...options,
    args: ['--bigquery-storage-port', '0', ...(options.args ?? [])],
  });
  const [, endpoint] = /storage {2}(\S+)/.exec(server.stdout()) ?? [];
  if (endpoint === undefined) throw new Error(`No port in ${server.stdout()}`);
  return { ...server, endpoint };
}

function clientOptions(endpoint: string) {
  const [host = '', port] = endpoint.split(':');
  return {
    projectId: PROJECT,
    apiEndpoint: host,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    universeDomain: 'googleapis.com',
  };
}

export function writeClient(endpoint: string): v1.BigQueryWriteClient {
  return new v1.BigQueryWriteClient(clientOptions(endpoint));
}

export function managedClient(endpoint: string): managedwriter.WriterClient {
  return new managedwriter.WriterClient(clientOptions(endpoint));
}

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly Field[];
  readonly maxLength?: string;
}

/** BigQuery's REST API of the same server. */
export class Rest {
  readonly #url: string;

  constructor({ url }: Pick<RunningServer, 'url'>) {
    this.#url = `${url}/bigquery/v2/projects/${PROJECT}`;
  }

  async createTable(dataset: string, table: string, fields: readonly Field[]): Promise<void> {
    const made = await fetch(`${this.#url}/datasets`, post({ datasetReference: { datasetId: dataset } }));
    if (!made.ok && made.status !== 409) throw new Error(await made.text());
    await this.#ok(
      await fetch(
        `${this.#url}/datasets/${dataset}/tables`,
        post({ tableReference: { datasetId: dataset, tableId: table }, schema: { fields } }),
      ),
    );
  }

  async dropTable(dataset: string, table: string): Promise<void> {
    await this.#ok(await fetch(`${this.#url}/datasets/${dataset}/tables/${table}`, { method: 'DELETE' }));
  }

  async setColumns(dataset: string, table: string, fields: readonly Field[]): Promise<void> {
    const init = { ...post({ schema: { fields } }), method: 'PATCH' };
    await this.#ok(await fetch(`${this.#url}/datasets/${dataset}/tables/${table}`, init));
  }

  /** All rows, as REST writes values. */
  async rows(dataset: string, table: string): Promise<unknown[][]> {
    const rows: unknown[][] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const query: string = `formatOptions.useInt64Timestamp=true&pageToken=${token}`;
      const page = (await this.#ok(
        await fetch(`${this.#url}/datasets/${dataset}/tables/${table}/data?${query}`),
      )) as { rows?: { f: { v: unknown }[] }[]; pageToken?: string };
      for (const { f } of page.rows ?? []) rows.push(f.map(({ v }) => v));
      token = page.pageToken;
    }
    return rows;
  }

  async #ok(answer: Response): Promise<unknown> {
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

function post(body: unknown) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

export function tableName(dataset: string, table: string): string {
  return `projects/${PROJECT}/datasets/${dataset}/tables/${table}`;
}

/** One connection of AppendRows, without anything around it: each request has its answer. */
export class Appender {
  readonly #call: ReturnType<v1.BigQueryWriteClient['appendRows']>;
  readonly #waiting: { resolve(answer: AppendAnswer): void; reject(error: unknown): void }[] = [];
  #error: unknown;

  constructor(client: v1.BigQueryWriteClient, headers: Record<string, string> = {}) {
    this.#call = client.appendRows({ otherArgs: { headers } });
    this.#call.on('data', (answer: AppendAnswer) => this.#waiting.shift()?.resolve(answer));
    this.#call.on('error', (error: unknown) => {
      this.#error = error;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  append(request: AppendRequest): Promise<AppendAnswer> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#call.write(request);
    });
  }

  /** Rows that are written out already. */
  rows(writeStream: string, descriptor: Descriptor, rows: readonly Uint8Array[], offset?: number) {
    return this.append({
      writeStream,
      ...(offset === undefined ? {} : { offset: { value: offset } }),
      protoRows: { writerSchema: { protoDescriptor: descriptor }, rows: { serializedRows: [...rows] } },
    });
  }

  end(): void {
    this.#call.end();
  }
}
