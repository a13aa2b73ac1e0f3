import { describe, expect, it } from 'vitest';
import { ENTRIES_MAX, SIZE_EXCEPTIONS } from './exceptions.js';
import { functionSizes } from './functions.js';
import { isTest, SOURCES } from './repository.js';

const FILE_LINES_MAX = 400;
const TEST_FILE_LINES_MAX = 600;
const FUNCTION_LINES_MAX = 60;

interface Size {
  readonly where: string;
  readonly lines: number;
  readonly max: number;
}

const sizes: Size[] = SOURCES.flatMap((file) => {
  const max = isTest(file.path) ? TEST_FILE_LINES_MAX : FILE_LINES_MAX;
  const whole = { where: file.path, lines: file.text.trimEnd().split('\n').length, max };
  if (file.path.endsWith('.css')) return [whole];
  const functions = functionSizes(file).map(({ name, lines }) => ({
    where: `${file.path}#${name}`,
    lines,
    max: FUNCTION_LINES_MAX,
  }));
  return [whole, ...functions];
});
const tooLong = sizes.filter(({ lines, max }) => lines > max);

describe('sizes', () => {
  it('were measured on every source file and its functions', () => {
    expect(SOURCES.length).toBeGreaterThan(40);
    expect(sizes.length).toBeGreaterThan(SOURCES.length * 2);
  });

  it('stay within 400 lines a file, 600 a test file, 60 a function, but for the exceptions', () => {
    const allowed = new Map(SIZE_EXCEPTIONS.map(({ where, lines }) => [where, lines]));
    const found = tooLong.filter(({ where, lines }) => lines > (allowed.get(where) ?? 0));
    expect(found.map(({ where, lines, max }) => `${where}: ${lines} lines, at most ${max}`)).toEqual([]);
  });

  it('have no exception that is no longer needed or could be lower', () => {
    const actual = new Map(tooLong.map(({ where, lines }) => [where, lines]));
    const loose = SIZE_EXCEPTIONS.filter(({ where, lines }) => (actual.get(where) ?? 0) < lines);
    expect(loose.map(({ where }) => `${where}: now ${actual.get(where) ?? 'short enough'}`)).toEqual([]);
    expect(SIZE_EXCEPTIONS.length).toBeLessThanOrEqual(ENTRIES_MAX);
  });
});
