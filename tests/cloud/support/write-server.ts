import { protos } from '@google-cloud/bigquery-storage';
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceError } from '@grpc/grpc-js';

const { AppendRowsRequest, AppendRowsResponse } = protos.google.cloud.bigquery.storage.v1;
export type AppendRequest = InstanceType<typeof AppendRowsRequest>;
type Answer = Parameters<typeof AppendRowsResponse.encode>[0];

export const CONFIRMED: Answer = { appendResult: {} };

/** What becomes of a request: an answer, none at all, or the end of the connection with an error. */
export type Reaction = Answer | 'silence' | Pick<ServiceError, 'code' | 'details'>;

export interface WriteServer {
  /** `127.0.0.1:PORT`, without TLS. */
  readonly endpoint: string;
  /** Rows of each request so far. */
  readonly requests: readonly AppendRequest[];
  readonly connections: number;
  react: (request: AppendRequest) => Reaction | Promise<Reaction>;
  /** Ends all connections, as the service does with those that idle. */
  endConnections(): void;
  stop(): void;
}

/** The Storage Write API's AppendRows and nothing else, answering as the test says: for what no emulator does. */
export async function startWriteServer(): Promise<WriteServer> {
  const requests: AppendRequest[] = [];
  const calls = new Set<Call>();
  let connections = 0;
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(
    {
      AppendRows: {
        path: '/google.cloud.bigquery.storage.v1.BigQueryWrite/AppendRows',
        requestStream: true,
        responseStream: true,
        requestSerialize: (request: AppendRequest) => Buffer.from(AppendRowsRequest.encode(request).finish()),
        requestDeserialize: (bytes: Buffer) => AppendRowsRequest.decode(bytes),
        responseSerialize: (answer: Answer) => Buffer.from(AppendRowsResponse.encode(answer).finish()),
        responseDeserialize: (bytes: Buffer) => AppendRowsResponse.decode(bytes),
      },
    },
    {
      AppendRows(call: Call) {
        connections++;
        calls.add(call);
        let answered = Promise.resolve();
        call.on('data', (request: AppendRequest) => {
          requests.push(request);
          answered = answered.then(async () => {
            const reaction = await writeServer.react(request);
            if (reaction === 'silence') return;
            if ('code' in reaction) call.emit('error', reaction);
            else call.write(reaction);
          });
        });
        call.on('end', () => call.end());
        call.on('cancelled', () => calls.delete(call));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const writeServer: WriteServer = {
    endpoint: `127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    react: () => CONFIRMED,
    endConnections() {
      for (const call of calls)
        call.emit('error', { code: 10, details: 'Closing the stream because of inactivity.' });
      calls.clear();
    },
    stop: () => server.forceShutdown(),
  };
  return writeServer;
}

type Call = ServerDuplexStream<AppendRequest, Answer>;
