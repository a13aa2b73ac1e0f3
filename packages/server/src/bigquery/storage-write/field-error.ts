/** A value that does not suit its column: it makes its row a bad one. */
export class FieldError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FieldError';
  }
}

export function invalidValue(at: string, type: string, value: unknown): FieldError {
  return new FieldError(`${String(value)} is no ${type}, on field ${at}.`);
}
