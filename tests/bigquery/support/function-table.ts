import { allFunctionNames } from '@seismo/server/bigquery/sql/calls';
import { UNSUPPORTED } from '@seismo/server/bigquery/sql/functions/catalog';
import { SECTIONS } from '../sql-suite/sections.js';
import { address } from '../sql-suite/suite-case.js';

/** What differs from Google's, beside what the text of docs/sql.md says of all. */
const NOTES: Readonly<Record<string, string>> = {
  APPROX_COUNT_DISTINCT: 'exact',
  APPROX_QUANTILES: 'exact; the number of quantiles must be a constant',
  APPROX_TOP_COUNT: 'exact',
  AVG: 'of NUMERIC: to 15 digits',
  CAST: 'FORMAT must be a constant, of times only',
  CHR: 'not of 0',
  CONTAINS_SUBSTR: 'of one STRING',
  ...Object.fromEntries(
    ['CBRT', 'EXP', 'LN', 'LOG', 'LOG10', 'POW', 'POWER', 'SQRT'].map((name) => [
      name,
      'of NUMERIC: to 15 digits',
    ]),
  ),
  EDIT_DISTANCE: 'without max_distance',
  ERROR: 'is an INT64 where a type is needed',
  FORMAT: 'the format must be a constant, without *',
  FORMAT_DATE: 'the format must be a constant',
  FORMAT_DATETIME: 'the format must be a constant',
  FORMAT_TIME: 'the format must be a constant',
  FORMAT_TIMESTAMP: 'the format must be a constant; %Z for UTC only',
  JSON_ARRAY_APPEND: 'the path must be a constant',
  JSON_ARRAY_INSERT: 'the path must be a constant',
  JSON_QUERY: 'the path must be a constant',
  JSON_REMOVE: 'the path must be a constant',
  JSON_SET: 'the path must be a constant',
  JSON_VALUE: 'the path must be a constant',
  MAKE_INTERVAL: 'of years, months and days',
  NORMALIZE: 'NFC only',
  PARSE_DATE: 'the format must be a constant',
  PARSE_DATETIME: 'the format must be a constant',
  PARSE_TIME: 'the format must be a constant',
  PARSE_TIMESTAMP: 'the format must be a constant',
  PERCENTILE_CONT: 'not with RESPECT NULLS',
  PERCENTILE_DISC: 'not with RESPECT NULLS',
  REGEXP_EXTRACT: 'the regular expression must be a constant',
  REGEXP_EXTRACT_ALL: 'the regular expression must be a constant',
  REGEXP_INSTR:
    'all but the text and the position must be constants; not of an empty match; a group by itself only',
  REGEXP_SUBSTR: 'the regular expression must be a constant',
  ROUND: 'with a rounding mode of NUMERIC only',
  SESSION_USER: 'always the same one',
  'SAFE.': 'an error of an argument is NULL too',
  WITH: 'aggregates and queries only in values that need no other name',
  TO_JSON_STRING: 'not with pretty_print',
};

interface Tried {
  readonly section: string;
  readonly page: string;
  readonly statements: number;
}

/** What the suite tries, in its order. */
function tried(): Map<string, Tried> {
  const found = new Map<string, Tried>();
  for (const { title, page, cases } of SECTIONS) {
    for (const [name] of cases) {
      const before = found.get(name);
      found.set(name, {
        section: before?.section ?? title,
        page: before?.page ?? page,
        statements: (before?.statements ?? 0) + 1,
      });
    }
  }
  return found;
}

/** Functions that run here and that no statement tries. */
export function untriedFunctions(): string[] {
  const known = tried();
  return allFunctionNames().filter((name) => !known.has(name));
}

/** The table of functions for docs/sql.md. */
export function functionTable(): string {
  const rows = [...tried()].map(([name, { section, page, statements }]) => {
    const place = /^\w+$/.test(name) ? name : '';
    const shown = name.replaceAll('|', '\\|');
    const note = NOTES[name] ?? '';
    return `| \`${shown}\` | ${section} | ${note === '' ? 'works' : `works: ${note}`} | ${statements} | [${page}](${address(page, place)}) |`;
  });
  return [
    '| function or operator | kind | state | statements | as in |',
    '|---|---|---|---:|---|',
    ...rows,
    '',
    `Refused by name, since BigQuery has them and they are not here yet: ${[...UNSUPPORTED]
      .sort()
      .map((name) => `\`${name}\``)
      .join(', ')}.`,
  ].join('\n');
}
