import type { Config } from '../config.js';
import { AppError } from '../errors.js';

/** A public address without a key is a mistake unless it is said. */
export function refusePublicWithoutKey(config: Config): void {
  if (isLoopback(config.host) || config.apiKeys.length > 0 || config.insecure) return;
  if (config.auth === 'iam' || ASKS_FOR_TOKENS.has(config.role)) return;
  throw new AppError('usage', `Listening on ${config.host} without a key would let anybody read and write.`, {
    field: '--host',
    hint: config.onCloudRun
      ? 'Set SEISMO_API_KEYS=write:KEY, or SEISMO_AUTH=iam where Cloud Run asks for an identity.'
      : 'Set SEISMO_API_KEYS=write:KEY (or --api-key KEY); --insecure listens without, for networks that are ' +
        'closed by other means.',
  });
}

/** What these do needs an identity token; without keys their readers are turned away instead. */
const ASKS_FOR_TOKENS: ReadonlySet<Config['role']> = new Set(['processmetrics', 'migrate']);

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
