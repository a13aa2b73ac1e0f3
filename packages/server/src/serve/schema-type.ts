/**
 * JSON Schema with the type of what it describes: `Static<typeof X>`. The same words as TypeBox, of which these
 * few are all that the API needs; loading the whole library took a fifth of the time to start.
 */
export interface Schema<T = unknown> {
  /** Never there at run time; carries the type. */
  readonly static?: T;
  readonly [keyword: string]: unknown;
}
export type Static<S extends Schema> = S extends Schema<infer T> ? T : never;

interface OptionalSchema<T> extends Schema<T> {
  readonly [OPTIONAL]: true;
}
type Properties = Readonly<Record<string, Schema>>;
type OptionalKeys<P extends Properties> = {
  [K in keyof P]: P[K] extends { readonly [OPTIONAL]: true } ? K : never;
}[keyof P];
type ObjectOf<P extends Properties> = Simple<
  { [K in Exclude<keyof P, OptionalKeys<P>>]: Static<P[K]> } & { [K in OptionalKeys<P>]?: Static<P[K]> }
>;
type Simple<T> = { [K in keyof T]: T[K] };
type Keywords = Readonly<Record<string, unknown>>;

const OPTIONAL = Symbol('optional');

export const Type = {
  String: (keywords: Keywords = {}): Schema<string> => ({ type: 'string', ...keywords }),
  Number: (keywords: Keywords = {}): Schema<number> => ({ type: 'number', ...keywords }),
  Integer: (keywords: Keywords = {}): Schema<number> => ({ type: 'integer', ...keywords }),
  Boolean: (keywords: Keywords = {}): Schema<boolean> => ({ type: 'boolean', ...keywords }),
  Null: (): Schema<null> => ({ type: 'null' }),

  Literal<const T extends string | number>(value: T): Schema<T> {
    return { type: typeof value, const: value };
  },

  Array<T>(items: Schema<T>, keywords: Keywords = {}): Schema<T[]> {
    return { type: 'array', items, ...keywords };
  },

  Union<const S extends readonly Schema[]>(anyOf: S, keywords: Keywords = {}): Schema<Static<S[number]>> {
    return { anyOf, ...keywords };
  },

  /** Any keys; all values of one kind. */
  Record<T>(values: Schema<T>, keywords: Keywords = {}): Schema<Record<string, T>> {
    return { type: 'object', additionalProperties: values, ...keywords };
  },

  /** Of a property of an object: it may be absent. */
  Optional<T>(schema: Schema<T>): OptionalSchema<T> {
    return { ...schema, [OPTIONAL]: true };
  },

  Object<const P extends Properties>(properties: P, keywords: Keywords = {}): Schema<ObjectOf<P>> {
    const required = Object.keys(properties).filter((name) => !(OPTIONAL in properties[name]!));
    return { type: 'object', ...(required.length === 0 ? {} : { required }), properties, ...keywords };
  },
};
