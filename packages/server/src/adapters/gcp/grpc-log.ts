import { format } from 'node:util';
import { setLogger } from '@grpc/grpc-js';
import type { Logger } from '../../logger.js';

/**
 * What gRPC says of itself (pings that a server refuses, a proxy that does not answer) becomes lines of our log instead
 * of bare text on standard error. Warnings at most: calls that fail tell so themselves. How much it says is set
 * by GRPC_VERBOSITY and GRPC_TRACE.
 */
export function writeGrpcLogTo(log: Logger): void {
  const line = (...parts: readonly unknown[]) => `gRPC: ${format(...parts)}`;
  setLogger({
    error: (...parts: readonly unknown[]) => log.warn({ event: 'grpc' }, line(...parts)),
    info: (...parts: readonly unknown[]) => log.info({ event: 'grpc' }, line(...parts)),
    debug: (...parts: readonly unknown[]) => log.info({ event: 'grpc' }, line(...parts)),
  });
}
