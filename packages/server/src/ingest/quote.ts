const SHOWN_MAX = 60;

/** A value as it stands in an error message: what it is, and cut when it is long. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return `"${cut(value)}"`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return cut(String(value));
}

/** A text for people, at most about 60 characters of it. */
export function cut(text: string): string {
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}… (${text.length} characters)`;
}
