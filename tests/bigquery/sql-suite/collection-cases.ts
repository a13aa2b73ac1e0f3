import { error, type Section } from './suite-case.js';

export const ARRAYS: Section = {
  title: 'Arrays',
  page: 'array_functions',
  cases: [
    [
      'ARRAY',
      'ARRAY(SELECT x * 2 FROM UNNEST([1, 2, 3]) AS x ORDER BY x DESC)',
      'INTEGER[]',
      ['6', '4', '2'],
    ],
    ['ARRAY', "ARRAY(SELECT AS STRUCT 1 AS a, 'x' AS b)", 'RECORD<a INTEGER, b STRING>[]', [['1', 'x']]],
    ['ARRAY_CONCAT', 'ARRAY_CONCAT([1, 2], [3, 4], [5, 6])', 'INTEGER[]', ['1', '2', '3', '4', '5', '6']],
    ['ARRAY_FIRST', "ARRAY_FIRST(['a', 'b', 'c'])", 'STRING', 'a'],
    ['ARRAY_FIRST', 'ARRAY_FIRST(CAST([] AS ARRAY<INT64>))', 'INTEGER', error('empty array')],
    ['ARRAY_IS_DISTINCT', 'ARRAY_IS_DISTINCT([1, 2, 1])', 'BOOLEAN', 'false'],
    ['ARRAY_LAST', "ARRAY_LAST(['a', 'b', 'c'])", 'STRING', 'c'],
    ['ARRAY_LENGTH', "ARRAY_LENGTH(['egg', NULL, 'milk'])", 'INTEGER', '3'],
    ['ARRAY_LENGTH', 'ARRAY_LENGTH([])', 'INTEGER', '0'],
    ['ARRAY_REVERSE', 'ARRAY_REVERSE([1, 2, 3])', 'INTEGER[]', ['3', '2', '1']],
    ['ARRAY_SLICE', "ARRAY_SLICE(['a', 'b', 'c', 'd', 'e'], 1, 3)", 'STRING[]', ['b', 'c', 'd']],
    ['ARRAY_SLICE', "ARRAY_SLICE(['a', 'b', 'c', 'd', 'e'], -3, -1)", 'STRING[]', ['c', 'd', 'e']],
    ['ARRAY_TO_STRING', "ARRAY_TO_STRING(['coffee', 'tea', 'milk'], ', ')", 'STRING', 'coffee, tea, milk'],
    ['ARRAY_TO_STRING', "ARRAY_TO_STRING(['cake', 'pie', NULL], '--')", 'STRING', 'cake--pie'],
    [
      'ARRAY_TO_STRING',
      "ARRAY_TO_STRING(['cake', 'pie', NULL], '--', 'MISSING')",
      'STRING',
      'cake--pie--MISSING',
    ],
    ['GENERATE_ARRAY', 'GENERATE_ARRAY(1, 5)', 'INTEGER[]', ['1', '2', '3', '4', '5']],
    ['GENERATE_ARRAY', 'GENERATE_ARRAY(0, 10, 3)', 'INTEGER[]', ['0', '3', '6', '9']],
    ['GENERATE_ARRAY', 'GENERATE_ARRAY(10, 0, -3)', 'INTEGER[]', ['10', '7', '4', '1']],
    ['GENERATE_ARRAY', 'GENERATE_ARRAY(0, 1, 0.5)', 'FLOAT[]', ['0.0', '0.5', '1.0']],
    ['GENERATE_ARRAY', 'GENERATE_ARRAY(1, 5, 0)', 'INTEGER[]', error('Sequence step cannot be 0')],
    ['[ ]', '[1, 2.5]', 'FLOAT[]', ['1.0', '2.5']],
    ['[ ]', "[1, 'a']", 'INTEGER[]', error('do not have a common supertype')],
    ['UNNEST', '(SELECT SUM(x) FROM UNNEST([1, 2, 3]) AS x)', 'INTEGER', '6'],
    ['STRUCT', "STRUCT(1 AS a, 'b' AS c)", 'RECORD<a INTEGER, c STRING>', ['1', 'b']],
    ['STRUCT', "STRUCT<x INT64, y STRING>(1, 'b')", 'RECORD<x INTEGER, y STRING>', ['1', 'b']],
    ['STRUCT', '(1, 2.5)', 'RECORD<_field_1 INTEGER, _field_2 FLOAT>', ['1', '2.5']],
  ],
};

export const OTHERS: Section = {
  title: 'Other functions',
  page: 'functions-all',
  cases: [
    ['GENERATE_UUID', 'LENGTH(GENERATE_UUID())', 'INTEGER', '36'],
    ['SESSION_USER', 'SESSION_USER() IS NOT NULL', 'BOOLEAN', 'true'],
  ],
};
