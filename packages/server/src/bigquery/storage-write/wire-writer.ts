/** Writes single fields of messages in the wire format of protocol buffers; a message is several of them joined. */

/** Negative numbers take ten bytes, as int32 and int64 do. */
export function numberField(field: number, value: number | bigint): Buffer {
  return Buffer.from([...varint(BigInt(field) << 3n), ...varint(BigInt.asUintN(64, BigInt(value)))]);
}

export function bytesField(field: number, value: Uint8Array | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([
    Buffer.from([...varint((BigInt(field) << 3n) | 2n), ...varint(BigInt(bytes.length))]),
    bytes,
  ]);
}

/** A text that is empty where it is not written. */
export function textField(field: number, value: string): Buffer {
  return value === '' ? Buffer.alloc(0) : bytesField(field, value);
}

export function messageField(field: number, ...fields: readonly Buffer[]): Buffer {
  return bytesField(field, Buffer.concat(fields));
}

/** google.protobuf.Timestamp. */
export function timestampField(field: number, timeMs: number): Buffer {
  const seconds = Math.floor(timeMs / 1000);
  return messageField(field, numberField(1, seconds), numberField(2, (timeMs - seconds * 1000) * 1_000_000));
}

/** google.protobuf.Int64Value: there even where it is 0. */
export function wrappedNumberField(field: number, value: number): Buffer {
  return messageField(field, ...(value === 0 ? [] : [numberField(1, value)]));
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return bytes;
}
