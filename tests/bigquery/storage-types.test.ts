import type { v1 } from '@google-cloud/bigquery-storage';
import { bytesField, messageField, numberField } from '@seismo/server/bigquery/storage-write/wire-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Appender,
  type Field,
  LABEL,
  Rest,
  type StorageServer,
  startStorageServer,
  TYPE,
  tableName,
  writeClient,
} from './support/storage-harness.js';

const DATASET = 'types';
let server: StorageServer;
let rest: Rest;
let client: v1.BigQueryWriteClient;
let tables = 0;

beforeAll(async () => {
  server = await startStorageServer();
  rest = new Rest(server);
  client = writeClient(server.endpoint);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

interface ProtoField {
  readonly name: string;
  readonly number: number;
  readonly type: number;
  readonly label?: number;
  readonly typeName?: string;
}
interface Message {
  readonly name: string;
  readonly field: readonly ProtoField[];
  readonly nestedType?: readonly Message[];
  readonly enumType?: readonly { name: string; value: readonly { name: string; number: number }[] }[];
}

const proto = (name: string, number: number, type: number, more: Partial<ProtoField> = {}): ProtoField => ({
  label: LABEL.optional,
  name,
  number,
  type,
  ...more,
});

const message = (given: Message) => given as Parameters<Appender['rows']>[1];

/** Writes rows to a new table of these columns; gives what was answered and what is in the table then. */
async function write(fields: readonly Field[], descriptor: Message, rows: readonly Uint8Array[]) {
  const table = `t${++tables}`;
  await rest.createTable(DATASET, table, fields);
  const appender = new Appender(client);
  const answer = await appender.rows(
    `${tableName(DATASET, table)}/streams/_default`,
    message(descriptor),
    rows,
  );
  appender.end();
  return { answer, rows: await rest.rows(DATASET, table) };
}

/** A value of one column by one field. */
async function single(
  column: Omit<Field, 'name'>,
  field: Partial<ProtoField>,
  value: Buffer,
  more: Partial<Message> = {},
) {
  const descriptor = { name: 'Row', field: [proto('v', 1, TYPE.string, field)], ...more };
  const { answer, rows } = await write([{ name: 'v', ...column }], descriptor, [value]);
  return answer.error ? (answer.rowErrors?.[0]?.message ?? answer.error.message) : rows[0]![0];
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9, (field << 3) | 1);
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(5, (field << 3) | 5);
  bytes.writeFloatLE(value, 1);
  return bytes;
}

const PROTO = { ...TYPE, float: 2, uint64: 4, uint32: 13, sint64: 18, fixed64: 6 } as const;
const MICROS = 1_700_000_000_123_456n;
const NOON = (12n << 12n) | (34n << 6n) | 56n;
/** 2026-01-31 12:34:56.000007, as CivilTimeEncoder packs it. */
const CIVIL = (((2026n << 26n) | (1n << 22n) | (31n << 17n) | NOON) << 20n) | 7n;

// What BigQuery takes: https://cloud.google.com/bigquery/docs/supported-data-types
describe('values of each type', () => {
  it.each([
    ['INTEGER', PROTO.int64, numberField(1, 2n ** 63n - 1n), '9223372036854775807'],
    ['INTEGER', PROTO.int64, numberField(1, -(2n ** 63n)), '-9223372036854775808'],
    ['INTEGER', PROTO.int64, numberField(1, -1), '-1'],
    ['INTEGER', PROTO.int64, numberField(1, -(2n ** 53n) - 1n), '-9007199254740993'],
    ['INTEGER', PROTO.int32, numberField(1, -5), '-5'],
    ['INTEGER', PROTO.uint32, numberField(1, 2 ** 32 - 1), '4294967295'],
    ['INTEGER', PROTO.sint64, numberField(1, 3), '-2'],
    ['INTEGER', PROTO.enum, numberField(1, 7), '7'],
    ['FLOAT', PROTO.double, double(1, 0.1), '0.1'],
    ['FLOAT', PROTO.float, float(1, 0.5), '0.5'],
    ['BOOLEAN', PROTO.bool, numberField(1, 1), 'true'],
    ['BOOLEAN', PROTO.int32, numberField(1, 0), 'false'],
    ['STRING', PROTO.string, bytesField(1, 'Grüße 🌍'), 'Grüße 🌍'],
    ['STRING', PROTO.string, bytesField(1, ''), ''],
    ['BYTES', PROTO.bytes, bytesField(1, Buffer.from([0, 255, 128])), 'AP+A'],
    ['BYTES', PROTO.string, bytesField(1, 'abc'), 'YWJj'],
    ['DATE', PROTO.int32, numberField(1, -719_162), '0001-01-01'],
    ['DATE', PROTO.int64, numberField(1, 2_932_896), '9999-12-31'],
    ['DATE', PROTO.string, bytesField(1, '2026-01-31'), '2026-01-31'],
    ['TIMESTAMP', PROTO.int64, numberField(1, MICROS), String(MICROS)],
    ['TIMESTAMP', PROTO.int64, numberField(1, -1), '-1'],
    ['DATETIME', PROTO.string, bytesField(1, '2026-01-31 12:34:56.000007'), '2026-01-31T12:34:56.000007'],
    ['DATETIME', PROTO.int64, numberField(1, CIVIL), '2026-01-31T12:34:56.000007'],
    ['TIME', PROTO.string, bytesField(1, '12:34:56'), '12:34:56'],
    ['TIME', PROTO.int64, numberField(1, (NOON << 20n) | 500_000n), '12:34:56.500000'],
    [
      'NUMERIC',
      PROTO.string,
      bytesField(1, '-12345678901234567890123456789.123456789'),
      '-12345678901234567890123456789.123456789',
    ],
    ['NUMERIC', PROTO.bytes, bytesField(1, Buffer.from([0x00, 0xca, 0x9a, 0x3b])), '1'],
    ['NUMERIC', PROTO.bytes, bytesField(1, Buffer.from([0xff])), '-0.000000001'],
    ['NUMERIC', PROTO.double, double(1, 0.1), '0.1'],
    ['NUMERIC', PROTO.int64, numberField(1, -7), '-7'],
    ['JSON', PROTO.string, bytesField(1, '{"a": [1, null, "x"]}'), '{"a":[1,null,"x"]}'],
  ] as const)('%s from the type %i', async (type, from, value, expected) => {
    expect(await single({ type }, { type: from }, value)).toBe(expected);
  });

  it('takes messages of google.protobuf that hold one value', async () => {
    const wrapped = (name: string) => ({
      name: 'Row',
      field: [proto('v', 1, TYPE.message, { typeName: `.google.protobuf.${name}` })],
    });
    const wrappedValue = async (type: string, name: string, value: Buffer) =>
      (await write([{ name: 'v', type }], wrapped(name), [value])).rows[0]![0];
    expect(await wrappedValue('INTEGER', 'Int64Value', messageField(1, numberField(1, 42)))).toBe('42');
    expect(await wrappedValue('INTEGER', 'Int64Value', messageField(1))).toBe('0');
    expect(await wrappedValue('INTEGER', 'Int64Value', Buffer.alloc(0))).toBeNull();
    expect(await wrappedValue('STRING', 'StringValue', messageField(1, bytesField(1, 'x')))).toBe('x');
    const instant = messageField(1, numberField(1, 1_700_000_000), numberField(2, 5_000));
    expect(await wrappedValue('TIMESTAMP', 'Timestamp', instant)).toBe('1700000000000005');
  });

  it('writes the name of an enum into a STRING', async () => {
    const enumType = [
      {
        name: 'Colour',
        value: [
          { name: 'RED', number: 0 },
          { name: 'BLUE', number: 4 },
        ],
      },
    ];
    const field = { type: TYPE.enum, typeName: '.Row.Colour' };
    expect(await single({ type: 'STRING' }, field, numberField(1, 4), { enumType })).toBe('BLUE');
    expect(await single({ type: 'STRING' }, field, numberField(1, 3), { enumType })).toContain(
      '3 is no value',
    );
  });

  it('takes repeated fields, packed and not, and records in records', async () => {
    const columns: Field[] = [
      { name: 'numbers', type: 'INTEGER', mode: 'REPEATED' },
      { name: 'names', type: 'STRING', mode: 'REPEATED' },
      {
        name: 'stops',
        type: 'RECORD',
        mode: 'REPEATED',
        fields: [
          { name: 'at', type: 'TIMESTAMP' },
          { name: 'place', type: 'RECORD', fields: [{ name: 'city', type: 'STRING' }] },
        ],
      },
    ];
    const descriptor: Message = {
      name: 'Row',
      field: [
        proto('numbers', 1, TYPE.int64, { label: LABEL.repeated }),
        proto('names', 2, TYPE.string, { label: LABEL.repeated }),
        proto('stops', 3, TYPE.message, { label: LABEL.repeated, typeName: 'Stop' }),
      ],
      nestedType: [
        {
          name: 'Stop',
          field: [
            proto('at', 1, TYPE.int64),
            proto('place', 2, TYPE.message, { typeName: '.Row.Stop.Place' }),
          ],
          nestedType: [{ name: 'Place', field: [proto('city', 1, TYPE.string)] }],
        },
      ],
    };
    const stop = (at: number, city: string) =>
      messageField(3, numberField(1, at), messageField(2, bytesField(1, city)));
    const { answer, rows } = await write(columns, descriptor, [
      Buffer.concat([bytesField(1, Buffer.from([1, 2, 3])), stop(5, 'Bern'), stop(6, 'Oslo')]),
      Buffer.concat([numberField(1, 9), numberField(1, 8), bytesField(2, 'a'), bytesField(2, 'b')]),
      Buffer.alloc(0),
    ]);
    expect(answer.error ?? null).toBeNull();
    const list = (...values: unknown[]) => values.map((v) => ({ v }));
    const shown = (at: string, city: string) => ({ f: [{ v: at }, { v: { f: [{ v: city }] } }] });
    expect(rows).toEqual([
      [list('1', '2', '3'), [], list(shown('5', 'Bern'), shown('6', 'Oslo'))],
      [list('9', '8'), list('a', 'b'), []],
      [[], [], []],
    ]);
  });
});

describe('a schema that does not fit the table', () => {
  const columns: Field[] = [
    { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' },
  ];
  const id = proto('id', 1, TYPE.int64);

  it.each([
    ['a field that the table has not', [id, proto('other', 2, TYPE.string)], "extra fields: 'other'"],
    [
      'a required column that is missing',
      [proto('tags', 2, TYPE.string, { label: LABEL.repeated })],
      'required field id is missing',
    ],
    ['another type', [proto('id', 1, TYPE.string)], 'mismatched with BigQuery field at id'],
    [
      'a type without a place in the table',
      [proto('id', 1, PROTO.fixed64)],
      'the proto field type is fixed64',
    ],
    [
      'a single field for a REPEATED column',
      [id, proto('tags', 2, TYPE.string)],
      'the BigQuery field REPEATED',
    ],
    ['a field given twice', [id, proto('ID', 2, TYPE.int64)], 'names the field ID twice'],
    [
      'changes instead of rows',
      [id, proto('_CHANGE_TYPE', 2, TYPE.string)],
      '_CHANGE_TYPE is not supported here',
    ],
  ] as const)('refuses %s, and stores nothing', async (_, field, expected) => {
    const { answer, rows } = await write(columns, { name: 'Row', field }, [numberField(1, 1)]);
    expect(answer.error).toMatchObject({ code: 3, message: expect.stringContaining(expected) });
    expect(rows).toEqual([]);
  });

  it('finds columns whatever the case of the field', async () => {
    const { rows } = await write(columns, { name: 'Row', field: [proto('Id', 1, TYPE.int64)] }, [
      numberField(1, 1),
    ]);
    expect(rows).toEqual([['1', []]]);
  });
});

describe('rows that do not fit', () => {
  it('are named by their place, and none of the request is stored', async () => {
    const columns: Field[] = [
      { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
      { name: 'day', type: 'DATE' },
      { name: 'short', type: 'STRING', maxLength: '3' },
    ];
    const descriptor = {
      name: 'Row',
      field: [proto('id', 1, TYPE.int64), proto('day', 2, TYPE.int32), proto('short', 3, TYPE.string)],
    };
    const { answer, rows } = await write(columns, descriptor, [
      numberField(1, 0),
      Buffer.alloc(0),
      Buffer.concat([numberField(1, 2), numberField(2, 2_932_897)]),
      Buffer.concat([numberField(1, 3), bytesField(3, '🌍🌍🌍')]),
      Buffer.concat([numberField(1, 4), bytesField(3, 'abcd')]),
      Buffer.concat([numberField(1, 5), numberField(9, 1)]),
      Buffer.from([0x08]),
      Buffer.concat([numberField(1, 7), bytesField(3, Buffer.from([0xc3, 0x28]))]),
    ]);
    expect(answer.error?.code).toBe(3);
    expect(answer.rowErrors?.map(({ index, message: text }) => [Number(index), text])).toEqual([
      [1, 'The required field id is missing.'],
      [2, '2932897 is no DATE, on field day.'],
      [4, 'Field short: STRING(3) has maximum length 3 but got a value with length 4.'],
      [5, 'The row has a field with the number 9, which its schema does not name.'],
      [6, 'The message is cut off.'],
      [7, 'A text is not UTF-8.'],
    ]);
    expect(rows).toEqual([]);
  });

  it.each([
    ['TIMESTAMP', PROTO.int64, numberField(1, 253_402_300_800_000_000n), 'is no TIMESTAMP'],
    ['DATETIME', PROTO.string, bytesField(1, '2026-02-30 00:00:00'), 'on field v.'],
    ['DATETIME', PROTO.int64, numberField(1, 5), 'is no DATETIME'],
    ['TIME', PROTO.int64, numberField(1, 25n << 32n), 'is no TIME'],
    ['NUMERIC', PROTO.string, bytesField(1, 'many'), 'on field v.'],
    ['NUMERIC', PROTO.string, bytesField(1, '1.0000000001'), 'on field v.'],
    ['NUMERIC', PROTO.bytes, bytesField(1, Buffer.alloc(16, 0x7f)), 'is no NUMERIC'],
    ['NUMERIC', PROTO.double, double(1, Number.NaN), 'is no NUMERIC'],
    ['JSON', PROTO.string, bytesField(1, '{a'), 'Invalid JSON'],
  ] as const)('%s from the type %i is checked', async (type, from, value, expected) => {
    expect(await single({ type }, { type: from }, value)).toContain(expected);
  });
});

describe('a connection', () => {
  it('needs a stream and a schema in its first request', async () => {
    await rest.createTable(DATASET, 'first', [{ name: 'id', type: 'INTEGER' }]);
    const stream = `${tableName(DATASET, 'first')}/streams/_default`;
    const rows = { serializedRows: [numberField(1, 1)] };
    const without = new Appender(client).append({ protoRows: { rows } });
    await expect(without).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining('write_stream'),
    });
    const unknown = new Appender(client).append({ writeStream: stream, protoRows: { rows } });
    await expect(unknown).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining('writer_schema'),
    });
    const arrow = new Appender(client).append({ writeStream: stream, arrowRows: {} });
    await expect(arrow).rejects.toMatchObject({ code: 12 });
  });

  it('refuses a request above 10 MB and goes on', async () => {
    await rest.createTable(DATASET, 'large', [{ name: 'v', type: 'STRING' }]);
    const stream = `${tableName(DATASET, 'large')}/streams/_default`;
    const descriptor = message({ name: 'Row', field: [proto('v', 1, TYPE.string)] });
    const appender = new Appender(client);
    const rows = (count: number) => Array.from({ length: count }, () => bytesField(1, 'x'.repeat(1000)));
    const large = await appender.rows(stream, descriptor, rows(10_500));
    expect(large.error).toMatchObject({ code: 3, message: expect.stringContaining('at most') });
    expect((await appender.rows(stream, descriptor, rows(9_000))).error ?? null).toBeNull();
    appender.end();
    expect(await rest.rows(DATASET, 'large')).toHaveLength(9_000);
  });
});
