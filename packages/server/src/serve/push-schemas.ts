import { Type } from './schema-type.js';

const Text = Type.Optional(Type.String());

/** What Pub/Sub posts to a push endpoint; some senders spell the names one way only. */
export const PushBody = Type.Object(
  {
    message: Type.Object({
      data: Text,
      attributes: Type.Optional(Type.Record(Type.String())),
      messageId: Text,
      message_id: Text,
      publishTime: Text,
      publish_time: Text,
    }),
    subscription: Text,
  },
  {
    examples: [
      {
        message: {
          data: 'eyJ0aW1lc3RhbXAiOiAxNzQzNTQ4MzMwLCAibGF0ZW5jeSI6IDMxMi4wfQ==',
          attributes: { schema_version: '1', content_type: 'application/json', shard: '3' },
          messageId: '2070443601311540',
          publishTime: '2025-04-01T22:58:50.916Z',
        },
        subscription: 'projects/my-project/subscriptions/metrics-push',
      },
    ],
  },
);
