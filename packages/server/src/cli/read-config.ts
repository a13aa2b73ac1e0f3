import type { Command } from 'commander';
import { Option } from 'commander';
import { CONFIG_DEFAULTS, type Config } from '../config.js';
import { AppError } from '../errors.js';
import { cloudRunDefaults } from './cloud-run.js';
import { refuseUnknownVariables } from './environment.js';
import type { Setting } from './setting.js';
import { InvalidValue } from './setting-values.js';
import { SETTINGS } from './settings.js';
import { refuseWrongCombinations, type Sources } from './wrong-combinations.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration: flags first, then environment variables, then defaults. Throws `usage` on a bad one.
 * A command that needs only some settings names them and is not troubled by the others.
 */
export function readConfig(
  command: Command,
  environment: Environment,
  keys?: readonly (keyof Config)[],
): Config {
  refuseUnknownVariables(environment);
  const given: Record<string, unknown> = {};
  const sources: Sources = new Map();
  for (const setting of SETTINGS) {
    if (keys !== undefined && !keys.includes(setting.key)) continue;
    const found = flagValue(setting, command) ?? variableValue(setting, environment);
    if (found === undefined) continue;
    given[setting.key] = found.value;
    sources.set(setting.key, found.source);
  }
  if (keys !== undefined) return { ...CONFIG_DEFAULTS, ...given };
  const config: Config = { ...CONFIG_DEFAULTS, ...cloudRunDefaults(given, environment), ...given };
  refuseWrongCombinations(config, sources);
  return config;
}

/** Adds the flags of the settings named (all when none is named) to a command. */
export function addSettings(command: Command, keys?: readonly (keyof Config)[]): void {
  for (const setting of SETTINGS) {
    if (keys !== undefined && !keys.includes(setting.key)) continue;
    const option = optionOf(setting);
    if (keys === undefined) option.helpGroup(`${setting.group}:`);
    command.addOption(option);
  }
}

/** Values stay texts in commander: they are read in one place, with the same words for flag and variable. */
function optionOf(setting: Setting): Option {
  const flags = setting.placeholder === undefined ? setting.flag : `${setting.flag} <${setting.placeholder}>`;
  const note = `(${setting.variables.join(', ')}; ${setting.defaultText})`;
  const option = new Option(flags, `${setting.description} ${note}`);
  if (setting.repeatable === true) {
    option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  }
  return option;
}

interface Found {
  readonly value: unknown;
  /** The flag or the variable. */
  readonly source: string;
}

function flagValue(setting: Setting, command: Command): Found | undefined {
  const name = optionOf(setting).attributeName();
  if (command.getOptionValueSource(name) !== 'cli') return undefined;
  const given = command.getOptionValue(name) as boolean | string | string[];
  const source = setting.flag;
  if (typeof given === 'boolean') return { value: setting.read('true'), source };
  const texts = Array.isArray(given) ? given : [given];
  if (setting.secret === true && texts.some((text) => text.trim() === '')) throw emptyKey(source);
  const read = texts.map((text) => readValue(setting, source, text));
  return { value: setting.repeatable === true ? read.flat() : read.at(-1), source };
}

function variableValue(setting: Setting, environment: Environment): Found | undefined {
  for (const variable of setting.variables) {
    const text = environment[variable];
    // Of an unset shell variable: taken as "no key" it would leave the server open to everybody.
    if (text === '' && setting.secret === true) throw emptyKey(variable);
    if (text !== undefined && text !== '') {
      return { value: readValue(setting, variable, text), source: variable };
    }
  }
  return undefined;
}

function emptyKey(source: string): AppError {
  return new AppError('usage', `${source} is set but empty: no key can be read from it.`, {
    field: source,
    hint: 'Was the shell variable that it comes from set? To run without keys, leave it out altogether.',
  });
}

function readValue(setting: Setting, source: string, text: string): unknown {
  try {
    return setting.read(text);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    const shown = setting.secret === true ? '' : `, not "${text}"`;
    const details = error.hint === undefined ? { field: source } : { field: source, hint: error.hint };
    throw new AppError('usage', `${source} ${error.message}${shown}.`, details);
  }
}
