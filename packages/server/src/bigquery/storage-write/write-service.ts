import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import {
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from '../../logger.js';
import type { Readiness } from '../../ports/ingest.js';
import type { Endpoint } from '../rest/endpoint.js';
import { AppendCall, type AppendStream, REQUEST_BYTES_MAX, Waiting } from './append-call.js';
import {
  batchCommittedMessage,
  finalizedMessage,
  flushedMessage,
  statusMessage,
  writeStreamMessage,
} from './write-answers.js';
import { asWriteError, type WriteError } from './write-error.js';
import {
  parsed,
  readCommitRequest,
  readCreateRequest,
  readFlushRequest,
  readNameRequest,
} from './write-requests.js';
import { WriteStreams } from './write-streams.js';

const SERVICE = '/google.cloud.bigquery.storage.v1.BigQueryWrite/';
/** Larger ones are refused by name; only what is far beyond is refused before it is read. */
const MESSAGE_BYTES_MAX = 2 * REQUEST_BYTES_MAX;

export interface WriteServiceParts {
  readonly open: () => Promise<Pick<Endpoint, 'catalog' | 'ingest' | 'clock' | 'engine'>>;
  /** Throws an AppError for whom may not write. */
  readonly authorize: (headers: IncomingHttpHeaders, address: string) => void;
  /** Whether anything can be stored. */
  readonly readiness: () => Readiness;
  readonly log: Logger;
  /** What all connections together may have waiting. Default 128 MiB. */
  readonly waitingBytesMax?: number;
}

type Unary = (streams: WriteStreams, request: Buffer) => Promise<Buffer>;

/** google.cloud.bigquery.storage.v1.BigQueryWrite on connections that are handed to it. */
export class WriteService {
  readonly #parts: WriteServiceParts;
  readonly #server: Server;
  readonly #injector: ReturnType<Server['createConnectionInjector']>;
  readonly #waiting: Waiting;
  readonly #calls = new Set<AppendCall>();
  #streams: Promise<WriteStreams> | undefined;

  constructor(parts: WriteServiceParts) {
    this.#parts = parts;
    this.#waiting = new Waiting(parts.waitingBytesMax);
    this.#server = new Server({
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc-node.flow_control_window': 4 * 1024 * 1024,
    });
    this.#server.addService(definition(), this.#handlers());
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  connect(socket: Socket): void {
    this.#injector.injectConnection(socket);
  }

  /** Answers what has come, waits at most so long, ends all connections. */
  async stop(drainMs: number): Promise<void> {
    const answered = Promise.all([...this.#calls].map((call) => call.stop()));
    const ended = answered.then(
      () => new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve())),
    );
    const cutOff = setTimeout(() => this.#server.forceShutdown(), drainMs);
    await ended;
    clearTimeout(cutOff);
    await this.#streams?.then(
      (streams) => streams.close(),
      () => {},
    );
  }

  #opened(): Promise<WriteStreams> {
    this.#streams ??= this.#parts
      .open()
      .then((endpoint) => WriteStreams.open(endpoint))
      .catch((error: unknown) => {
        this.#streams = undefined;
        throw error;
      });
    return this.#streams;
  }

  #handlers(): UntypedServiceImplementation {
    return {
      AppendRows: (call: AppendStream) => void this.#append(call),
      CreateWriteStream: this.#unary(async (streams, request) => {
        const { parent, type } = parsed(readCreateRequest, request);
        return writeStreamMessage(await streams.create(parent, type));
      }),
      GetWriteStream: this.#unary(async (streams, request) => {
        const { name, view } = parsed(readNameRequest, request);
        return writeStreamMessage(streams.get(name, view === 2));
      }),
      FinalizeWriteStream: this.#unary(async (streams, request) =>
        finalizedMessage(await streams.finalize(parsed(readNameRequest, request).name)),
      ),
      BatchCommitWriteStreams: this.#unary(async (streams, request) => {
        const { parent, writeStreams } = parsed(readCommitRequest, request);
        return batchCommittedMessage(await streams.commit(parent, writeStreams));
      }),
      FlushRows: this.#unary(async (streams, request) => {
        const { writeStream, offset } = parsed(readFlushRequest, request);
        return flushedMessage(await streams.flush(writeStream, offset));
      }),
    };
  }

  async #append(call: AppendStream): Promise<void> {
    const fail = (ending: AppendStream, error: WriteError) => void ending.emit('error', asStatus(error));
    try {
      this.#authorize(call);
      const streams = await this.#opened();
      const { log, readiness } = this.#parts;
      const onOver = (over: AppendCall) => this.#calls.delete(over);
      this.#calls.add(
        new AppendCall(call, { streams, waiting: this.#waiting, readiness, log, fail, onOver }),
      );
    } catch (error) {
      fail(call, this.#explained(error));
    }
  }

  #unary(answer: Unary) {
    return async (call: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>): Promise<void> => {
      try {
        this.#authorize(call);
        send(null, await answer(await this.#opened(), call.request));
      } catch (error) {
        send(asStatus(this.#explained(error)));
      }
    };
  }

  #authorize(call: Pick<ServerUnaryCall<Buffer, Buffer>, 'metadata' | 'getPeer'>): void {
    const { authorization, 'x-api-key': key } = call.metadata.getMap();
    const headers = {
      ...(authorization === undefined ? {} : { authorization: String(authorization) }),
      ...(key === undefined ? {} : { 'x-api-key': String(key) }),
    };
    this.#parts.authorize(headers, call.getPeer().replace(/:\d+$/, ''));
  }

  #explained(error: unknown): WriteError {
    const explained = asWriteError(error);
    if (explained.code === 13)
      this.#parts.log.error({ err: error }, 'A call of the Storage Write API failed.');
    return explained;
  }
}

function asStatus(error: WriteError) {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', statusMessage(error));
  return Object.assign(new Error(error.message), { code: error.code, details: error.message, metadata });
}

function definition(): Record<string, MethodDefinition<Buffer, Buffer>> {
  const asIs = (bytes: Buffer) => bytes;
  const method = (name: string, stream = false): MethodDefinition<Buffer, Buffer> => ({
    path: `${SERVICE}${name}`,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  });
  return {
    AppendRows: method('AppendRows', true),
    CreateWriteStream: method('CreateWriteStream'),
    GetWriteStream: method('GetWriteStream'),
    FinalizeWriteStream: method('FinalizeWriteStream'),
    BatchCommitWriteStreams: method('BatchCommitWriteStreams'),
    FlushRows: method('FlushRows'),
  };
}
