import { AGGREGATIONS, WINDOWS } from './aggregate-cases.js';
import { ARRAYS, OTHERS } from './collection-cases.js';
import { JSONS } from './json-cases.js';
import { CASTS, CONDITIONS, MATHEMATICS, OPERATORS } from './math-cases.js';
import { STRINGS } from './string-cases.js';
import type { Section } from './suite-case.js';
import { DATES, DATETIMES, TIMES, TIMESTAMPS } from './time-cases.js';

export const SECTIONS: readonly Section[] = [
  OPERATORS,
  CONDITIONS,
  CASTS,
  STRINGS,
  MATHEMATICS,
  DATES,
  TIMESTAMPS,
  DATETIMES,
  TIMES,
  ARRAYS,
  JSONS,
  AGGREGATIONS,
  WINDOWS,
  OTHERS,
];
