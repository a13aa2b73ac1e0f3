import { REJECT_CODES } from '../ports/ingest.js';
import { Type } from './schema-type.js';

/** What `POST /metrics` takes and answers, as documented; the items themselves are judged one by one by `accept`. */

const SAMPLE_EXAMPLE = { timestamp: 1743548330, latency: 312.0, cpu: 100 };
const LABELLED_EXAMPLE = {
  timestamp: '2025-04-01T22:58:51.250Z',
  latency: 287.5,
  labels: { service: 'checkout' },
};

const MetricsItem = Type.Object(
  {
    timestamp: Type.Union([Type.Number(), Type.String({ format: 'date-time' })], {
      description: 'Seconds since 1970, whole or with a fraction, or an RFC 3339 time.',
    }),
    labels: Type.Optional(
      Type.Record(Type.String(), {
        description: 'At most 30; they become part of the series, as in `latency{service="checkout"}`.',
      }),
    ),
  },
  {
    additionalProperties: Type.Number(),
    description:
      'Every numeric field beside `timestamp` is a sample of the series of that name ' +
      '(`[A-Za-z_][A-Za-z0-9_.:/-]*`, at most 200 characters).',
  },
);

export const MetricsBody = Type.Union([MetricsItem, Type.Array(MetricsItem)], {
  description: 'One object or an array of them, at most 16 MiB; `Content-Encoding: gzip` is understood.',
  examples: [SAMPLE_EXAMPLE, LABELLED_EXAMPLE, [SAMPLE_EXAMPLE, LABELLED_EXAMPLE]],
});

const Rejected = Type.Array(
  Type.Object({
    index: Type.Integer({ description: 'Place in the array that was sent; 0 for a single object.' }),
    field: Type.Optional(
      Type.String({ description: 'The field of that item; absent when the whole is bad.' }),
    ),
    code: Type.Union(REJECT_CODES.map((code) => Type.Literal(code))),
    message: Type.String(),
  }),
  { description: 'At most 1,000; `rejected_count` counts all.' },
);

export const AcceptedBody = Type.Object(
  {
    accepted: Type.Integer({ description: 'Samples that are durable now.' }),
    rejected: Type.Optional(Rejected),
    rejected_count: Type.Optional(Type.Integer()),
  },
  { description: 'Stored. `rejected` is there when a part was bad.' },
);

export const NothingAcceptedBody = Type.Object(
  {
    error: Type.Object({
      code: Type.String(),
      message: Type.String(),
      field: Type.Optional(Type.String()),
      hint: Type.Optional(Type.String()),
    }),
    accepted: Type.Optional(Type.Literal(0)),
    rejected: Type.Optional(Rejected),
    rejected_count: Type.Optional(Type.Integer()),
  },
  { description: 'Nothing was stored; the list says why.' },
);
