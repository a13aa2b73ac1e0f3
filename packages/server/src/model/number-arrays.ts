type NumberArray = Float64Array | Int8Array | Uint8Array;

/**
 * The same plain data with its arrays of numbers as parts of one buffer: thousands of small buffers take longer to
 * send to a thread than all their numbers.
 */
export function inOneBuffer<Data>(data: Data): Data {
  let bytes = 0;
  each(data, (array) => {
    bytes += aligned(array.byteLength);
  });
  const buffer = new ArrayBuffer(bytes);
  let at = 0;
  return mapped(data, (array) => {
    const copy = viewOf(array, buffer, at);
    at += aligned(array.byteLength);
    return copy;
  }) as Data;
}

const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;

function viewOf(array: NumberArray, buffer: ArrayBuffer, at: number): NumberArray {
  const view =
    array instanceof Float64Array
      ? new Float64Array(buffer, at, array.length)
      : array instanceof Int8Array
        ? new Int8Array(buffer, at, array.length)
        : new Uint8Array(buffer, at, array.length);
  view.set(array);
  return view;
}

function isNumbers(one: unknown): one is NumberArray {
  return one instanceof Float64Array || one instanceof Int8Array || one instanceof Uint8Array;
}

function each(data: unknown, visit: (array: NumberArray) => void): void {
  if (isNumbers(data)) visit(data);
  else if (typeof data === 'object' && data !== null)
    for (const part of Object.values(data)) each(part, visit);
}

function mapped(data: unknown, map: (array: NumberArray) => NumberArray): unknown {
  if (isNumbers(data)) return map(data);
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map((one) => mapped(one, map));
  return Object.fromEntries(Object.entries(data).map(([name, part]) => [name, mapped(part, map)]));
}

/** The buffers of all arrays of numbers in plain data: they can move to a thread instead of being copied. */
export function buffersIn(data: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const walk = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    if (ArrayBuffer.isView(one)) {
      if (one.buffer instanceof ArrayBuffer) found.add(one.buffer);
    } else for (const part of Object.values(one)) walk(part);
  };
  walk(data);
  return [...found];
}
