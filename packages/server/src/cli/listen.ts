import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';

export const STORAGE_PORT_FLAG = '--bigquery-storage-port';

type Address = Pick<Config, 'host' | 'port'> & { readonly flag?: string };

/** Gives the address without a slash at the end; says in a sentence why it cannot be had. */
export async function listen(http: FastifyInstance, config: Address): Promise<string> {
  try {
    await http.listen({ host: config.host, port: config.port });
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, config);
  }
  const address = http.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
}

/** Before anything is made for a server that could not listen. */
export async function refuseTakenPort(config: Address): Promise<void> {
  const server = createServer();
  await new Promise<void>((free, taken) => {
    server.once('error', (error) => taken(listenError(error, config)));
    server.listen(config.port, config.host, () => server.close(() => free()));
  });
}

export async function refuseTakenPorts(config: Config): Promise<void> {
  await refuseTakenPort(config);
  await refuseTakenStoragePort(config);
}

export async function refuseTakenStoragePort({ host, bigqueryStoragePort: port }: Config): Promise<void> {
  if (port !== undefined) await refuseTakenPort({ host, port, flag: STORAGE_PORT_FLAG });
}

/** An error of the system in a sentence. */
export function listenError(error: NodeJS.ErrnoException, config: Address): Error {
  const { flag = '--port' } = config;
  if (error.code === 'EADDRINUSE') {
    return new AppError('address_in_use', `Port ${config.port} on ${config.host} is already in use.`, {
      field: flag,
      hint: `Another Seismo may be running there; otherwise choose a port with ${flag}, or ${flag} 0 for a free one.`,
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new AppError('usage', `Port ${config.port} may not be opened by this user.`, {
      field: flag,
      hint: 'Ports below 1024 belong to the administrator: choose a higher one.',
      cause: error,
    });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return new AppError('usage', `${config.host} is no address of this machine.`, {
      field: '--host',
      hint: 'Use 127.0.0.1 for this machine only, 0.0.0.0 for every network it is in.',
      cause: error,
    });
  }
  return error;
}

/** An address of every network is none that one can call. */
export function localUrl(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

/** Requests that still run after `drainMs` are cut off; none of them was acknowledged. */
export async function closeHttp(http: FastifyInstance, drainMs: number): Promise<void> {
  const cutOff = setTimeout(() => http.server.closeAllConnections(), drainMs);
  await http.close();
  clearTimeout(cutOff);
}
