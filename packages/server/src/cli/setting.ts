import type { Config } from '../config.js';

/** One thing that can be set for `seismo serve`: how it is called, what is said of it, how it is read. */
export interface Setting {
  readonly key: keyof Config;
  /** The long flag; `--no-…` stands for the value `true` in the variable and turns the setting off. */
  readonly flag: string;
  /** Absent for a switch. */
  readonly placeholder?: string;
  /** Environment variables, the first that is set counts. */
  readonly variables: readonly string[];
  /** Under which heading the help shows it. */
  readonly group: 'Data' | 'Network' | 'Watching' | 'Output' | 'Google Cloud';
  /** One line of the help. */
  readonly description: string;
  /** What docs/configuration.md says besides. */
  readonly details?: string;
  readonly defaultText: string;
  /** May be given several times; the values add up. */
  readonly repeatable?: boolean;
  /** The value is never repeated in a message. */
  readonly secret?: boolean;
  /** Of what only the embedded server does; a role on Google Cloud refuses the flag. */
  readonly embeddedOnly?: boolean;
  readonly read: (text: string) => Config[keyof Config];
}

export function define<K extends keyof Config>(
  key: K,
  setting: Omit<Setting, 'key' | 'read'> & { read: (text: string) => Config[K] },
): Setting {
  return { key, ...setting };
}
