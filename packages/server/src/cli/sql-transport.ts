import type { ServerAddress } from './client-settings.js';
import { bodyOf, keyHeader, request } from './server-client.js';

export interface SqlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls BigQuery's API, wherever it answers. */
export interface SqlTransport {
  /** Where that is, for a person. */
  readonly place: string;
  /** `path` below the project. Rejects where no answer came; every answer is an answer. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<SqlAnswer>;
  close(): Promise<void>;
}

/** Every project that a client names is the server. */
export const PROJECT_PATH = '/bigquery/v2/projects/seismo/';

/** A running server. */
export function sqlOverHttp(server: ServerAddress): SqlTransport {
  return {
    place: server.url,
    async call(method, path, body) {
      const response = await request(server, `${PROJECT_PATH}${path}`, {
        method,
        headers: {
          ...keyHeader(server),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await bodyOf(response) };
    },
    async close() {},
  };
}
