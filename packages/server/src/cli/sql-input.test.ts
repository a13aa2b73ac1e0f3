import { describe, expect, it } from 'vitest';
import { isBlankInput, isWholeInput } from './sql-input.js';

describe('an input of the prompt', () => {
  it.each([
    ['SELECT 1;'],
    ['SELECT 1; -- done'],
    ['SELECT 1; /* done\n */ # so'],
    ['SELECT ";" AS a;'],
    ["SELECT 'it\\'s';"],
    ['SELECT r"\\";";'],
    ['SELECT """a";\n""" AS a;'],
    ['SELECT CASE WHEN x THEN 1 ELSE IF(y, 2, 3) END FROM t;'],
    ['DECLARE x INT64; SET x = 3; SELECT x;'],
    ['IF TRUE THEN SELECT 1; ELSE SELECT 2; END IF;'],
    ['BEGIN SELECT 1; IF x THEN SELECT CASE WHEN a THEN b END; END IF; END;'],
    ['WHILE x < 3 DO SET x = x + 1; END WHILE; SELECT x;'],
    ['BEGIN TRANSACTION;'],
    ['BEGIN;'],
    ['SELECT 1;;'],
    ['SELECT * FROM `a;b`;'],
  ])('is whole: %s', (text) => expect(isWholeInput(text)).toBe(true));

  it.each([
    ['SELECT 1'],
    ['SELECT ";'],
    ["SELECT 'a;"],
    ['SELECT """a;"'],
    ['SELECT 1 -- ;'],
    ['SELECT 1 /* ;'],
    ['SELECT `a;'],
    ['DECLARE x INT64;'],
    ['DECLARE x INT64; SET x = 3;'],
    ['IF TRUE THEN SELECT 1;'],
    ['IF TRUE THEN SELECT 1; END IF'],
    ['BEGIN SELECT 1;'],
    ['WHILE x < 3 DO SELECT 1;'],
  ])('goes on: %s', (text) => expect(isWholeInput(text)).toBe(false));

  it('is blank where it holds comments alone', () => {
    expect(isBlankInput(' -- nothing\n/* at all */')).toBe(true);
    expect(isBlankInput('SELECT')).toBe(false);
  });
});
