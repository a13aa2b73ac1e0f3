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

/**
 * Without `--` npm keeps flags for itself and tells them as variables only: `npm start --port=9000` would be served on
 * another port, and `npm start --data /x` told that it has too many arguments.
 */
export function refuseFlagsKeptByNpm(environment: Readonly<Record<string, string | undefined>>): void {
  if (environment.npm_lifecycle_event !== 'start') return;
  for (const { flag, placeholder } of SETTINGS) {
    const name = flag.replace(/^--(no-)?/, '').replaceAll('-', '_');
    if (environment[`npm_config_${name}`] === undefined) continue;
    throw new AppError('usage', `npm kept ${flag} for itself.`, {
      field: flag,
      hint: `Write -- before the flags of Seismo: npm start -- ${flag}${placeholder === undefined ? '' : ` ${placeholder.toUpperCase()}`}`,
    });
  }
}

function knownVariables(): string[] {
  return [...SETTINGS.flatMap((setting) => setting.variables), ...OTHER_VARIABLES];
}
