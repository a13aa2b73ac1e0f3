import { setTimeout as pause } from 'node:timers/promises';
import type { BigQueryWriteClient } from '@google-cloud/bigquery-storage';
import { AppError, ERROR_TABLE } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { SampleBatch } from '../../model/batch.js';
import type { Series } from '../../model/series.js';
import type { Clock } from '../../ports/clock.js';
import type { BatchOrigin, SampleWriter } from '../../ports/sample-store.js';
import { AppendConnection, BadRowsError } from './append-connection.js';
import { GroupQueue } from './group-queue.js';
import { encodeRows, SAMPLE_ROW_DESCRIPTOR } from './sample-rows.js';

/** Rows wait written out, some 200 B each with what Node adds. */
const QUEUE_ROWS_MAX = 200_000;
const GROUP_ROWS_MAX = 50_000;
const GROUPS_MAX = 4;
/** Below the limit of 10 MB for one request. */
const REQUEST_BYTES_MAX = 8_000_000;
/** Length and tag of a row within its request. */
const ROW_OVERHEAD_BYTES = 6;
const ANSWER_MS_MAX = 20_000;
/** A connection that idled is ended by the server, which shows only at the next request. */
const RETRY_AFTER_MS = 100;

export interface BigQuerySampleWriterOptions {
  readonly project: string;
  readonly dataset: string;
  readonly lookup: (id: number) => Series | undefined;
  readonly clock: Clock;
  /** `host:port` of an emulator of the Storage Write API, called without TLS and credentials. */
  readonly endpoint?: string | undefined;
  readonly onAppendSeconds?: (seconds: number) => void;
  /** Samples that may wait to be stored. Default 200,000. */
  readonly queueRowsMax?: number;
  /** Longest wait for one answer of BigQuery. Default 20 s. */
  readonly answerMsMax?: number;
  readonly log: Logger;
}

export interface BigQuerySampleWriter extends SampleWriter {
  /** Stores what waits; later calls are refused with `not_ready`. */
  close(): Promise<void>;
}

/**
 * Appends samples to the table `samples` over the Storage Write API, at least once each; the table's readers remove
 * repeats. Of two values of one sample the one of the later message counts; without an origin a batch is as old as
 * the call. Fails with `bad_request` for rows that the table never takes, otherwise with errors worth a retry.
 */
export async function openBigQuerySampleWriter(
  options: BigQuerySampleWriterOptions,
): Promise<BigQuerySampleWriter> {
  const client = await openClient(options);
  const { project, dataset } = options;
  const connection = new AppendConnection(client, {
    table: `projects/${project}/datasets/${dataset}/tables/samples`,
    rowDescriptor: SAMPLE_ROW_DESCRIPTOR,
    answerMsMax: options.answerMsMax ?? ANSWER_MS_MAX,
  });
  return new GroupWriter(connection, options, () => client.close());
}

async function openClient({
  project,
  endpoint,
  log,
}: BigQuerySampleWriterOptions): Promise<BigQueryWriteClient> {
  // The package's own entry loads every client it has; a service starts faster with the one it needs.
  const { BigQueryWriteClient } = await import(
    '@google-cloud/bigquery-storage/build/src/v1/big_query_write_client.js'
  );
  (await import('./grpc-log.js')).writeGrpcLogTo(log);
  const emulator = endpoint === undefined ? {} : (await import('./emulator.js')).emulatorOptions(endpoint);
  const client = new BigQueryWriteClient({
    projectId: project,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    ...emulator,
  });
  await client.initialize();
  return client;
}

/** The rows of one call of append. */
interface Rows {
  readonly rows: readonly Buffer[];
}

/** Rows of several calls in one request. */
interface Request {
  readonly rows: Buffer[];
  readonly owners: Rows[];
}

class GroupWriter implements BigQuerySampleWriter {
  readonly #connection: Pick<AppendConnection, 'append' | 'close'>;
  readonly #options: BigQuerySampleWriterOptions;
  readonly #closeClient: () => Promise<void>;
  readonly #queue: GroupQueue<Rows>;

  constructor(
    connection: Pick<AppendConnection, 'append' | 'close'>,
    options: BigQuerySampleWriterOptions,
    closeClient: () => Promise<void>,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#closeClient = closeClient;
    this.#queue = new GroupQueue<Rows>({
      rowsOf: ({ rows }) => rows.length,
      rowsMax: options.queueRowsMax ?? QUEUE_ROWS_MAX,
      groupRowsMax: GROUP_ROWS_MAX,
      groupsMax: GROUPS_MAX,
      write: (items) => this.#writeGroup(items),
    });
  }

  async append(batch: SampleBatch, origin?: BatchOrigin): Promise<undefined> {
    const from = origin ?? { messageId: '', publishedMs: this.#options.clock.nowMs() };
    await this.#queue.add({ rows: encodeRows(batch, this.#options.lookup, from) });
    return undefined;
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#connection.close();
    await this.#closeClient();
  }

  async #writeGroup(items: readonly Rows[]): Promise<ReadonlyMap<Rows, unknown>> {
    const startMs = performance.now();
    const failed = new Map<Rows, unknown>();
    await Promise.all(packRequests(items).map((request) => this.#write(request, failed)));
    this.#options.onAppendSeconds?.((performance.now() - startMs) / 1000);
    return failed;
  }

  /** Bad rows fail the call they came with; the rest of the request is written without them. */
  async #write({ rows, owners }: Request, failed: Map<Rows, unknown>): Promise<void> {
    try {
      await this.#appendTwice(rows);
    } catch (error) {
      const faults = error instanceof BadRowsError ? error.faults : [];
      for (const { row, message } of faults) {
        const owner = owners[row];
        if (owner !== undefined && !failed.has(owner)) failed.set(owner, refused(message));
      }
      const rest = packRequests([...new Set(owners)].filter((owner) => !failed.has(owner)));
      if (faults.length === 0 || rest.flatMap((one) => one.rows).length >= rows.length) {
        for (const owner of owners) if (!failed.has(owner)) failed.set(owner, asAppError(error));
        return;
      }
      for (const request of rest) await this.#write(request, failed);
    }
  }

  /** Once more where the connection failed, since the first try may have found it ended already. */
  async #appendTwice(rows: readonly Buffer[]): Promise<void> {
    try {
      await this.#connection.append(rows);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unreachable') throw error;
      await pause(RETRY_AFTER_MS);
      await this.#connection.append(rows);
    }
  }
}

function packRequests(items: readonly Rows[]): Request[] {
  const requests: Request[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    for (const row of item.rows) {
      const size = row.length + ROW_OVERHEAD_BYTES;
      if (bytes + size > REQUEST_BYTES_MAX) {
        requests.push({ rows: [], owners: [] });
        bytes = 0;
      }
      const request = requests.at(-1)!;
      request.rows.push(row);
      request.owners.push(item);
      bytes += size;
    }
  }
  return requests;
}

function refused(message: string): AppError {
  return new AppError('bad_request', `BigQuery refuses a sample of this message: ${message}`, {
    hint: 'Sending it again does not help.',
  });
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError && ERROR_TABLE[error.code].retry) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('unreachable', `BigQuery could not be written to: ${message}`, { cause: error });
}
