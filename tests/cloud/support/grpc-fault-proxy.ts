import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { listenLocally } from '../../support/local-server.js';
import { count } from './http-fault-proxy.js';

/** Numbers of gRPC's statuses. */
export const GRPC_STATUS = {
  permissionDenied: 7,
  resourceExhausted: 8,
  internal: 13,
  unavailable: 14,
} as const;

export interface GrpcMessage {
  /** `/google.cloud.bigquery.storage.v1.BigQueryWrite/AppendRows` */
  readonly path: string;
  /** Counted from 0 over all streams. */
  readonly index: number;
}

/**
 * What goes wrong with a message to the server: `status`: its stream ends with that status, the message is not
 * forwarded; `slow`: forwarded after a while; `refused`: the connection is cut before it was forwarded;
 * `unanswered`: forwarded, and the connection is cut when its answer arrives; `half`: the same in the middle of it.
 */
export type GrpcFault =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'refused' | 'unanswered' | 'half' };

export interface GrpcFaultProxy {
  /** `127.0.0.1:PORT`, without TLS. */
  readonly endpoint: string;
  /** Which fault a message gets; undefined passes it on untouched. Replaced at any time. */
  faultOf: (message: GrpcMessage) => GrpcFault | undefined;
  /** Messages that got a fault, by its kind or `status N`. */
  readonly faults: Map<string, number>;
  readonly messages: number;
  stop(): Promise<void>;
}

/** Stands between a gRPC client and its server, both without TLS, and spoils what the test says. */
export async function startGrpcFaultProxy(target: string): Promise<GrpcFaultProxy> {
  const faults = new Map<string, number>();
  const sessions = new Set<ServerHttp2Session>();
  let messages = 0;
  let upstream: ClientHttp2Session | undefined;
  const upstreamSession = () => {
    if (upstream === undefined || upstream.closed || upstream.destroyed) {
      upstream = connect(`http://${target}`);
      upstream.on('error', () => undefined);
    }
    return upstream;
  };
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    const spoil = () => {
      const fault = proxy.faultOf({ path: String(headers[':path']), index: messages++ });
      if (fault !== undefined) count(faults, fault.kind === 'status' ? `status ${fault.status}` : fault.kind);
      return fault;
    };
    new ProxiedStream(stream, upstreamSession(), headers, spoil);
  });
  const port = await listenLocally(server);
  const proxy: GrpcFaultProxy = {
    endpoint: `127.0.0.1:${port}`,
    faultOf: () => undefined,
    faults,
    get messages() {
      return messages;
    },
    async stop() {
      for (const session of sessions) session.destroy();
      upstream?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** One call, unary or streaming, message by message. */
class ProxiedStream {
  readonly #down: ServerHttp2Stream;
  readonly #up: ClientHttp2Stream;
  readonly #spoil: () => GrpcFault | undefined;
  #work: Promise<void> = Promise.resolve();
  #trailers: IncomingHttpHeaders = {};
  #onAnswer: 'unanswered' | 'half' | undefined;

  constructor(
    down: ServerHttp2Stream,
    upstream: ClientHttp2Session,
    headers: IncomingHttpHeaders,
    spoil: () => GrpcFault | undefined,
  ) {
    this.#down = down;
    this.#spoil = spoil;
    this.#up = upstream.request(headers, { endStream: false });
    this.#forwardRequest();
    this.#forwardAnswer();
  }

  #forwardRequest(): void {
    let rest = Buffer.alloc(0);
    this.#down.on('data', (part: Buffer) => {
      rest = Buffer.concat([rest, part]);
      for (;;) {
        const length = messageLength(rest);
        if (length === undefined || rest.length < length) break;
        const message = rest.subarray(0, length);
        rest = rest.subarray(length);
        this.#inOrder(() => this.#forwardMessage(message));
      }
    });
    this.#down.on('end', () => this.#inOrder(async () => void this.#up.end()));
    this.#down.on('error', () => this.#leaveServer());
    this.#down.on('close', () => this.#leaveServer());
  }

  #inOrder(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch(() => this.#cut());
  }

  async #forwardMessage(message: Buffer): Promise<void> {
    if (this.#down.destroyed) return;
    const fault = this.#spoil();
    if (fault?.kind === 'refused') return this.#cut();
    if (fault?.kind === 'status') return this.#endWith(fault.status);
    if (fault?.kind === 'slow') await pause(fault.ms);
    if (fault?.kind === 'unanswered' || fault?.kind === 'half') this.#onAnswer = fault.kind;
    if (!this.#up.destroyed) this.#up.write(message);
  }

  #forwardAnswer(): void {
    const [down, up] = [this.#down, this.#up];
    up.on('response', (headers, flags) => {
      if (down.destroyed || down.headersSent) return;
      const endStream = (flags & 1) === 1;
      down.respond(headers, endStream ? { endStream } : { waitForTrailers: true });
    });
    down.on('wantTrailers', () => down.sendTrailers(this.#trailers));
    up.on('trailers', (trailers) => {
      this.#trailers = trailers;
    });
    up.on('data', (part: Buffer) => {
      if (down.destroyed || down.writableEnded) return;
      if (this.#onAnswer === 'unanswered') return this.#cut();
      if (this.#onAnswer === 'half') {
        down.write(part.subarray(0, Math.ceil(part.length / 2)), () => this.#cut());
        return;
      }
      down.write(part);
    });
    up.on('end', () => {
      if (!down.destroyed && down.headersSent) down.end();
    });
    up.on('error', () => this.#endWith(GRPC_STATUS.unavailable));
  }

  #endWith(status: number): void {
    const trailers = { 'grpc-status': String(status), 'grpc-message': `Made to fail with status ${status}.` };
    if (this.#down.destroyed) return;
    if (this.#down.headersSent) {
      this.#trailers = trailers;
      this.#down.end();
    } else {
      this.#down.respond(
        { ':status': 200, 'content-type': 'application/grpc', ...trailers },
        { endStream: true },
      );
    }
    this.#leaveServer();
  }

  /** Ends the request in peace: the emulator holds a thread, of which it has few, for every call that is broken off. */
  #leaveServer(): void {
    if (!this.#up.destroyed && !this.#up.writableEnded) this.#up.end();
  }

  /** The whole connection, as a network does. */
  #cut(): void {
    this.#leaveServer();
    this.#down.session?.destroy();
  }
}

/** With its five bytes of prefix; undefined while those have not arrived. */
function messageLength(bytes: Buffer): number | undefined {
  return bytes.length < 5 ? undefined : 5 + bytes.readUInt32BE(1);
}
