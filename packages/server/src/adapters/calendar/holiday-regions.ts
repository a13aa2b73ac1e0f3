import { closest, distance } from 'fastest-levenshtein';
import { AppError } from '../../errors.js';

const NORTH_AMERICA = ['CA', 'US'];
const ASIA_PACIFIC = [
  'AU',
  'CN',
  'HK',
  'ID',
  'IN',
  'JP',
  'KR',
  'MY',
  'NZ',
  'PH',
  'PK',
  'SG',
  'TH',
  'TW',
  'VN',
];
const LATIN_AMERICA = ['AR', 'BR', 'CL', 'CO', 'EC', 'MX', 'PE', 'VE'];
const EUROPE = [
  'AT',
  'BE',
  'CH',
  'CZ',
  'DE',
  'DK',
  'EE',
  'ES',
  'FI',
  'FR',
  'GB',
  'GR',
  'HU',
  'IE',
  'IT',
  'LV',
];
const EUROPE_TOO = ['NL', 'NO', 'PL', 'PT', 'RO', 'RS', 'RU', 'SE', 'SI', 'SK', 'TR', 'UA'];
const MIDDLE_EAST_AND_AFRICA = ['AE', 'DZ', 'EG', 'IL', 'IR', 'MA', 'NG', 'SA', 'ZA'];
const EMEA = [...EUROPE, ...EUROPE_TOO, ...MIDDLE_EAST_AND_AFRICA];

/** BigQuery's regions of several countries, with the countries that it has holidays of. */
export const REGION_GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['GLOBAL', [...NORTH_AMERICA, ...ASIA_PACIFIC, ...EMEA, ...LATIN_AMERICA]],
  ['NA', NORTH_AMERICA],
  ['JAPAC', ASIA_PACIFIC],
  ['EMEA', EMEA],
  ['LAC', LATIN_AMERICA],
]);

/** Misspellings further off than this are none. */
const FURTHER_OFF_MAX = 2;

/**
 * The error for a region that there is no calendar of, with the nearest one by its code or its name.
 * @param countries names by code
 */
export function unknownRegion(region: string, countries: Readonly<Record<string, string>>): AppError {
  const given = region.toUpperCase();
  const names = new Map<string, string>();
  for (const code of [...REGION_GROUPS.keys(), ...Object.keys(countries)]) names.set(code, code);
  for (const [code, name] of Object.entries(countries)) {
    names.set(name.toUpperCase(), code);
    // "United States" for the United States of America.
    const beginning = name.toUpperCase().slice(0, given.length);
    if (given.length > 3 && !names.has(beginning)) names.set(beginning, code);
    const initials = name
      .toUpperCase()
      .split(' ')
      .map((word) => word[0])
      .join('');
    if (initials.length > 1 && !names.has(initials)) names.set(initials, code);
  }
  const near = closest(given, [...names.keys()]);
  const off = distance(given, near);
  const code = names.get(near)!;
  const isNear = off === 0 || (off <= FURTHER_OFF_MAX && given.length > 2 && given.length >= 2 * off);
  const meant = countries[code] === undefined ? code : `${code} (${countries[code]})`;
  const groups = [...REGION_GROUPS.keys()].join(', ');
  const hint = isNear
    ? `Did you mean ${meant}?`
    : `It is one of ${groups}, or a code of ISO 3166 such as US, GB or DE-BY.`;
  return new AppError('usage', `HOLIDAY_REGION: there is no calendar of ${region}.`, {
    field: 'HOLIDAY_REGION',
    hint,
  });
}

/** The error for a part that a country has not, with all that it has. */
export function unknownPart(country: string, part: string, name: string, known: readonly string[]): AppError {
  const codes = known.map((one) => `${country}-${one}`);
  return new AppError('usage', `HOLIDAY_REGION: ${name} has no region ${part}.`, {
    field: 'HOLIDAY_REGION',
    hint: `Right are ${[country, ...codes].join(', ')}.`,
  });
}
