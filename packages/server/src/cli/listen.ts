import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';

type Address = Pick<Config, 'host' | 'port'>;

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

export function listenError(error: NodeJS.ErrnoException, config: Address): Error {
  if (error.code === 'EADDRINUSE') {
    return new AppError('address_in_use', `Port ${config.port} on ${config.host} is already in use.`, {
      field: '--port',
      hint: `Another Seismo may be running there; otherwise choose a port with --port, or --port 0 for a free one.`,
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new AppError('usage', `Port ${config.port} may not be opened by this user.`, {
      field: '--port',
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
