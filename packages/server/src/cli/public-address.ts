import type { Config } from '../config.js';
import { AppError } from '../errors.js';

/** A public address without a key is a mistake unless it is said. */
export function refusePublicWithoutKey(config: Config): void {
  if (isLoopback(config.host) || config.apiKeys.length > 0 || config.insecure) return;
  throw new AppError('usage', `Listening on ${config.host} without a key would let anybody read and write.`, {
    field: '--host',
    hint:
      'Set SEISMO_API_KEYS=write:KEY (or --api-key KEY); --insecure listens without, for networks that are ' +
      'closed by other means.',
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
