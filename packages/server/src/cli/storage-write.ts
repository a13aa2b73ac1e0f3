import type { IncomingHttpHeaders } from 'node:http';
import type { LazyEndpoint } from '../bigquery/rest/lazy-endpoint.js';
import {
  type StorageWriteServer,
  startStorageWrite,
} from '../bigquery/storage-write/storage-write-server.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { Readiness } from '../ports/ingest.js';
import { ApiKeys, keyOfRequest } from '../serve/security/api-keys.js';
import { FailedSignIns } from '../serve/security/failed-sign-ins.js';
import { listenError, STORAGE_PORT_FLAG } from './listen.js';

export interface StorageWriteParts {
  readonly endpoint: LazyEndpoint;
  readonly clock: Clock;
  readonly readiness: () => Readiness;
}

/** The Storage Write API on the port that --bigquery-storage-port names; undefined where it names none. */
export async function openStorageWrite(
  config: Config,
  { endpoint, clock, readiness }: StorageWriteParts,
): Promise<StorageWriteServer | undefined> {
  const { host, bigqueryStoragePort: port, apiKeys } = config;
  if (port === undefined) return undefined;
  const parts = {
    open: () => endpoint.open(),
    authorize: writeAccess(new ApiKeys(apiKeys, apiKeys.length > 0), new FailedSignIns(() => clock.nowMs())),
    readiness,
    log: endpoint.log,
  };
  try {
    return await startStorageWrite({ host, port }, parts);
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, { host, port, flag: STORAGE_PORT_FLAG });
  }
}

/** Throws for a call that carries no key that may write, where there are keys. */
function writeAccess(
  keys: ApiKeys,
  failedSignIns: FailedSignIns,
): (headers: IncomingHttpHeaders, address: string) => void {
  return (headers, address) => {
    if (!keys.required) return;
    const sent = keyOfRequest(headers);
    if (sent === undefined) {
      throw new AppError('unauthorized', 'This needs a key.', {
        hint: 'Send one of the keys that the server was started with as metadata: authorization: Bearer KEY.',
      });
    }
    const known = keys.find(sent.key);
    const waitSeconds = failedSignIns.waitSeconds(address);
    if (waitSeconds > 0 && (known === undefined || !failedSignIns.isTrusted(address, known.index))) {
      throw new AppError('too_many_requests', 'Too many wrong keys came from this address.', {
        hint: `Try again in ${waitSeconds} s.`,
      });
    }
    if (known === undefined) {
      failedSignIns.failed(address);
      throw new AppError('unauthorized', 'The key is not known.');
    }
    failedSignIns.succeeded(address, known.index);
    if (known.access !== 'write') throw new AppError('forbidden', 'This key may only read.');
  };
}
