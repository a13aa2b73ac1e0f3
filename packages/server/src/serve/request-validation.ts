import { createRequire } from 'node:module';
import type { ValidateFunction } from 'ajv';
import type { FastifyInstance } from 'fastify';
import { invalidRequest } from './invalid-request.js';
import type { Schema } from './schema-type.js';

type Compile = (schema: Schema) => ValidateFunction;

/** For the option `schemaController.compilersFactory`: without it fastify loads two compilers of its own. */
export const NO_COMPILERS = {
  buildValidator: (): never => unreachable(),
  buildSerializer: (): never => unreachable(),
};

/**
 * Validates query strings and bodies by the schemas of their routes. Each validator is made when its route is
 * first asked: samples need none, and making them all would delay the first one. Answers are written as plain
 * JSON, which also turns NaN into null; their schemas only describe them.
 */
export function installCompilers(app: FastifyInstance): void {
  let compile: Compile | undefined;
  app.setValidatorCompiler<Schema>(({ schema, httpPart = 'body' }) => {
    let validate: ValidateFunction | undefined;
    return (data: unknown) => {
      compile ??= createCompiler();
      validate ??= compile(schema);
      return validate(data) ? true : { error: invalidRequest(validate.errors ?? [], httpPart) };
    };
  });
  app.setSerializerCompiler(() => JSON.stringify);
}

function unreachable(): never {
  throw new Error('installCompilers comes first');
}

const require = createRequire(import.meta.url);

function createCompiler(): Compile {
  const { Ajv } = require('ajv') as typeof import('ajv');
  // Verbose: a complaint then carries the schema that it is about, and so the right names.
  const ajv = new Ajv({ coerceTypes: 'array', useDefaults: true, verbose: true, strict: false });
  return (schema) => ajv.compile(schema);
}
