import type { FastifySchema } from 'fastify';
import type { Schema } from './schema-type.js';
import { ErrorBody } from './schemas.js';

export type Tag = 'samples' | 'anomalies' | 'models' | 'live' | 'server' | 'session';

export interface RouteDescription {
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** Everything is open to a key unless told so. */
  readonly open?: boolean;
  /** Open to one service account, by its identity token, and to no key. */
  readonly identity?: boolean;
  readonly params?: Schema;
  readonly querystring?: Schema;
  readonly body?: Schema;
  /** The good answers by status; what they are is in the schema's description. */
  readonly answers: Readonly<Record<number, Schema>>;
  /** The other answers by status, each a sentence. */
  readonly errors?: Readonly<Record<number, string>>;
  readonly produces?: readonly string[];
}

const KEY_ERRORS = { 401: 'The key is missing or not known.', 403: 'The key may not do this.' };
const TOKEN_ERRORS = {
  401: 'The identity token is missing, or not right.',
  403: 'The identity token belongs to another account.',
};

/** One description for both: what a request is validated by and what the OpenAPI document says. */
export function describeRoute(route: RouteDescription): FastifySchema {
  const errors: Record<number, string> = {
    ...(route.open ? {} : route.identity ? TOKEN_ERRORS : KEY_ERRORS),
    ...(route.querystring === undefined ? {} : { 400: 'A parameter is unknown or wrong; `field` names it.' }),
    ...route.errors,
  };
  return {
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.open ? { security: [] } : {}),
    ...(route.identity ? { security: [{ identity: [] }] } : {}),
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.querystring === undefined ? {} : { querystring: route.querystring }),
    ...(route.body === undefined ? {} : { body: route.body }),
    ...(route.produces === undefined ? {} : { produces: [...route.produces] }),
    response: {
      ...route.answers,
      ...Object.fromEntries(
        Object.entries(errors).map(([status, description]) => [status, { ...ErrorBody, description }]),
      ),
    },
  };
}
