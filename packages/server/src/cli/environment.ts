import { closest, distance } from 'fastest-levenshtein';
import { AppError } from '../errors.js';
import { SETTINGS } from './settings.js';

/** Variables beside those of the settings. */
const OTHER_VARIABLES = ['SEISMO_URL', 'SEISMO_API_KEY'] as const;

/** A misspelled variable would be ignored in silence: refuse it and name the nearest right one. */
export function refuseUnknownVariables(environment: Readonly<Record<string, string | undefined>>): void {
  const known = knownVariables();
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('SEISMO_') || known.includes(name)) continue;
    const near = closest(name, known);
    const hint =
      distance(name, near) <= 6
        ? `Did you mean ${near}?`
        : '`seismo serve --help` lists the variables; unset this one.';
    throw new AppError('usage', `Unknown environment variable ${name}.`, { field: name, hint });
  }
}

function knownVariables(): string[] {
  return [...SETTINGS.flatMap((setting) => setting.variables), ...OTHER_VARIABLES];
}
