import type { DetectorOptions, Direction } from '@seismo/engine/streaming';
import { type Command, Option } from 'commander';
import { AppError } from '../errors.js';
import { InvalidValue, leastNumber, oneOf, timeZone } from './setting-values.js';

/** How the settings of the detector are read from flags; errors name the flag. */
export interface DetectorFlags {
  timeZone: string;
  direction: Direction;
  leastDeviation: number;
  leastRelativeDeviation: number;
}

/** Of the detector that judges samples; `--sensitivity` besides. */
export const DETECTOR_FLAGS = [
  '--time-zone',
  '--direction',
  '--least-deviation',
  '--least-relative-deviation',
];

/** The same words as `seismo serve` has, for commands that judge samples by themselves. */
export function addDetectorFlags(command: Command): void {
  command
    .addOption(
      new Option('--time-zone <zone>', 'zone whose time of day the series follow, for example Europe/Berlin')
        .argParser(reader('--time-zone', timeZone))
        .default('UTC'),
    )
    .addOption(
      new Option('--direction <way>', 'which way samples are off that are told: up, down or both')
        .argParser(reader('--direction', oneOf('up', 'down', 'both')))
        .default('both'),
    )
    .addOption(
      new Option('--least-deviation <n>', 'a sample off by less, in the unit of its series, is not told')
        .argParser(reader('--least-deviation', leastNumber))
        .default(0),
    )
    .addOption(
      new Option(
        '--least-relative-deviation <share>',
        'nor one off by a smaller share of what was expected; 0.1 is a tenth',
      )
        .argParser(reader('--least-relative-deviation', leastNumber))
        .default(0),
    );
}

/** What the flags say, for the engine; the sensitivity is the caller's. */
export function detectorOptions(flags: DetectorFlags): DetectorOptions {
  const { timeZone, direction, leastDeviation, leastRelativeDeviation } = flags;
  return { timeZone, direction, leastDeviation, leastRelativeDeviation };
}

export function readSensitivity(flag: string, text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= 1000) return value;
  throw new AppError('usage', `${flag} must be a number above 0 and at most 1000, not "${text}".`, {
    field: flag,
  });
}

function reader<T>(flag: string, read: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      throw new AppError('usage', `${flag} ${error.message}, not "${text}".`, {
        field: flag,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  };
}
