import { createServer, type Socket } from 'node:net';
import type { WriteService, WriteServiceParts } from './write-service.js';

export interface StorageWriteServer {
  readonly port: number;
  /** Takes no more rows, answers for those that came, ends all connections. */
  stop(drainMs: number): Promise<void>;
}

/**
 * Listens for the Storage Write API. gRPC is loaded when the first connection comes: until then this is an open port and
 * nothing else. Rejects with the error of the system where the port cannot be had.
 */
export async function startStorageWrite(
  { host, port }: { readonly host: string; readonly port: number },
  parts: WriteServiceParts,
): Promise<StorageWriteServer> {
  let loading: Promise<WriteService> | undefined;
  const service = () => {
    loading ??= import('./write-service.js').then((module) => new module.WriteService(parts));
    return loading;
  };
  const connect = async (socket: Socket) => {
    // What the client says meanwhile waits in the socket.
    socket.once('error', () => socket.destroy());
    try {
      (await service()).connect(socket);
    } catch (error) {
      parts.log.error({ err: error }, 'The Storage Write API could not be started.');
      socket.destroy();
    }
  };
  const server = createServer({ noDelay: true }, (socket) => void connect(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async stop(drainMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await (await loading)?.stop(drainMs);
      await closed;
    },
  };
}
