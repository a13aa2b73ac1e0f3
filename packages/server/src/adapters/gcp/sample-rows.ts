import type { SampleBatch } from '../../model/batch.js';
import { keepLastWrites } from '../../model/last-writes.js';
import type { Series } from '../../model/series.js';
import type { BatchOrigin } from '../../ports/sample-store.js';

/** Of protocol buffers' descriptor.proto. */
const OPTIONAL = 1;
const TYPE = { double: 1, int64: 3, string: 9 } as const;

/** The columns of the table `samples` as the Storage Write API wants them described; the order numbers them. */
const COLUMNS = [
  ['time', TYPE.int64],
  ['series', TYPE.string],
  ['name', TYPE.string],
  ['labels', TYPE.string],
  ['value', TYPE.double],
  ['ingest_time', TYPE.int64],
  ['message_id', TYPE.string],
] as const;

export const SAMPLE_ROW_DESCRIPTOR = {
  name: 'Sample',
  field: COLUMNS.map(([name, type], i) => ({ name, number: i + 1, label: OPTIONAL, type })),
};

/** First byte of each field: its number and how its value is written. */
const TAG = {
  time: 0x08,
  series: 0x12,
  name: 0x1a,
  labels: 0x22,
  value: 0x29,
  ingestTime: 0x30,
  messageId: 0x3a,
};
/** Tag and the longest number. */
const NUMBER_BYTES_MAX = 11;
const DOUBLE_BYTES = 9;

/**
 * The rows of a batch, written out: nothing of the batch is held. Of several values of one sample only the last is
 * kept, since all rows of a message are equally old to the table. Written by hand because it is done for every
 * sample: a row is one number, a copy of its series' bytes, and a copy of its message's.
 */
export function encodeRows(
  given: SampleBatch,
  lookup: (id: number) => Series | undefined,
  origin: BatchOrigin,
): Buffer[] {
  const { seriesIds, timesMs, values } = keepLastWrites(given);
  const ending = endingOf(origin);
  const series = Array.from(seriesIds, (id) => bytesOf(id, lookup));
  const bytesMax = series.reduce((sum, { length }) => sum + length, 0);
  const buffer = Buffer.allocUnsafe(
    bytesMax + values.length * (NUMBER_BYTES_MAX + DOUBLE_BYTES + ending.length),
  );
  const rows = new Array<Buffer>(values.length);
  let at = 0;
  for (let row = 0; row < values.length; row++) {
    const start = at;
    buffer[at++] = TAG.time;
    at = writeMicros(buffer, at, timesMs[row]!);
    at += series[row]!.copy(buffer, at);
    buffer[at++] = TAG.value;
    at = buffer.writeDoubleLE(values[row]!, at);
    at += ending.copy(buffer, at);
    rows[row] = buffer.subarray(start, at);
  }
  return rows;
}

const seriesBytes = new WeakMap<Series, Buffer>();

function bytesOf(id: number, lookup: (id: number) => Series | undefined): Buffer {
  const series = lookup(id);
  if (series === undefined) throw new RangeError(`series ${id} is not known`);
  let bytes = seriesBytes.get(series);
  if (bytes === undefined) {
    const labels = JSON.stringify(series.labels, Object.keys(series.labels).sort());
    bytes = Buffer.concat([
      textField(TAG.series, series.key),
      textField(TAG.name, series.name),
      textField(TAG.labels, labels),
    ]);
    seriesBytes.set(series, bytes);
  }
  return bytes;
}

function endingOf({ messageId, publishedMs }: BatchOrigin): Buffer {
  const time = Buffer.alloc(NUMBER_BYTES_MAX);
  time[0] = TAG.ingestTime;
  const length = writeMicros(time, 1, publishedMs);
  return Buffer.concat([time.subarray(0, length), textField(TAG.messageId, messageId)]);
}

function textField(tag: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(NUMBER_BYTES_MAX);
  head[0] = tag;
  const length = writeVarint(head, 1, bytes.length);
  return Buffer.concat([head.subarray(0, length), bytes]);
}

/** Microseconds since 1970 as a varint; gives the place behind it. */
function writeMicros(buffer: Buffer, at: number, timeMs: number): number {
  const micros = timeMs * 1000;
  if (micros >= 0 && micros <= Number.MAX_SAFE_INTEGER) return writeVarint(buffer, at, micros);
  return writeVarint64(buffer, at, BigInt.asUintN(64, BigInt(timeMs) * 1000n));
}

/** A number below 2^53, seven bits a byte, the lowest first. */
function writeVarint(buffer: Buffer, start: number, number: number): number {
  let at = start;
  let rest = number;
  while (rest > 0x7fffffff) {
    buffer[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    buffer[at++] = (rest & 127) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

function writeVarint64(buffer: Buffer, start: number, number: bigint): number {
  let at = start;
  let rest = number;
  while (rest > 127n) {
    buffer[at++] = Number(rest & 127n) | 0x80;
    rest >>= 7n;
  }
  buffer[at++] = Number(rest);
  return at;
}
