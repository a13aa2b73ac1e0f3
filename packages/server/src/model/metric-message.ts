import type { SampleBatch } from './batch.js';
import { keepLastWrites } from './last-writes.js';
import type { Series } from './series.js';

/**
 * How samples travel through a queue. The data of a message is what `POST /metrics` takes, an array of items; its
 * attributes say by which version of these rules it was written and which shard its series belong to. A message
 * without attributes is a body of `POST /metrics` that somebody published by hand.
 */
export interface MetricMessage {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
}

const SCHEMA_VERSION = '1';
const CONTENT_TYPE = 'application/json';

export interface EncodeOptions {
  readonly lookup: (id: number) => Series | undefined;
  /** Messages carry `shard`, a number below this one; all samples of a series are in the same. */
  readonly shards: number;
  /** Most bytes of data in one message. */
  readonly dataBytesMax: number;
}

/**
 * Packs samples into as few messages as shards and size allow; of several values of one sample only the last is
 * sent, since messages have no order. Throws a RangeError for a series that the look-up does not know.
 */
export function encodeMessages(batch: SampleBatch, options: EncodeOptions): MetricMessage[] {
  const { seriesIds, timesMs, values } = keepLastWrites(batch);
  const packers = new Map<number, MessagePacker>();
  const messages: MetricMessage[] = [];
  for (let row = 0; row < values.length; row++) {
    const series = options.lookup(seriesIds[row]!);
    if (series === undefined) throw new RangeError(`series ${seriesIds[row]} is not known`);
    const parts = partsOf(series);
    const shard = parts.hash % options.shards;
    let packer = packers.get(shard);
    if (packer === undefined) {
      packer = new MessagePacker(shard, options.dataBytesMax, messages);
      packers.set(shard, packer);
    }
    packer.add(parts, `${timesMs[row]! / 1000}${parts.name}${values[row]!}`);
  }
  for (const packer of packers.values()) packer.finish();
  return messages;
}

class MessagePacker {
  readonly #attributes: MetricMessage['attributes'];
  readonly #bytesMax: number;
  readonly #messages: MetricMessage[];
  #items: string[] = [];
  #bytes = 0;

  constructor(shard: number, bytesMax: number, messages: MetricMessage[]) {
    this.#attributes = {
      schema_version: SCHEMA_VERSION,
      content_type: CONTENT_TYPE,
      shard: String(shard),
    };
    this.#bytesMax = bytesMax;
    this.#messages = messages;
  }

  /** `middle`: time, name and value; the rest of the item is the same for every sample of the series. */
  add(parts: SeriesParts, middle: string): void {
    // A bracket or comma in front of each item and a bracket at the end.
    const bytes = 1 + START.length + middle.length + parts.extraBytes + parts.end.length;
    if (this.#bytes > 0 && this.#bytes + bytes + 1 > this.#bytesMax) this.finish();
    this.#items.push(START + middle + parts.end);
    this.#bytes += bytes;
  }

  finish(): void {
    if (this.#bytes === 0) return;
    this.#messages.push({ data: Buffer.from(`[${this.#items.join(',')}]`), attributes: this.#attributes });
    this.#items = [];
    this.#bytes = 0;
  }
}

const START = '{"timestamp":';

/** What each item of a series has in common. */
interface SeriesParts {
  readonly hash: number;
  /** `,"latency":` */
  readonly name: string;
  /** `,"labels":{…}}` */
  readonly end: string;
  /** By how much their bytes exceed their characters. */
  readonly extraBytes: number;
}

const partsOfSeries = new WeakMap<Series, SeriesParts>();

function partsOf(series: Series): SeriesParts {
  let parts = partsOfSeries.get(series);
  if (parts === undefined) {
    const labels =
      Object.keys(series.labels).length === 0 ? '' : `,"labels":${JSON.stringify(series.labels)}`;
    const name = `,${JSON.stringify(series.name)}:`;
    const end = `${labels}}`;
    const extraBytes = Buffer.byteLength(name + end) - name.length - end.length;
    parts = { hash: fnv1a(series.key), name, end, extraBytes };
    partsOfSeries.set(series, parts);
  }
  return parts;
}

/** FNV-1a, 32 bits, of the text in UTF-8 (Fowler, Noll and Vo, 1991). */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Why the data of a message could not be read at all. */
export const UNREADABLE_REASONS = [
  'schema_version_unknown',
  'content_type_unknown',
  'empty',
  'not_json',
] as const;
export type UnreadableReason = (typeof UNREADABLE_REASONS)[number];

export type DecodedMessage =
  | { readonly ok: true; readonly items: unknown }
  | { readonly ok: false; readonly reason: UnreadableReason; readonly error: string };

/** The items of a message as they were sent; whether they are good is for whoever accepts items to say. */
export function decodeMessage(message: {
  data: Uint8Array;
  attributes: MetricMessage['attributes'];
}): DecodedMessage {
  const { schema_version: version, content_type: type } = message.attributes;
  if (version !== undefined && version !== SCHEMA_VERSION) {
    const error = `schema_version is "${version}"; this Seismo reads "${SCHEMA_VERSION}".`;
    return { ok: false, reason: 'schema_version_unknown', error };
  }
  if (type !== undefined && type !== CONTENT_TYPE) {
    const error = `content_type is "${type}"; this Seismo reads "${CONTENT_TYPE}".`;
    return { ok: false, reason: 'content_type_unknown', error };
  }
  if (message.data.length === 0) return { ok: false, reason: 'empty', error: 'The message has no data.' };
  try {
    return { ok: true, items: JSON.parse(UTF_8.decode(message.data)) as unknown };
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'its bytes are not UTF-8';
    return { ok: false, reason: 'not_json', error: `The data is not JSON: ${why}.` };
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
