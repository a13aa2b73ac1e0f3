import { credentials } from '@grpc/grpc-js';

/** The domain of Google's services; named, so that no client asks a metadata server for it. */
const UNIVERSE = 'googleapis.com';

/** Options of a gRPC client for an emulator at `host:port`: without TLS and credentials. */
export function emulatorOptions(hostAndPort: string) {
  const at = hostAndPort.lastIndexOf(':');
  return {
    apiEndpoint: hostAndPort.slice(0, at),
    port: Number(hostAndPort.slice(at + 1)),
    sslCreds: credentials.createInsecure(),
    clientOptions: { universeDomain: UNIVERSE },
  };
}
