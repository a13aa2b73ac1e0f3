import type { OutgoingMessage } from './pubsub-emulator.js';

export interface BadMessage extends OutgoingMessage {
  readonly reason: string;
  /** What its text names besides. */
  readonly code?: string;
}

/** Messages that no retry makes right, each with the reason that its dead letter shall give. */
export function badMessages(timestamp: number): BadMessage[] {
  const item = (more: object) => JSON.stringify([{ timestamp, ...more }]);
  const sound = { schema_version: '1', content_type: 'application/json', shard: '0' };
  return [
    { data: 'timestamp=1,latency=2', reason: 'not_json' },
    { data: '[{"timestamp": 1', reason: 'not_json' },
    { data: Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28]), reason: 'not_json' },
    { data: '"a text"', reason: 'items_rejected', code: 'not_an_object' },
    { data: '[null, 7]', reason: 'items_rejected', code: 'not_an_object' },
    { data: '[{"latency": 1}]', reason: 'items_rejected', code: 'timestamp_missing' },
    {
      data: JSON.stringify([{ timestamp: timestamp * 1000, latency: 1 }]),
      reason: 'items_rejected',
      code: 'timestamp_in_milliseconds',
    },
    {
      data: JSON.stringify([{ timestamp: 86_400, latency: 1 }]),
      reason: 'items_rejected',
      code: 'timestamp_too_old',
    },
    {
      data: JSON.stringify([{ timestamp: timestamp + 864_000, latency: 1 }]),
      reason: 'items_rejected',
      code: 'timestamp_in_future',
    },
    { data: item({}), reason: 'items_rejected', code: 'no_values' },
    { data: item({ latency: 'slow' }), reason: 'items_rejected', code: 'value_not_finite' },
    { data: item({ 'bad name!': 1 }), reason: 'items_rejected', code: 'series_name_invalid' },
    { data: item({ latency: 1, labels: 'host=a' }), reason: 'items_rejected', code: 'labels_invalid' },
    {
      data: item({ latency: 1 }),
      attributes: { ...sound, schema_version: '2' },
      reason: 'schema_version_unknown',
    },
    {
      data: item({ latency: 1 }),
      attributes: { ...sound, content_type: 'application/x-protobuf' },
      reason: 'content_type_unknown',
    },
  ];
}
