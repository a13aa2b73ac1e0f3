import type { ErrorObject } from 'ajv';
import { distance } from 'fastest-levenshtein';
import { AppError } from '../errors.js';

/** Turns the first complaint of the schema validator into a sentence that names the parameter and what is right. */
export function invalidRequest(problems: readonly ErrorObject[], context: string): AppError {
  const where = context === 'body' ? 'field' : 'parameter';
  const unknown = problems.find((problem) => problem.keyword === 'additionalProperties');
  if (unknown !== undefined) return unknownParameter(unknown, where);
  const problem = problems[0];
  if (problem === undefined) return new AppError('bad_request', 'The request cannot be understood.');
  if (problem.keyword === 'required') {
    const field = String(problem.params.missingProperty);
    return new AppError('bad_request', `The ${where} ${field} is missing.`, { field });
  }
  const field = problem.instancePath.split('/')[1] ?? '';
  if (field === '') return new AppError('bad_request', `The ${context} must be an object.`);
  return new AppError('bad_request', `The ${where} ${field} ${complaint(problem)}.`, { field });
}

function complaint(problem: ErrorObject): string {
  // One value stands for itself; only a parameter given again arrives as a list.
  const isRepeated = problem.keyword === 'type' && Array.isArray(problem.data);
  if (isRepeated && problem.params.type !== 'object') return 'may be given only once';
  const limit = String(problem.params.limit);
  switch (problem.keyword) {
    case 'minimum':
    case 'maximum':
      return `must be ${rangeWords(problem) ?? `at ${problem.keyword === 'minimum' ? 'least' : 'most'} ${limit}`}`;
    case 'maxLength':
      return `must be at most ${limit} characters long`;
    case 'minLength':
      return 'must not be empty';
    case 'maxItems':
      return `may be given at most ${limit} times`;
    case 'type':
      return `must be ${rangeWords(problem) ?? TYPE_WORDS[String(problem.params.type)] ?? `of type ${String(problem.params.type)}`}`;
    case 'enum':
      return `must be one of ${(problem.params.allowedValues as unknown[]).join(', ')}`;
    default:
      return problem.message ?? 'is wrong';
  }
}

/** All of what is right, where the schema knows both ends: who is told of one end alone may miss the other next. */
function rangeWords(problem: ErrorObject): string | undefined {
  const { type, minimum, maximum } = (problem.parentSchema ?? {}) as Record<string, unknown>;
  const kind = TYPE_WORDS[String(type)];
  if (kind === undefined || typeof minimum !== 'number' || typeof maximum !== 'number') return undefined;
  return `${kind} from ${minimum} to ${maximum}`;
}

const TYPE_WORDS: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  string: 'text, given once',
  object: 'an object',
};

function unknownParameter(problem: ErrorObject, where: string): AppError {
  const field = String(problem.params.additionalProperty);
  const schema = (problem as { parentSchema?: { properties?: object; patternProperties?: object } })
    .parentSchema;
  const known = Object.keys(schema?.properties ?? {});
  // The only pattern there is.
  if (schema?.patternProperties !== undefined) known.push('label.NAME');
  const nearest = known.find((name) => distance(name, field) <= Math.max(1, Math.floor(name.length / 3)));
  return new AppError('bad_request', `There is no ${where} ${field.slice(0, 100)}.`, {
    field: field.slice(0, 100),
    hint: hintFor(known, nearest, where),
  });
}

function hintFor(known: readonly string[], nearest: string | undefined, where: string): string {
  if (known.length === 0) return `There is none: leave every ${where} out.`;
  return nearest === undefined ? `There are: ${known.join(', ')}.` : `Did you mean ${nearest}?`;
}
